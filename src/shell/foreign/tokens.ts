import { FOREIGN_TOKENS_MAX } from "../limits.js";
import type { Language } from "./language.js";

/** One token of a program in another language, as far as texts and calls need it. */
export type Token =
  | {
      readonly type: "text";
      readonly value: string;
      readonly raw: boolean;
      readonly formatted: boolean;
    }
  /** `qw(a b)`, `%w[a b]`. */
  | { readonly type: "words"; readonly values: readonly string[] }
  /** A command in backquotes or `qx(...)`. */
  | { readonly type: "command"; readonly value: string }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "name"; readonly value: string }
  | { readonly type: "sign"; readonly value: string };

/** One pass over the program; what is no token of any language is skipped. */
export function tokenize(code: string, language: Language): readonly Token[] {
  const out: Token[] = [];
  let at = 0;
  while (at < code.length && out.length < FOREIGN_TOKENS_MAX) {
    const read = readToken(code, at, language, out.at(-1));
    if (read.token !== null) out.push(read.token);
    at = read.end;
  }
  return out;
}

interface Read {
  readonly token: Token | null;
  readonly end: number;
}

function readToken(code: string, at: number, language: Language, before: Token | undefined): Read {
  const character = code.charAt(at);
  if (/\s/.test(character)) return { token: null, end: at + 1 };
  if (language.comment !== null && code.startsWith(language.comment, at) && !isSigil(code, at))
    return { token: null, end: lineEnd(code, at) };
  if (character === '"' || character === "'") return readQuoted(code, at, NO_PREFIX);
  if (character === "`") return readBackquoted(code, at, language);
  if (character === "[" && code.charAt(at + 1) === "[" && language.concatenation.includes(".."))
    return readLong(code, at);
  if (character === "%" || character === "q") {
    const delimited = readDelimited(code, at, before);
    if (delimited !== null) return delimited;
  }
  if (/[0-9]/.test(character)) return readNumber(code, at);
  if (/[A-Za-z_$@]/.test(character)) return readName(code, at, language);
  const two = code.slice(at, at + 2);
  const isDouble = ["..", "==", "||", "&&", "=>", "->", "::", "|&", "=~"].includes(two);
  return {
    token: { type: "sign", value: isDouble ? two : character },
    end: at + (isDouble ? 2 : 1),
  };
}

/** `$#x` and `#{x}` are no comments. */
function isSigil(code: string, at: number): boolean {
  return code.charAt(at - 1) === "$" || code.charAt(at + 1) === "{";
}

function lineEnd(code: string, at: number): number {
  const end = code.indexOf("\n", at);
  return end < 0 ? code.length : end;
}

const NO_PREFIX = "";

function readQuoted(code: string, at: number, prefix: string): Read {
  const quote = code.charAt(at);
  const triple = code.startsWith(quote.repeat(3), at);
  const closing = triple ? quote.repeat(3) : quote;
  const raw = /r/i.test(prefix);
  let i = at + closing.length;
  const start = i;
  while (i < code.length && !code.startsWith(closing, i)) i += code.charAt(i) === "\\" ? 2 : 1;
  const body = code.slice(start, i);
  const value = raw ? body : unescapeText(body, quote);
  const formatted = /f/i.test(prefix) || (quote === '"' && !raw);
  return {
    token: { type: "text", value, raw: quote === "'" && !/f/i.test(prefix), formatted },
    end: i + closing.length,
  };
}

function readBackquoted(code: string, at: number, language: Language): Read {
  let i = at + 1;
  while (i < code.length && code.charAt(i) !== "`") i += code.charAt(i) === "\\" ? 2 : 1;
  const body = code.slice(at + 1, i);
  const token: Token = language.backquotes
    ? { type: "command", value: body }
    : { type: "text", value: unescapeText(body, "`"), raw: false, formatted: true };
  return { token, end: i + 1 };
}

function readLong(code: string, at: number): Read {
  const end = code.indexOf("]]", at + 2);
  const stop = end < 0 ? code.length : end;
  const token: Token = {
    type: "text",
    value: code.slice(at + 2, stop),
    raw: true,
    formatted: false,
  };
  return { token, end: stop + 2 };
}

/** `q(..)`, `qq{..}`, `qw/../`, `qx(..)`, `%q(..)`, `%w[..]`, `%x(..)`. */
function readDelimited(code: string, at: number, before: Token | undefined): Read | null {
  const opened = /^(?:q([qwx]?)\s?|%([qQwWxi]))([([{<|/!~])/.exec(code.slice(at, at + 5));
  if (opened === null || (code.startsWith("%", at) && isValue(before, code.charAt(at - 1))))
    return null;
  const open = opened[3] ?? "";
  const close = CLOSING[open] ?? open;
  const start = at + opened[0].length;
  const end = code.indexOf(close, start);
  const stop = end < 0 ? code.length : end;
  const body = code.slice(start, stop);
  const kind = (opened[1] ?? opened[2] ?? "").toLowerCase();
  const token: Token =
    kind === "x"
      ? { type: "command", value: body }
      : kind === "w" || kind === "i"
        ? { type: "words", values: body.split(/\s+/).filter((one) => one !== "") }
        : { type: "text", value: body, raw: kind === "", formatted: kind === "q" };
  return { token, end: stop + 1 };
}

/** Behind a value `%` is the operator. */
function isValue(token: Token | undefined, blank: string): boolean {
  if (token === undefined) return false;
  // ruby: `puts %x(id)`, with a blank in front and none behind.
  if (token.type === "name" && blank === " ") return false;
  return token.type === "sign" ? token.value === ")" || token.value === "]" : true;
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

function readNumber(code: string, at: number): Read {
  const text =
    /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)/.exec(code.slice(at, at + 20))?.[0] ?? "0";
  return { token: { type: "number", value: Number(text) }, end: at + text.length };
}

/** Names with the dots in them (`os.system`); a prefix of a text is no name. */
function readName(code: string, at: number, language: Language): Read {
  const spelt = language.lisp ? /^[A-Za-z][\w*-]*/ : /^[$@]*[A-Za-z_$@]\w*[?!]?/;
  const name = spelt.exec(code.slice(at, at + NAME_CHARS_MAX))?.[0] ?? code.charAt(at);
  const quote = code.charAt(at + name.length);
  if (/^[rbufRBUF]{1,2}$/.test(name) && (quote === '"' || quote === "'"))
    return readQuoted(code, at + name.length, name);
  return { token: { type: "name", value: name.replace(/^[$@]+/, "") }, end: at + name.length };
}

const NAME_CHARS_MAX = 128;

/** Escapes that these languages share; what is none of them stays as it is. */
export function unescapeText(text: string, quote: string): string {
  return text.replace(
    /\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|[0-7]{1,3}|\d{1,3}|[\s\S])/g,
    (whole) => {
      const kind = whole.charAt(1);
      if (whole.length > 2 && (kind === "x" || kind === "u"))
        return characterOf(parseInt(whole.slice(2).replace(/[{}]/g, ""), 16));
      if (/[0-7]/.test(kind)) return characterOf(parseInt(whole.slice(1), 8));
      if (/\d/.test(kind)) return characterOf(Number(whole.slice(1)));
      if (kind === "\n") return "";
      return ESCAPES[kind] ?? (/[\\'"`$/@#]/.test(kind) || kind === quote ? kind : whole);
    },
  );
}

export function characterOf(code: number): string {
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  e: "\u001b",
  a: "\u0007",
};
