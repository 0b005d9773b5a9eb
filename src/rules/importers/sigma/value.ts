import { encodeUtf8 } from "../../../kernel/index.js";

/** What became of one value of a Sigma field: texts of which one is enough, and how to compare them. */
export interface SigmaValue {
  readonly kind:
    "equals" | "contains" | "startswith" | "endswith" | "regex" | "cidr" | "path" | "num" | "list";
  readonly texts: readonly string[];
  readonly caseSensitive: boolean;
}

/** What the value says in Sigma that has no place here. */
export type ValueReading =
  { readonly ok: true; readonly value: SigmaValue } | { readonly ok: false; readonly why: string };

const PLACES = ["contains", "startswith", "endswith"] as const;
const REGEX_FLAGS = ["i", "m", "s"];
const ENCODINGS = ["wide", "utf16le", "utf16be", "utf16", "utf8"];
const COMPARISONS = new Map([
  ["gt", ">"],
  ["gte", ">="],
  ["lt", "<"],
  ["lte", "<="],
]);
const KNOWN = new Set([
  ...PLACES,
  ...REGEX_FLAGS,
  ...ENCODINGS,
  "all",
  "re",
  "cidr",
  "base64",
  "base64offset",
  "windash",
  "cased",
  "expand",
  "neq",
  ...COMPARISONS.keys(),
]);

/**
 * One value with the modifiers of its field (Sigma specification 2.0, appendix "modifiers"); `all` is
 * the caller's. Sigma compares without case unless told otherwise; `re` compares with it.
 */
export function readSigmaValue(text: string, modifiers: readonly string[]): ValueReading {
  const unknown = modifiers.find((modifier) => !KNOWN.has(modifier));
  if (unknown !== undefined) return { ok: false, why: `modifier "${unknown}"` };
  if (modifiers.includes("re")) return readRegex(text, modifiers);
  const compared = modifiers.find((modifier) => COMPARISONS.has(modifier));
  if (compared !== undefined) return readNumber(text, COMPARISONS.get(compared) ?? "");
  if (modifiers.includes("expand")) return readPlaceholder(text, modifiers);
  if (modifiers.includes("cidr"))
    return { ok: true, value: { kind: "cidr", texts: [text], caseSensitive: false } };
  const place = PLACES.find((one) => modifiers.includes(one)) ?? "equals";
  const encoded = modifiers.some((one) => one === "base64" || one === "base64offset");
  if (encoded) return readEncoded(text, modifiers, place);
  if (modifiers.some((one) => ENCODINGS.includes(one)))
    return { ok: false, why: "an encoding without base64" };
  const dashed = modifiers.includes("windash") ? dashForms(text) : [text];
  const caseSensitive = modifiers.includes("cased");
  if (!dashed.some(hasWildcard))
    return { ok: true, value: { kind: place, texts: dashed.map(unescape), caseSensitive } };
  const texts = dashed.map((one) => wildcardRegex(one, place));
  return { ok: true, value: { kind: "regex", texts, caseSensitive } };
}

function readRegex(text: string, modifiers: readonly string[]): ValueReading {
  const flags = REGEX_FLAGS.filter((flag) => modifiers.includes(flag)).join("");
  const texts = [flags === "" ? text : `(?${flags})${text}`];
  return { ok: true, value: { kind: "regex", texts, caseSensitive: true } };
}

function readNumber(text: string, operator: string): ValueReading {
  if (!/^\d+(?:\.\d+)?$/.test(text)) return { ok: false, why: `a comparison with "${text}"` };
  return { ok: true, value: { kind: "num", texts: [`${operator} ${text}`], caseSensitive: true } };
}

/** `%admins%` is filled in where the rule is used: here from the list of that name. */
function readPlaceholder(text: string, modifiers: readonly string[]): ValueReading {
  const name = /^%(\w+)%$/.exec(text)?.[1];
  if (name === undefined || modifiers.length > 1)
    return { ok: false, why: "a placeholder inside a text" };
  return { ok: true, value: { kind: "list", texts: [name], caseSensitive: true } };
}

function readEncoded(
  text: string,
  modifiers: readonly string[],
  place: SigmaValue["kind"],
): ValueReading {
  if (hasWildcard(text)) return { ok: false, why: "wildcards inside an encoded value" };
  const bytes = encodeText(unescape(text), modifiers);
  const texts = modifiers.includes("base64offset") ? offsetForms(bytes) : [encodeBase64(bytes)];
  return { ok: true, value: { kind: place, texts, caseSensitive: true } };
}

function encodeText(text: string, modifiers: readonly string[]): Uint8Array {
  const big = modifiers.includes("utf16be");
  const marked = modifiers.includes("utf16");
  if (!big && !marked && !modifiers.some((one) => one === "wide" || one === "utf16le"))
    return encodeUtf8(text);
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const all = marked ? [0xfeff, ...units] : units;
  return Uint8Array.from(
    all.flatMap((unit) => (big ? [unit >> 8, unit & 0xff] : [unit & 0xff, unit >> 8])),
  );
}

/**
 * A text inside encoded text begins at any of three places in a group of four letters; what depends on
 * its neighbours is cut off (Sigma specification, base64offset).
 */
function offsetForms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length).fill(0x20, 0, offset);
    padded.set(bytes, offset);
    const from = [0, 2, 3][offset] ?? 0;
    const cut = [0, 3, 2][padded.length % 3] ?? 0;
    const encoded = encodeBase64(padded);
    return encoded.slice(from, encoded.length - cut);
  });
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 section 4. */
export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    out += b === undefined ? "=" : ALPHABET.charAt((group >> 6) & 63);
    out += c === undefined ? "=" : ALPHABET.charAt(group & 63);
  }
  return out;
}

/** `windash`: the dash of an option may be any of these. */
function dashForms(text: string): readonly string[] {
  if (!/(^|\s)-/.test(text)) return [text];
  return ["-", "/", "\u2013", "\u2014", "\u2015"].map((dash) =>
    text.replace(/(^|\s)-/g, `$1${dash}`),
  );
}

/** `*` and `?` are wildcards; a backslash before them or before a backslash takes that away. */
function hasWildcard(text: string): boolean {
  return [...tokens(text)].some(({ wild }) => wild);
}

function unescape(text: string): string {
  return [...tokens(text)].map(({ character }) => character).join("");
}

function wildcardRegex(text: string, place: SigmaValue["kind"]): string {
  const body = [...tokens(text)]
    .map(({ character, wild }) =>
      wild
        ? character === "*"
          ? ".*"
          : "."
        : character.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`),
    )
    .join("");
  const from = place === "equals" || place === "startswith" ? "^" : "";
  const until = place === "equals" || place === "endswith" ? "$" : "";
  return `(?s)${from}${body}${until}`;
}

function* tokens(text: string): Generator<{ readonly character: string; readonly wild: boolean }> {
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const next = text.charAt(i + 1);
    if (character === "\\" && (next === "*" || next === "?" || next === "\\")) {
      i += 1;
      yield { character: next, wild: false };
    } else yield { character, wild: character === "*" || character === "?" };
  }
}
