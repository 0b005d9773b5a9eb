import { isMap, isScalar, isSeq } from "yaml";
import type { Place } from "../../../kernel/index.js";
import { mentions } from "../../read/rule-keys.js";
import type { Reader, Value } from "../../read/reader.js";
import { readCondition, type Condition } from "./condition.js";
import { readExists, readField, readKeyword, type LogSource, type MatchData } from "./field.js";
import { readSigmaValue, type SigmaValue } from "./value.js";

/** Says what can not be expressed here, at its place. */
export type Refuse = (why: string, at: Place) => void;

export interface DetectionNeeds {
  readonly reader: Reader;
  readonly source: LogSource;
  readonly refuse: Refuse;
}

export interface Detection {
  /** Undefined: nothing of it can be expressed, or something is wrong with it. */
  readonly match: MatchData | undefined;
  /** What could not be expressed and was left out: a filter, or one of several ways to hold. */
  readonly lost: readonly Lost[];
}

export interface Lost {
  readonly why: string;
  readonly at: Place;
}

/** A selection, or why nothing here says the same. */
type Selection = { readonly match: MatchData } | { readonly lost: readonly Lost[] };

/**
 * The `detection` of a Sigma rule as a match. A selection that can not be expressed is left out, and told,
 * where the rule still means what it says without it: as one of several ways to hold (it hits less often)
 * or as a filter (it hits more often). Elsewhere the rule is refused.
 */
export function readDetection(value: Value, needs: DetectionNeeds): Detection {
  const { reader, refuse } = needs;
  const entries = reader.entries(value, "detection");
  const selections = new Map<string, Selection>();
  for (const { key, value: inner } of entries) {
    if (key !== "condition" && key !== "timeframe")
      selections.set(key, readSelection(inner, needs));
  }
  if (mentions(value, "timeframe")) refuse("a timeframe", reader.place(value));
  const conditions = entries.find((entry) => entry.key === "condition");
  if (conditions === undefined) {
    refuse("a rule without a condition", reader.place(value));
    return { match: undefined, lost: [] };
  }
  const lost: Lost[] = [];
  const matches = reader.texts(conditions.value, "condition").map(({ text, at }) => {
    const reading = readCondition(text, [...selections.keys()]);
    if (reading.ok) return matchOf(reading.condition, { selections, lost });
    refuse(reading.why, at);
    return undefined;
  });
  const match = matches.every((one) => one !== undefined) ? anyOf(matches) : undefined;
  if (match === undefined) for (const { why, at } of lost) refuse(why, at);
  return { match, lost: match === undefined ? [] : unique(lost) };
}

interface Building {
  readonly selections: ReadonlyMap<string, Selection>;
  readonly lost: Lost[];
}

function matchOf(condition: Condition, building: Building): MatchData | undefined {
  switch (condition.kind) {
    case "name": {
      const selection = building.selections.get(condition.name);
      if (selection === undefined) return undefined;
      if ("match" in selection) return selection.match;
      building.lost.push(...selection.lost);
      return undefined;
    }
    case "not": {
      const part = matchOf(condition.part, building);
      return part === undefined ? undefined : { not: part };
    }
    case "or": {
      // Without one of its ways to hold it holds less often, and never when it should not.
      const parts = condition.parts.flatMap((part) => matchOf(part, building) ?? []);
      return parts.length === 0 ? undefined : anyOf(parts);
    }
    case "and":
      return bothOf(condition.parts, building);
  }
}

/** Filters that can not be expressed are left out; what has to hold is not. */
function bothOf(conditions: readonly Condition[], building: Building): MatchData | undefined {
  const parts: MatchData[] = [];
  for (const condition of conditions) {
    const part = matchOf(condition, building);
    if (part !== undefined) parts.push(part);
    else if (condition.kind !== "not") return undefined;
  }
  return parts.some((part) => !("not" in part)) || parts.length === conditions.length
    ? allOf(parts)
    : undefined;
}

/** A mapping: all fields; a list of mappings: any of them; a list of texts: keywords. */
function readSelection(value: Value, needs: DetectionNeeds): Selection {
  if (isSeq(value)) {
    const items = value.items as Value[]; // nodes of a parsed sequence
    const parts = items.map((item) =>
      isMap(item)
        ? readFields(item, needs)
        : readValues([item], { ...needs, field: "", modifiers: [] }),
    );
    return joined(parts, anyOf, lostAt(needs, value, "an empty selection"));
  }
  if (isMap(value)) return readFields(value, needs);
  return readValues([value], { ...needs, field: "", modifiers: [] });
}

