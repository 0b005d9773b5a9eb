import type { Language } from "./language.js";
import { unescapeText, type Token } from "./tokens.js";
import { callFunction, fillFormat, textOf, type Value } from "./values.js";

/** Reads constants out of a row of tokens: texts, their joining, and the functions that change them. */
export interface Reader {
  readonly tokens: readonly Token[];
  readonly language: Language;
  readonly variables: ReadonlyMap<string, Value>;
  at: number;
  /** Steps left: what is longer than that is not known. */
  fuel: number;
}

/** Value of the expression at the reader's place, which stands behind it afterwards. */
export function readExpression(reader: Reader): Value {
  let value = readOperand(reader);
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined || reader.fuel <= 0) return value;
    if (token.type === "sign" && token.value === "%") {
      reader.at += 1;
      const right = readOperand(reader);
      value =
        typeof value === "string"
          ? fillFormat(value, Array.isArray(right) ? right : [right])
          : null;
    } else if (token.type === "sign" && isJoining(token.value, reader, value)) {
      reader.at += 1;
      value = joined(value, readOperand(reader));
    } else if (token.type === "sign" && token.value === "*") {
      reader.at += 1;
      value = repeated(value, readOperand(reader));
    } else if (continues(token, reader.language, value)) value = joined(value, readOperand(reader));
    else return value;
  }
}

function isJoining(sign: string, { language }: Reader, value: Value): boolean {
  if (sign === "+") return language.concatenation.includes("+") || typeof value === "number";
  return language.concatenation.includes(sign);
}

/** Texts side by side (`"r" "m"`); awk joins whatever stands side by side. */
function continues(token: Token, language: Language, value: Value): boolean {
  if (!language.adjacent || value === null) return false;
  if (token.type === "text") return true;
  return language.concatenation.length === 0 && token.type === "name" && token.value !== "getline";
}

function joined(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (Array.isArray(left) && Array.isArray(right))
    return [...(left as Value[]), ...(right as Value[])]; // isArray does not narrow readonly lists
  const [a, b] = [textOf(left), textOf(right)];
  return a === null || b === null ? null : a + b;
}

function repeated(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") return left * right;
  if (typeof left !== "string" || typeof right !== "number") return null;
  return right >= 0 && left.length * right < REPEATED_CHARS_MAX
    ? left.repeat(Math.trunc(right))
    : null;
}

const REPEATED_CHARS_MAX = 4096;

function readOperand(reader: Reader): Value {
  reader.fuel -= 1;
  const token = reader.tokens[reader.at];
  if (token === undefined || reader.fuel <= 0) return null;
  reader.at += 1;
  switch (token.type) {
    case "text":
      return readPostfix(reader, interpolated(token, reader));
    case "words":
      return readPostfix(reader, token.values);
    case "number":
      return readPostfix(reader, token.value);
    case "command":
      return null;
    case "name":
      return readNamed(reader, token.value);
    case "sign":
      return readSigned(reader, token.value);
  }
}

function readSigned(reader: Reader, sign: string): Value {
  if (sign === "(" || sign === "[") {
    const values = readArguments(reader, sign === "(" ? ")" : "]");
    const first = values[0] ?? null;
    const isGroup = sign === "(" && values.length === 1;
    return readPostfix(reader, isGroup ? first : values);
  }
  if (sign === "-") {
    const value = readOperand(reader);
    return typeof value === "number" ? -value : null;
  }
  // `system(*ARGV)`: the list is the words.
  if (sign === "\\" || sign === "&" || sign === "!" || sign === "*") return readOperand(reader);
  return null;
}

