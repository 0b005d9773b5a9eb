import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import { fault, type Fault, type FaultCode, type Place } from "../../kernel/index.js";

/** A node of a rule file; absent and `null` are the same. */
export type Value = Node | null | undefined;

/** One key of a mapping, with the place of the key. */
export interface Entry {
  readonly key: string;
  readonly at: Place;
  readonly value: Value;
}

/**
 * Reads the nodes of one file strictly. Whatever is wrong becomes a fault with the place of the node;
 * reading goes on, so that all faults of a file are told at once.
 */
export interface Reader {
  readonly root: Value;
  readonly faults: Fault[];
  place(value: Value): Place;
  refuse(code: FaultCode, message: string, at: Place): void;
  /** Entries of a mapping; unknown keys are refused with the nearest known one. */
  mapping(value: Value, what: string, known: readonly string[]): readonly Entry[];
  /** Entries of a mapping whose keys are free. */
  entries(value: Value, what: string): readonly Entry[];
  list(value: Value, what: string): readonly Value[];
  text(value: Value, what: string): string | undefined;
  integer(
    value: Value,
    what: string,
    range: { readonly min: number; readonly max: number },
  ): number | undefined;
  boolean(value: Value, what: string): boolean | undefined;
  /** One of the words; the message lists them. */
  oneOf<T extends string>(value: Value, what: string, words: readonly T[]): T | undefined;
  /** A text or a list of texts. */
  texts(value: Value, what: string): readonly Placed[];
}

export interface Placed {
  readonly text: string;
  readonly at: Place;
  /** Characters between the place and the text: 1 for a quote. */
  readonly indent?: number;
}

/** Larger files are not written by hand; the parser's memory grows with the text. */
const FILE_CHARS_MAX = 8 * 1024 * 1024;

export function createReader(file: string, source: string): Reader {
  const faults: Fault[] = [];
  const lines = new LineCounter();
  const start: Place = { file, line: 1, column: 1 };
  let root: Value = null;
  if (source.length > FILE_CHARS_MAX) {
    faults.push(fault("CHP_RULES_YAML", `larger than ${FILE_CHARS_MAX} characters`, start));
  } else {
    const document = parseDocument(source, {
      lineCounter: lines,
      uniqueKeys: true,
      prettyErrors: false,
    });
    for (const error of [...document.errors, ...document.warnings]) {
      faults.push(fault("CHP_RULES_YAML", firstLine(error.message), placeAt(error.pos[0])));
    }
    root = document.errors.length === 0 ? document.contents : null;
  }

  function placeAt(offset: number): Place {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  }
  function place(value: Value): Place {
    return value?.range ? placeAt(value.range[0]) : start;
  }
  function refuse(code: FaultCode, message: string, at: Place): void {
    faults.push(fault(code, message, at));
  }
  function wrong(value: Value, what: string, wanted: string): void {
    refuse("CHP_RULES_SHAPE", `${what} must be ${wanted}${describeGot(value)}`, place(value));
  }
  function entries(value: Value, what: string): readonly Entry[] {
    if (!isMap(value)) {
      if (value !== undefined) wrong(value, what, "a mapping");
      return [];
    }
    return (value as YAMLMap<unknown, Node | null>).items.flatMap((pair) => entryOf(pair)); // items of a parsed map hold nodes
  }
  function entryOf(pair: Pair<unknown, Node | null>): readonly Entry[] {
    const key = pair.key;
    if (!isScalar(key)) {
      refuse("CHP_RULES_SHAPE", "a key must be a plain word", start);
      return [];
    }
    if (isAlias(pair.value)) {
      refuse("CHP_RULES_SHAPE", "YAML aliases are not read; use `lists`", place(pair.value));
      return [];
    }
    return [{ key: String(key.value), at: place(key), value: pair.value }];
  }
  return {
    root,
    faults,
    place,
    refuse,
    entries,
    mapping(value, what, known) {
      return entries(value, what).filter((entry) => {
        if (known.includes(entry.key)) return true;
        const near = nearest(entry.key, known);
        const hint = near === null ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
        refuse("CHP_RULES_SHAPE", `unknown key "${entry.key}" in ${what}; ${hint}`, entry.at);
        return false;
      });
    },
    list(value, what) {
      if (isSeq(value)) return value.items as Value[]; // items of a parsed sequence are nodes
      if (value !== undefined) wrong(value, what, "a list");
      return [];
    },
    text(value, what) {
      if (isScalar(value) && typeof value.value === "string") return value.value;
      if (isScalar(value) && (typeof value.value === "number" || typeof value.value === "boolean"))
        return value.source ?? String(value.value);
      wrong(value, what, "a text");
      return undefined;
    },
    integer(value, what, { min, max }) {
      const number = isScalar(value) ? value.value : undefined;
      if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max)
        return number;
      wrong(value, what, `a whole number from ${min} to ${max}`);
      return undefined;
    },
    boolean(value, what) {
      if (isScalar(value) && typeof value.value === "boolean") return value.value;
      wrong(value, what, "true or false");
      return undefined;
    },
    oneOf<T extends string>(value: Value, what: string, words: readonly T[]) {
      const text = isScalar(value) ? String(value.value) : "";
      const found = words.find((word) => word === text);
      if (found !== undefined) return found;
      const near = nearest(text, words);
      const hint = near === null ? "" : ` (did you mean "${near}"?)`;
      wrong(value, what, `one of ${words.join(", ")}${hint}`);
      return undefined;
    },
    texts(value, what) {
      const items = isSeq(value) ? (value.items as Value[]) : [value]; // items of a parsed sequence are nodes
      if (items.length === 0) wrong(value, what, "a text or a list that is not empty");
      return items.flatMap((item) => {
        const text = this.text(item, what);
        return text === undefined
          ? []
          : [{ text, at: place(item), indent: isQuoted(item) ? 1 : 0 }];
      });
    },
  };
}

function isQuoted(value: Value): boolean {
  return isScalar(value) && (value.type === "QUOTE_SINGLE" || value.type === "QUOTE_DOUBLE");
}

function firstLine(message: string): string {
  return message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? message;
}

function describeGot(value: Value): string {
  if (value === null || value === undefined) return ", not empty";
  if (isMap(value)) return ", not a mapping";
  if (isSeq(value)) return ", not a list";
  return isScalar(value) ? `, not ${JSON.stringify(value.value)}` : "";
}

/** The known word at edit distance 1 or 2 (or a third of its length), if there is one. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, both words short. */
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 40) return 40;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
