import type { ParameterExpansionPart } from "../syntax/parse-script.js";
import { setVariable, type Scope } from "../walk/scope.js";
import { joinTexts, known, UNKNOWN, unsure, weigh, type Text } from "./text.js";

/** What reading an expansion of zsh needs from the word evaluator. */
export interface ZshReading {
  readonly scope: Scope;
  /** Value of a text that stands for one word; null when it is none. */
  readonly evaluate: (text: string) => readonly Text[] | null;
}

interface ZshExpansion {
  /** Letters in the brackets, with what stands between the delimiters of those that take something. */
  readonly flags: ReadonlyMap<string, string>;
  readonly splits: boolean;
  /** A name, `${...}` inside, or a text in quotes. */
  readonly base: string;
  /** What follows it: `#pattern`, `:t`, `[1]`. */
  readonly rest: string;
}

/**
 * `${=x}`, `${(z)x}`, `${(j: :)a}`, `${${x}#y}`, `${x:t}`: what bash does not know, as zsh reads it (zshexpn,
 * "Parameter Expansion Flags"). That it is zsh which reads the line can not be seen, so every value is a
 * guess; null where the expansion is none of zsh's.
 */
export function zshParameter(
  part: ParameterExpansionPart,
  reading: ZshReading,
): readonly Text[] | null {
  const read = readZsh(part.text.slice(2, -1));
  if (read === null) return null;
  const base = baseValues(read, reading);
  return base === null ? [UNKNOWN] : flagged(base, read, reading).map(unsure);
}

const BASE =
  /^([=~^]*)(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?([=~^]*)(\$\{.*\}|\$\w+|\$\([^)]*\)|"[^"]*"|[\w@*]+)?(.*)$/s;

function readZsh(body: string): ZshExpansion | null {
  const match = BASE.exec(body);
  if (match === null) return null;
  const [, before = "", flags, behind = "", base = "", rest = ""] = match;
  const isZsh = before + behind !== "" || flags !== undefined || !/^[\w@*]*$/.test(base);
  // `${(L):-ETC}`: a text without a name.
  const text = flags === undefined ? undefined : /^:-(.*)$/s.exec(rest)?.[1];
  if (base === "" && text !== undefined)
    return { flags: readFlags(flags ?? ""), splits: false, base: `"${text}"`, rest: "" };
  if (base === "" || !(isZsh || MODIFIERS.test(rest))) return null;
  return { flags: readFlags(flags ?? ""), splits: (before + behind).includes("="), base, rest };
}

/** `j: :`, `s.,.`: a delimiter, what is meant, the delimiter again. */
function readFlags(text: string): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (!TAKING.has(letter)) {
      out.set(letter, "");
      continue;
    }
    const open = text.charAt(i + 1);
    const end = text.indexOf(CLOSING[open] ?? open, i + 2);
    out.set(letter, text.slice(i + 2, end < 0 ? undefined : end));
    i = end < 0 ? text.length : end;
  }
  return out;
}

const TAKING: ReadonlySet<string> = new Set(["j", "s", "l", "r", "I", "Z", "g", "_"]);
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };
/** `:t`, `:h`, `:s/a/b/`: the end of a path, what stands in front of it, and so on. */
const MODIFIERS = /^(?::(?:[htrelauPAQq]|g?s(.)(?:(?!\1).)*\1(?:(?!\1).)*\1?))+$/;

function baseValues(
  { base, rest, flags }: ZshExpansion,
  { scope, evaluate }: ZshReading,
): readonly Text[] | null {
  if (MODIFIERS.test(rest)) {
    const values = evaluate(/^[\w@*]/.test(base) ? `\${${base}}` : base);
    return values?.map((one) => modified(one, rest)) ?? null;
  }
  const plain = /^[\w@*]+$/.test(base) ? base : null;
  if (plain !== null) {
    const indirect = flags.has("P") ? "!" : "";
    const whole = rest === "" && flags.size > 0 && plain !== "@" ? "[@]" : "";
    return evaluate(`\${${indirect}${plain}${whole}${rest}}`);
  }
  if (rest === "") return evaluate(base);
  // What stands inside gets a name of its own, for as long as it is looked at.
  const inner = evaluate(base);
  if (inner === null) return null;
  setVariable(scope, INNER, inner.length === 1 ? (inner[0] ?? known("")) : inner);
  const values = evaluate(`\${${INNER}${rest}}`);
  scope.variables.delete(INNER);
  return values;
}

const INNER = "_zsh_inner_";

function flagged(
  base: readonly Text[],
  { flags, splits }: ZshExpansion,
  { evaluate }: ZshReading,
): readonly Text[] {
  let values = base;
  const each = (change: (text: string) => string): void => {
    values = values.map((one) => weigh(change(one.text), [one]));
  };
  const cut = flags.get("s") ?? (flags.has("f") ? "\n" : flags.has("0") ? "\0" : undefined);
  if (cut !== undefined) values = values.flatMap((one) => pieces(one, cut));
  if (flags.has("z") || flags.has("Z") || splits)
    values = values.flatMap((one) => pieces({ ...one, text: one.text.trim() }, /\s+/));
  if (flags.has("L")) each((text) => text.toLowerCase());
  if (flags.has("U")) each((text) => text.toUpperCase());
  if (flags.has("C")) each((text) => text.replace(/\b\w/g, (one) => one.toUpperCase()));
  if (flags.has("Q")) each((text) => text.replace(/\\(.)|["']/gs, "$1"));
  if (flags.has("O")) values = [...values].reverse();
  if (flags.has("e")) values = values.flatMap((one) => evaluate(one.text) ?? [UNKNOWN]);
  const glue = flags.get("j") ?? (flags.has("F") ? "\n" : undefined);
  return glue === undefined ? values : [joinTexts(values, glue)];
}

function pieces(text: Text, at: string | RegExp): readonly Text[] {
  return text.text.split(at).map((one) => ({ ...text, text: one }));
}

function modified(value: Text, modifiers: string): Text {
  let text = value.text;
  for (const [, plain, all, , from = "", to = ""] of modifiers.matchAll(MODIFIER)) {
    if (plain !== undefined) text = CHANGES[plain]?.(text) ?? text;
    else text = all === "g" ? text.replaceAll(from, to) : text.replace(from, () => to);
  }
  return weigh(text, [value]);
}

const MODIFIER = /:(?:([htrelauPAQq])|(g?)s(.)((?:(?!\3).)*)\3((?:(?!\3).)*)\3?)/g;
const CHANGES: Readonly<Record<string, (text: string) => string>> = {
  h: (text) => text.replace(/\/*[^/]*\/*$/, "") || "/",
  t: (text) => text.replace(/^.*\//s, ""),
  r: (text) => text.replace(/\.[^./]*$/, ""),
  e: (text) => /\.([^./]*)$/.exec(text)?.[1] ?? "",
  l: (text) => text.toLowerCase(),
  u: (text) => text.toUpperCase(),
};
