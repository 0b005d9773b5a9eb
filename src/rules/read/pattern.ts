import { isMap, isSeq } from "yaml";
import { parseCidr } from "../matchers/address.js";
import type { Place } from "../../kernel/index.js";
import type { Reader, Value } from "./reader.js";
import {
  COMPARISON_OPERATORS,
  PATTERN_KINDS,
  type Comparison,
  type PatternKind,
  type PatternSource,
  type QuantSource,
} from "./source.js";

/** A pattern, or a list of patterns of which one is enough. */
export function readPatterns(reader: Reader, value: Value, what: string): readonly PatternSource[] {
  if (isSeq(value)) {
    if (value.items.length === 0)
      reader.refuse("CHP_RULES_SHAPE", `${what} is an empty list`, reader.place(value));
    return (value.items as Value[]).flatMap((item) => readPattern(reader, item, what)); // nodes of a parsed sequence
  }
  return readPattern(reader, value, what);
}

function readPattern(reader: Reader, value: Value, what: string): readonly PatternSource[] {
  if (!isMap(value)) {
    const text = reader.text(value, what);
    if (text === undefined) return [];
    return [{ kind: "plain", values: [{ text, at: reader.place(value) }], caseSensitive: true }];
  }
  const out: PatternSource[] = [];
  let caseSensitive = true;
  for (const { key, at, value: inner } of reader.mapping(value, what, [...PATTERN_KINDS, "case"])) {
    if (key === "case") caseSensitive = reader.boolean(inner, `${what}.case`) ?? true;
    else out.push(...typedPattern(reader, key as PatternKind, { value: inner, what, at })); // key is one of PATTERN_KINDS here
  }
  if (out.length === 0 && caseSensitive)
    reader.refuse("CHP_RULES_SHAPE", `${what} names no pattern`, reader.place(value));
  return out.map((pattern) => ({ ...pattern, caseSensitive }));
}

function typedPattern(
  reader: Reader,
  kind: PatternKind,
  { value, what, at }: { value: Value; what: string; at: Place },
): readonly PatternSource[] {
  if (kind === "num") {
    const comparison = readComparison(reader, value, `${what}.num`);
    return comparison === undefined
      ? []
      : [{ kind, values: [{ text: "", at }], caseSensitive: true, comparison }];
  }
  const values = reader.texts(value, `${what}.${kind}`);
  if (kind === "cidr") {
    for (const { text, at: where } of values) {
      if (parseCidr(text) === null)
        reader.refuse(
          "CHP_RULES_SHAPE",
          `"${text}" is not an address or a network like 10.0.0.0/8`,
          where,
        );
    }
  }
  return values.length === 0 ? [] : [{ kind, values, caseSensitive: true }];
}

/** Patterns with `any` / `all` / `none` / `count`; plain patterns mean `any`. */
export function readQuant(reader: Reader, value: Value, what: string): QuantSource {
  const keys = ["any", "all", "none", "count"];
  const quantified =
    isMap(value) &&
    value.items.some((pair) => keys.includes(String((pair.key as { value?: unknown }).value))); // keys of a parsed map are scalars
  if (!quantified)
    return { any: readPatterns(reader, value, what), all: [], none: [], count: undefined };
  const out: {
    any: readonly PatternSource[];
    all: readonly PatternSource[];
    none: readonly PatternSource[];
    count: Comparison | undefined;
  } = { any: [], all: [], none: [], count: undefined };
  for (const { key, value: inner } of reader.mapping(value, what, keys)) {
    if (key === "count") out.count = readComparison(reader, inner, `${what}.count`);
    else if (key === "any") out.any = readPatterns(reader, inner, `${what}.any`);
    else if (key === "all") out.all = readPatterns(reader, inner, `${what}.all`);
    else out.none = readPatterns(reader, inner, `${what}.none`);
  }
  return out;
}

/** `>= 3`, `7`, `<5`. */
export function readComparison(reader: Reader, value: Value, what: string): Comparison | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  const match = /^\s*(>=|<=|>|<|==)?\s*(\d+(?:\.\d+)?)\s*$/.exec(text);
  if (match === null) {
    reader.refuse("CHP_RULES_SHAPE", `${what} must look like ">= 3"`, reader.place(value));
    return undefined;
  }
  const operator = COMPARISON_OPERATORS.find((one) => one === match[1]) ?? "==";
  return { operator, value: Number(match[2]) };
}