function readNamed(reader: Reader, name: string): Value {
  if (isSign(reader, "(")) {
    reader.at += 1;
    const values = readArguments(reader, ")");
    const value = callFunction(name, null, values) ?? reader.variables.get(name) ?? null;
    return readPostfix(reader, value);
  }
  // A variable stands in front of a function of its name (`shift`, which perl calls without words).
  const held = reader.variables.get(name);
  if (held !== undefined && held !== null) return readPostfix(reader, held);
  if (name === "os" && isSeparator(reader)) {
    reader.at += 2;
    return "/";
  }
  if (name === "scalar") return readOperand(reader);
  if (LISTED.has(name)) {
    const values = readList(reader);
    return readPostfix(reader, callFunction(name, null, values));
  }
  return readPostfix(reader, reader.variables.get(name) ?? null);
}

/** python: `os.sep`. */
function isSeparator({ tokens, at }: Reader): boolean {
  const [dot, name] = [tokens[at], tokens[at + 1]];
  return dot?.type === "sign" && dot.value === "." && name?.type === "name" && name.value === "sep";
}

const LINKS: readonly string[] = [".", "->", "::"];
const LUA_LINKS: readonly string[] = [".", ":"];

/** Functions that perl and ruby call without brackets. */
const LISTED: ReadonlySet<string> = new Set(
  "reverse join pack lc uc sprintf decode_base64 ucfirst lcfirst".split(" "),
);

/** What follows a value: methods, slices, calls. */
function readPostfix(reader: Reader, start: Value): Value {
  let value = start;
  while (reader.fuel > 0) {
    const token = reader.tokens[reader.at];
    if (token?.type !== "sign") return value;
    const next = reader.tokens[reader.at + 1];
    // `s:rep(2)` is lua; in python a colon ends the head of a block.
    const links = reader.language.concatenation.includes("..") ? LUA_LINKS : LINKS;
    const isMember = links.includes(token.value) && next?.type === "name";
    const concatenates = token.value === "." && reader.language.concatenation.includes(".");
    if (isMember && !concatenates) {
      reader.at += 2;
      const called = isSign(reader, "(");
      if (called) reader.at += 1;
      const values = called ? readArguments(reader, ")") : [];
      const held = value === null ? reader.variables.get(next.value) : undefined;
      // `os.path.join("/", "etc")`, `File.join(..)`, `path.join(..)`: nothing that is known stands in front.
      const joins = value === null && next.value === "join" && !values.some(Array.isArray);
      value = held ?? callFunction(joins ? "joinpath" : next.value, value, values);
    } else if (token.value === "[" && value !== null) value = readSlice(reader, value);
    else return value;
    reader.fuel -= 1;
  }
  return null;
}

/** `x[::-1]`, `x[1:3]`, `x[2]`. */
function readSlice(reader: Reader, value: Value): Value {
  reader.at += 1;
  const parts = readSliceParts(reader);
  if (parts === null) return null;
  const items = itemsOf(value);
  const [from, to, step] = parts;
  if (parts.length === 1) return items.at(from ?? 0) ?? null;
  const cut = items.slice(from ?? 0, to ?? undefined);
  const stepped = step === -1 ? cut.reverse() : cut.filter((_one, i) => i % (step ?? 1) === 0);
  return typeof value === "string" ? stepped.join("") : stepped;
}

function itemsOf(value: Value): readonly Value[] {
  if (typeof value === "string") return Array.from(value);
  return typeof value === "object" ? (value ?? []) : [];
}

/** The numbers between the colons, up to the closing bracket; null when it is something else. */
function readSliceParts(reader: Reader): readonly (number | null)[] | null {
  const parts: (number | null)[] = [null];
  let sign = 1;
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined) return null;
    reader.at += 1;
    if (token.type === "number") parts[parts.length - 1] = sign * token.value;
    else if (token.type !== "sign") return null;
    else if (token.value === "-") sign = -1;
    else if (token.value === "]") return parts;
    else if (token.value !== ":" && token.value !== "::") return null;
    else {
      parts.push(...(token.value === "::" ? [null, null] : [null]));
      sign = 1;
    }
  }
}

