import type { Fault } from "../../kernel/index.js";
import { fault } from "../../kernel/index.js";
import { compileGlob, matchesSteps, resolvePath } from "../../shell/index.js";
import type { Comparison, PatternSource } from "../read/source.js";
import type { Placed } from "../read/reader.js";
import { nearest } from "../read/reader.js";
import { contains, parseCidr } from "./address.js";
import { hostOf } from "./host.js";
import { pathHint } from "./hints.js";
import { foldText } from "./literals.js";
import { compilePathPattern, type Shapes } from "./path-pattern.js";
import { compileRegex } from "./regex.js";

/** Where a word stands, for the patterns that compare paths. */
export interface Standpoint {
  readonly cwd: string | undefined;
  readonly home: string | undefined;
  /** Words that were resolved from here already: many rules ask about the same few. */
  readonly resolved?: Map<string, string>;
  readonly shapes?: Shapes;
  readonly hosts?: Map<string, string>;
}

function resolveAt(word: string, at: Standpoint): string {
  const known = at.resolved?.get(word);
  if (known !== undefined) return known;
  const path = resolvePath(word, at);
  at.resolved?.set(word, path);
  return path;
}

/** A compiled pattern; several values of one pattern mean any of them. */
export interface Pattern {
  matches(value: string, at: Standpoint): boolean;
  /** Values that must be equal for a match: rules are found by them. Null when there is no such list. */
  readonly literals: readonly string[] | null;
  /** Lower-case texts of which one must occur in the word, as it is or resolved; empty when unknown. */
  readonly hints: readonly string[];
  /** Of patterns over paths: plain beginnings, for words that have wildcards of their own. */
  readonly leads?: readonly string[];
}

/**
 * `word`: one word (exec, args, via); plain text is a literal, a glob, or a path when it looks like one.
 * `name`: the name of a program; `.` and `[` are such names, no path and no set of characters.
 * `text`: a whole line (raw, normalized, stdin); plain text is a literal inside it, or a glob over it.
 */
export type PatternUse = "word" | "name" | "text" | "path";

export interface PatternNeeds {
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly faults: Fault[];
  readonly use: PatternUse;
  /** The same sources have compiled before: expressions are built when first needed. */
  readonly checked: boolean;
}

export function compilePattern(source: PatternSource, needs: PatternNeeds): Pattern {
  const values = source.values.flatMap((value) => compileValue(source, value, needs) ?? []);
  const literals = values.every((value) => value.literals !== null)
    ? values.flatMap((value) => value.literals ?? [])
    : null;
  const hints = values.every((value) => value.hints.length > 0)
    ? values.flatMap((value) => value.hints)
    : [];
  const only = values[0];
  if (only !== undefined && values.length === 1) return only;
  const set =
    source.caseSensitive && literals !== null && (needs.use === "word" || needs.use === "name")
      ? new Set(literals)
      : null;
  return {
    matches: (value, at) =>
      set === null ? values.some((one) => one.matches(value, at)) : set.has(value),
    literals,
    hints,
    leads: values.flatMap((value) => value.leads ?? []),
  };
}

function compileValue(
  source: PatternSource,
  value: Placed,
  needs: PatternNeeds,
): Pattern | undefined {
  const { text } = value;
  const fold = source.caseSensitive ? (one: string): string => one : foldText;
  const folded = fold(text);
  switch (source.kind) {
    case "plain":
      return compilePlain(text, { fold, use: needs.use });
    case "list":
      return compileList(source, value, needs);
    case "path":
      return compilePath(text, fold);
    case "glob":
      return compileGlobPattern(text, fold);
    case "equals":
      return textPattern((one) => fold(one) === folded, [foldText(text)]);
    case "contains":
      return textPattern((one) => fold(one).includes(folded), [foldText(text)]);
    case "startswith":
      return textPattern((one) => fold(one).startsWith(folded), [foldText(text)]);
    case "endswith":
      return textPattern((one) => fold(one).endsWith(folded), [foldText(text)]);
    case "num":
      return numberPattern(source.comparison);
    case "cidr": {
      const network = parseCidr(text);
      return textPattern(
        (one, at) => network !== null && contains(network, hostOf(one, at.hosts)),
        [],
      );
    }
    case "host": {
      const steps = compileGlob(text.toLowerCase());
      return textPattern((one, at) => matchesSteps(steps, hostOf(one, at.hosts).toLowerCase()), []);
    }
    case "regex": {
      const { caseSensitive } = source;
      const regex = compileRegex(value, { caseSensitive, checked: needs.checked });
      if (!regex.ok) {
        needs.faults.push(regex.error);
        return undefined;
      }
      return textPattern((one) => regex.value.test(one), regex.value.literals);
    }
  }
}

