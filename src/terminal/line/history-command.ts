import type { LineReading } from "../../model/index.js";
import type { SessionHistory } from "./session-history.js";

type KnownHistory = Pick<SessionHistory, "length" | "at" | "sureOf">;

/**
 * `fc -s [old=new ...] [command]` runs a command from before again, and bash keeps that one in its history
 * instead of the line: by number from the newest (`-2`), or by its beginning. What it can not be known to
 * bring stays as it was typed, and is judged as a way to run what does not show.
 */
export function rerun(reading: LineReading, history: KnownHistory): LineReading {
  const match = FC.exec(reading.text);
  if (reading.hidden || match === null) return reading;
  const place = placeOf(match.groups?.["command"] ?? "-1", history);
  const entry = place === null ? null : history.at(place);
  if (place === null || entry === null || entry.includes("\n")) return reading;
  let text = entry;
  for (const pair of (match.groups?.["pairs"] ?? "").trim().split(/\s+/)) {
    const at = pair.indexOf("=");
    if (at > 0) text = text.replaceAll(pair.slice(0, at), () => pair.slice(at + 1));
  }
  const most = history.sureOf(place) ? SURE : DOUBTED;
  return {
    ...reading,
    text,
    typed: reading.text,
    confidence: Math.min(reading.confidence, most),
    candidates: [text, ...reading.candidates],
  };
}

const SURE = 0.99;
const DOUBTED = 0.6;
/** Words in quotes, and several commands in a line, are left as they are. */
const FC =
  /^\s*fc\s+-s(?<pairs>(?:\s+[^\s'"\\$`;&|<>=]+=[^\s'"\\$`;&|<>]*)*)(?:\s+(?<command>[^\s'"\\$`;&|<>=]+))?\s*$/;

function placeOf(command: string, history: KnownHistory): number | null {
  if (/^-\d+$/.test(command)) return history.length + Number(command);
  // Other numbers count from before the session.
  if (/^\d+$/.test(command)) return null;
  for (let place = history.length - 1; place >= 0; place -= 1) {
    const entry = history.at(place);
    if (entry === null) return null;
    if (entry.startsWith(command)) return place;
  }
  return null;
}
