import { isMap, isScalar, isSeq } from "yaml";
import type { Place } from "../../../kernel/index.js";
import { mentions } from "../../read/rule-keys.js";
import type { Reader, Value } from "../../read/reader.js";
import { readCondition, type Condition } from "./condition.js";
import { readField, readKeyword, type LogSource, type MatchData } from "./field.js";
import { readSigmaValue, type SigmaValue } from "./value.js";

/** Says what can not be expressed here, at its place. */
export type Refuse = (why: string, at: Place) => void;

export interface DetectionNeeds {
  readonly reader: Reader;
  readonly source: LogSource;
  readonly refuse: Refuse;
}

/** The `detection` of a Sigma rule as a match; undefined when something was refused. */
export function readDetection(value: Value, needs: DetectionNeeds): MatchData | undefined {
  const { reader, refuse } = needs;
  const entries = reader.entries(value, "detection");
  const selections = new Map<string, MatchData | undefined>();
  for (const { key, value: inner } of entries) {
    if (key !== "condition" && key !== "timeframe")
      selections.set(key, readSelection(inner, needs));
  }
  if (mentions(value, "timeframe")) refuse("a timeframe", reader.place(value));
  const conditions = entries.find((entry) => entry.key === "condition");
  if (conditions === undefined) {
    refuse("a rule without a condition", reader.place(value));
    return undefined;
  }
  const matches = reader.texts(conditions.value, "condition").map(({ text, at }) => {
    const reading = readCondition(text, [...selections.keys()]);
    if (reading.ok) return matchOf(reading.condition, selections);
    refuse(reading.why, at);
    return undefined;
  });
  return matches.every((match) => match !== undefined) ? anyOf(matches) : undefined;
}

function matchOf(
  condition: Condition,
  selections: ReadonlyMap<string, MatchData | undefined>,
): MatchData | undefined {
  switch (condition.kind) {
    case "name":
      return selections.get(condition.name);
    case "not": {
      const part = matchOf(condition.part, selections);
      return part === undefined ? undefined : { not: part };
    }
    case "and":
    case "or": {
      const parts = condition.parts.map((part) => matchOf(part, selections));
      if (!parts.every((part) => part !== undefined) || parts.length === 0) return undefined;
      return condition.kind === "and" ? allOf(parts) : anyOf(parts);
    }
  }
}

/** A mapping: all fields; a list of mappings: any of them; a list of texts: keywords. */
function readSelection(value: Value, needs: DetectionNeeds): MatchData | undefined {
  if (isSeq(value)) {
    const items = value.items as Value[]; // nodes of a parsed sequence
    const parts = items.map((item) =>
      isMap(item)
        ? readFields(item, needs)
        : readValues([item], { ...needs, field: "", modifiers: [] }),
    );
    return parts.length > 0 && parts.every((part) => part !== undefined) ? anyOf(parts) : undefined;
  }
  if (isMap(value)) return readFields(value, needs);
  return readValues([value], { ...needs, field: "", modifiers: [] });
}

function readFields(value: Value, needs: DetectionNeeds): MatchData | undefined {
  const parts = needs.reader.entries(value, "selection").map(({ key, value: inner }) => {
    const [field = "", ...modifiers] = key.split("|");
    const values = isSeq(inner) ? (inner.items as Value[]) : [inner]; // nodes of a parsed sequence
    return readValues(values, { ...needs, field, modifiers });
  });
  return parts.length > 0 && parts.every((part) => part !== undefined) ? allOf(parts) : undefined;
}

function readValues(
  values: readonly Value[],
  needs: DetectionNeeds & { readonly field: string; readonly modifiers: readonly string[] },
): MatchData | undefined {
  const { field, modifiers, reader, refuse, source } = needs;
  const what = field === "" ? "keywords" : field;
  if (field === "" && source === "process") {
    refuse("keywords of a process", reader.place(values[0]));
    return undefined;
  }
  const parts: MatchData[] = [];
  const read: SigmaValue[] = [];
  for (const value of values) {
    const text = textOf(value);
    const reading =
      text === null
        ? { ok: false as const, why: `an absent value of ${what}` }
        : readSigmaValue(text, modifiers);
    if (!reading.ok) refuse(reading.why, reader.place(value));
    else read.push(reading.value);
  }
  if (read.length < values.length || read.length === 0) return undefined;
  // Values of one kind become one list: a rule is found by the names of its programs.
  for (const value of modifiers.includes("all") ? read : merged(read)) {
    const reading = field === "" ? readKeyword(value, source) : readField(field, value, source);
    if (reading.ok) parts.push(reading.match);
    else {
      refuse(reading.why, reader.place(values[0]));
      return undefined;
    }
  }
  return modifiers.includes("all") ? allOf(parts) : anyOf(parts);
}

function textOf(value: Value): string | null {
  if (!isScalar(value) || value.value === null) return null;
  const { value: plain, source } = value;
  if (typeof plain === "string") return plain;
  return source ?? (typeof plain === "number" || typeof plain === "boolean" ? `${plain}` : null);
}

function merged(values: readonly SigmaValue[]): readonly SigmaValue[] {
  const out = new Map<string, SigmaValue>();
  for (const value of values) {
    const key = `${value.kind} ${value.caseSensitive}`;
    const before = out.get(key);
    out.set(
      key,
      before === undefined ? value : { ...before, texts: [...before.texts, ...value.texts] },
    );
  }
  return [...out.values()];
}

function anyOf(parts: readonly MatchData[]): MatchData {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { any: parts };
}

function allOf(parts: readonly MatchData[]): MatchData {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { all: parts };
}
