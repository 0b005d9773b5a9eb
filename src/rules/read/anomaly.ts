import {
  ANOMALY_DETECTORS,
  type AnomalyActivity,
  type AnomalyDetector,
} from "../../model/index.js";
import { readComparison } from "./pattern.js";
import { nearest, type Reader, type Value } from "./reader.js";
import type { AnomalySource } from "./source.js";

/** `anomaly: { detector: keystroke, score: ">=0.99", warm: true }`; several detectors mean any. */
export function readAnomaly(reader: Reader, value: Value): AnomalySource {
  const out: { -readonly [K in keyof AnomalySource]: AnomalySource[K] } = { detectors: [] };
  for (const { key, value: inner } of reader.mapping(value, "anomaly", KEYS)) {
    if (key === "detector") out.detectors = readDetectors(reader, inner);
    else if (key === "score") {
      const score = readComparison(reader, inner, "anomaly.score");
      if (score !== undefined) out.score = score;
    } else out.warm = reader.boolean(inner, "anomaly.warm") ?? true;
  }
  if (out.detectors.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "anomaly names no detector", reader.place(value));
  return out;
}

const KEYS = ["detector", "score", "warm"];
const EVENT_KEYS = ["type", "detector", "score", "warm"];

function readDetectors(reader: Reader, value: Value): readonly AnomalyDetector[] {
  return reader.texts(value, "anomaly.detector").flatMap(({ text, at }) => {
    // Names of an older vocabulary of these rules.
    const name = text === "command_sequence" ? "sequence" : text.replace("_", "-");
    const known = ANOMALY_DETECTORS.find((one) => one === name);
    if (known !== undefined) return [known];
    const near = nearest(text, ANOMALY_DETECTORS);
    const hint =
      near === null ? `known: ${ANOMALY_DETECTORS.join(", ")}` : `did you mean "${near}"?`;
    reader.refuse("CHP_RULES_SHAPE", `unknown anomaly.detector "${text}"; ${hint}`, at);
    return [];
  });
}

/** The `event` of a test: `{ type: anomaly, detector: keystroke, score: 0.95, warm: true }`. */
export function readAnomalyEvent(reader: Reader, value: Value): AnomalyActivity {
  const out: { -readonly [K in keyof AnomalyActivity]: AnomalyActivity[K] } = {
    kind: "anomaly",
    detector: "keystroke",
    score: 1,
    warm: true,
  };
  for (const { key, value: inner } of reader.mapping(value, "test.event", EVENT_KEYS)) {
    const where = `test.event.${key}`;
    if (key === "detector") out.detector = readDetectors(reader, inner)[0] ?? out.detector;
    else if (key === "score") {
      const score = Number(reader.text(inner, where));
      if (score >= 0 && score <= 1) out.score = score;
      else reader.refuse("CHP_RULES_SHAPE", "a score is a number from 0 to 1", reader.place(inner));
    } else if (key === "warm") out.warm = reader.boolean(inner, where) ?? true;
  }
  return out;
}