type Fold = (text: string) => string;

function compilePlain(text: string, { fold, use }: { fold: Fold; use: PatternUse }): Pattern {
  const wild = (use === "name" ? WILD_NAME : WILD).test(text);
  if (use === "path" || (use === "word" && LOOKS_LIKE_PATH.test(text)))
    return compilePath(text, fold);
  if (use === "text" && !wild) {
    const folded = fold(text);
    return textPattern((one) => fold(one).includes(folded), [foldText(text)]);
  }
  if (wild) return compileGlobPattern(text, fold);
  const folded = fold(text);
  return {
    matches: (one) => fold(one) === folded,
    literals: fold === foldText ? null : [text],
    hints: [foldText(text)],
  };
}

const WILD = /[*?[]/;
/** `python3.*`, `mkfs.[ex]*`; not `[` and `[[`. */
const WILD_NAME = /[*?]|\[[^\]]+\]/;

/** `/x`, `~/x`, `./x`, `../x`, `**\/x`. */
const LOOKS_LIKE_PATH = /^(?:\/|~(?:\/|$)|\.{1,2}(?:\/|$)|\*\*\/)/;

/** Hints shorter than this occur almost everywhere. */
const HINT_CHARS_MIN = 2;

/** Looks at the word as written, and as a path when it is one. */
function textPattern(
  test: (text: string, at: Standpoint) => boolean,
  hints: readonly string[],
): Pattern {
  return {
    matches(value, at) {
      if (test(value, at)) return true;
      if (!value.includes("/") || /\s/.test(value)) return false;
      const resolved = resolveAt(value, at);
      return resolved !== value && test(resolved, at);
    },
    literals: null,
    hints: hints.every((hint) => hint.length >= HINT_CHARS_MIN) ? hints : [],
  };
}

function compileGlobPattern(text: string, fold: Fold): Pattern {
  const steps = compileGlob(fold(text));
  const longest = text
    .split(/[*?\\]|\[[^\]]*\]?/)
    .reduce((best, part) => (part.length > best.length ? part : best), "");
  return textPattern(
    (one) => matchesSteps(steps, fold(one)),
    longest === "" ? [""] : [foldText(longest)],
  );
}

/** Compares as a path: the word itself, what stands behind its `=`, relative to here and to home. */
function compilePath(text: string, fold: Fold): Pattern {
  const plain = text.startsWith("/") && !text.includes("*") ? resolvePath(text, {}) : text;
  const pattern = compilePathPattern(fold(plain));
  const anchor = /^[/~]/.test(plain) ? plain.charAt(0) : null;
  const fromHome = plain.startsWith("~");
  const hint = pathHint(plain);
  return {
    matches(value, at) {
      if (matchesPath(value, at)) return true;
      const equals = value.indexOf("=");
      return equals > 0 && matchesPath(value.slice(equals + 1), at);
    },
    literals: null,
    // Words with wildcards are looked up as they are written: `/ET?` may mean it too.
    hints: hint.text === "" || fold === foldText ? [] : [hint.text],
    leads: [hint.lead],
  };

  function matchesPath(value: string, at: Standpoint): boolean {
    const resolved = fold(resolveAt(value, at));
    // A relative word without a known directory may be anywhere: it is no absolute path.
    const comparable = anchor === null || resolved.charAt(0) === anchor;
    if (comparable && pattern.matches(resolved, at.shapes)) return true;
    if (at.home === undefined || !fromHome) return false;
    const home = fold(at.home);
    if (resolved === home) return pattern.matches("~");
    return resolved.startsWith(`${home}/`) && pattern.matches(`~${resolved.slice(home.length)}`);
  }
}

function compileList(
  source: PatternSource,
  value: Placed,
  needs: PatternNeeds,
): Pattern | undefined {
  const values = needs.lists.get(value.text);
  if (values === undefined) {
    const near = nearest(value.text, [...needs.lists.keys()]);
    const hint = near === null ? "" : `; did you mean "${near}"?`;
    needs.faults.push(
      fault("CHP_RULES_REFERENCE", `there is no list "${value.text}"${hint}`, value.at),
    );
    return undefined;
  }
  const placed = values.map((text) => ({ text, at: value.at }));
  return compilePattern({ ...source, kind: "plain", values: placed }, needs);
}

function numberPattern(comparison: Comparison | undefined): Pattern {
  return {
    matches: (value) =>
      comparison !== undefined &&
      /^-?\d+(?:\.\d+)?$/.test(value) &&
      compare(Number(value), comparison),
    literals: null,
    hints: [],
  };
}

export function compare(value: number, { operator, value: bound }: Comparison): boolean {
  switch (operator) {
    case ">=":
      return value >= bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case "<":
      return value < bound;
    case "==":
      return value === bound;
  }
}