/** Values up to the closing bracket; named arguments and objects are not among them. */
export function readArguments(reader: Reader, closing: string): readonly Value[] {
  const out: Value[] = [];
  while (reader.fuel > 0 && reader.at < reader.tokens.length) {
    if (isSign(reader, closing)) {
      reader.at += 1;
      return out;
    }
    if (isNamedArgument(reader) && !isNamedCommand(reader)) skipTo(reader, closing);
    else {
      if (isNamedArgument(reader)) reader.at += 2;
      const values = readExpression(reader);
      out.push(values);
      if (!isSign(reader, ",") && !isSign(reader, closing)) {
        out[out.length - 1] = null;
        skipTo(reader, closing);
      }
    }
    if (isSign(reader, ",") || isSign(reader, "=>")) reader.at += 1;
  }
  return out;
}

/** Values of a call without brackets: `system "rm", "-rf"`. */
export function readList(reader: Reader): readonly Value[] {
  const out: Value[] = [];
  while (reader.fuel > 0) {
    out.push(readExpression(reader));
    if (!isSign(reader, ",")) return out;
    reader.at += 1;
  }
  return out;
}

function isNamedArgument({ tokens, at }: Reader): boolean {
  const next = tokens[at + 1];
  return (
    tokens[at]?.type === "name" &&
    next?.type === "sign" &&
    (next.value === "=" || next.value === ":")
  );
}

/** `run(args=["id"])`: the command has a name like others. */
function isNamedCommand({ tokens, at }: Reader): boolean {
  const token = tokens[at];
  return token?.type === "name" && /^(?:args|command|cmd)$/.test(token.value);
}

/** Passes over an argument that is not understood, brackets and all. */
function skipTo(reader: Reader, closing: string): void {
  let depth = 0;
  for (; reader.at < reader.tokens.length; reader.at++) {
    const token = reader.tokens[reader.at];
    if (token?.type !== "sign") continue;
    if (depth === 0 && (token.value === "," || token.value === closing)) return;
    if ("([{".includes(token.value)) depth += 1;
    else if (")]}".includes(token.value)) depth -= 1;
  }
}

export function isSign({ tokens, at }: Reader, value: string): boolean {
  const token = tokens[at];
  return token?.type === "sign" && token.value === value;
}

/** `"$x"`, `"#{x}"`, `f"{x}"`, `${x}`: only plain variables and calls of one text can be filled in. */
export function interpolated(token: Extract<Token, { type: "text" }>, reader: Reader): Value {
  if (token.raw || !token.formatted) return token.value;
  const { interpolation } = reader.language;
  const unknown: string[] = [];
  const fill = (whole: string, inner: string): string => {
    const value = textOf(constantOf(inner, reader));
    if (value === null) unknown.push(inner);
    return value ?? whole;
  };
  let text = token.value;
  if (interpolation === "dollar")
    text = text.replace(/\$\{?(\w+)\}?/g, fill).replace(/@(\w+)/g, (whole, name: string) => {
      const list = reader.variables.get(name);
      return Array.isArray(list) ? list.map((one: Value) => textOf(one) ?? "").join(" ") : whole;
    });
  else if (interpolation === "hash") text = text.replace(/#\{([^{}]*)\}/g, fill);
  else
    text = text.replace(/\$?\{([^{}]+)\}/g, (whole, inner: string) =>
      isPlainText(whole, inner) ? whole : fill(whole, inner),
    );
  return unknown.length === 0 ? text : null;
}

/** Braces in an ordinary text stay: only what can be a variable or a call is filled in. */
function isPlainText(whole: string, inner: string): boolean {
  return !whole.startsWith("$") && !/^\s*[\w.]+\s*(?:\(.*\))?\s*$/.test(inner);
}

function constantOf(inner: string, { variables }: Reader): Value {
  const call = /^\s*(\w+)\(\s*(\d+)\s*\)\s*$/.exec(inner);
  if (call !== null) return callFunction(call[1] ?? "", null, [Number(call[2])]);
  const text = /^\s*(['"])(.*)\1\s*$/.exec(inner);
  if (text !== null) return unescapeText(text[2] ?? "", text[1] ?? "");
  return variables.get(inner.trim()) ?? null;
}