function readFields(value: Value, needs: DetectionNeeds): Selection {
  const parts = needs.reader.entries(value, "selection").map(({ key, value: inner }) => {
    const [field = "", ...modifiers] = key.split("|");
    const values = isSeq(inner) ? (inner.items as Value[]) : [inner]; // nodes of a parsed sequence
    return readValues(values, { ...needs, field, modifiers });
  });
  return joined(parts, allOf, lostAt(needs, value, "an empty selection"));
}

type FieldNeeds = DetectionNeeds & {
  readonly field: string;
  readonly modifiers: readonly string[];
};

function readValues(values: readonly Value[], needs: FieldNeeds): Selection {
  const { field, modifiers, reader, source } = needs;
  const what = field === "" ? "keywords" : field;
  const lose = (why: string): Selection => lostAt(needs, values[0], why);
  if (field === "" && source !== "keywords" && source !== "audit")
    return lose("keywords of a process");
  if (modifiers.includes("exists")) return readPresence(values, needs);
  const wanted = modifiers.filter((modifier) => modifier !== "neq");
  const lost: Lost[] = [];
  const read: SigmaValue[] = [];
  for (const value of values) {
    const text = textOf(value);
    const reading =
      text === null
        ? { ok: false as const, why: `an absent value of ${what}` }
        : readSigmaValue(text, wanted);
    if (!reading.ok) lost.push({ why: reading.why, at: reader.place(value) });
    else read.push(reading.value);
  }
  if (lost.length > 0) return { lost };
  if (read.length === 0) return lose(`no value of ${what}`);
  const every = modifiers.includes("all");
  const parts: MatchData[] = [];
  // Values of one kind become one list: a rule is found by the names of its programs.
  for (const value of every ? read : merged(read)) {
    const reading = field === "" ? readKeyword(value, source) : readField(field, value, source);
    if (!reading.ok) return lose(reading.why);
    parts.push(reading.match);
  }
  const match = every ? allOf(parts) : anyOf(parts);
  return { match: modifiers.includes("neq") ? { not: match } : match };
}

/** `CommandLine|exists: true` */
function readPresence(values: readonly Value[], needs: FieldNeeds): Selection {
  const [value] = values;
  const wanted = isScalar(value) ? value.value : undefined;
  if (typeof wanted !== "boolean" || needs.modifiers.length > 1)
    return lostAt(needs, value, 'the modifier "exists" with more than true or false');
  const reading = readExists(needs.field, wanted, needs.source);
  return reading.ok ? { match: reading.match } : lostAt(needs, value, reading.why);
}

function lostAt({ reader }: DetectionNeeds, value: Value, why: string): Selection {
  return { lost: [{ why, at: reader.place(value) }] };
}

function joined(
  parts: readonly Selection[],
  join: (parts: readonly MatchData[]) => MatchData,
  empty: Selection,
): Selection {
  const lost = parts.flatMap((part) => ("lost" in part ? part.lost : []));
  if (lost.length > 0) return { lost };
  const matches = parts.flatMap((part) => ("match" in part ? [part.match] : []));
  return matches.length === 0 ? empty : { match: join(matches) };
}

function unique(lost: readonly Lost[]): readonly Lost[] {
  const seen = new Set<string>();
  return lost.filter(({ why, at }) => {
    const key = `${at.line}:${at.column}:${why}`;
    return seen.has(key) ? false : seen.add(key);
  });
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
    // A comparison stands for itself: there is no list of them.
    const key =
      value.kind === "num" ? `num ${value.texts.join()}` : `${value.kind} ${value.caseSensitive}`;
    const before = out.get(key);
    out.set(
      key,
      before === undefined ? value : { ...before, texts: [...before.texts, ...value.texts] },
    );
  }
  return [...out.values()];
}

export function anyOf(parts: readonly MatchData[]): MatchData {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { any: parts };
}

function allOf(parts: readonly MatchData[]): MatchData {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { all: parts };
}
