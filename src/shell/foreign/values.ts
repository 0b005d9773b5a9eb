import { encodeUtf8 } from "../../kernel/index.js";
import { VALUE_CHARS_MAX } from "../limits.js";
import { decodeBase64, decodeHex, encodeBase64 } from "../fold/base64.js";
import { characterOf } from "./tokens.js";

/** A constant of another language; null is what can not be known. */
export type Value = string | number | readonly Value[] | null;

/** Functions and methods whose result is a function of their arguments; `self` is the text in front. */
export function callFunction(name: string, self: Value, values: readonly Value[]): Value {
  const apply = FUNCTIONS.get(name);
  if (apply === undefined) return null;
  const result = apply(self, values);
  return typeof result === "string" && result.length > VALUE_CHARS_MAX ? null : result;
}

/** True for a name that `callFunction` knows; `scalar` changes nothing here. */
export function isFunctionName(name: string): boolean {
  return FUNCTIONS.has(name);
}

type Apply = (self: Value, values: readonly Value[]) => Value;

export function textOf(value: Value | undefined): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : null;
}

/** The text that is worked on: what stands in front of the dot, or the first argument. */
const onText =
  (convert: (text: string, values: readonly Value[]) => Value): Apply =>
  (self, values) => {
    const text = textOf(self) ?? textOf(values[0]);
    return text === null ? null : convert(text, self === null ? values.slice(1) : values);
  };

const join: Apply = (self, values) => {
  // `",".join(list)`, `list.join(",")`, `join(",", list)`, `implode(",", list)`.
  const [separator, list] =
    typeof self === "string"
      ? [self, values[0]]
      : isList(self)
        ? [textOf(values[0]) ?? ",", self]
        : [textOf(values[0]) ?? "", isList(values[1]) ? values[1] : values.slice(1)];
  if (!isList(list)) return null;
  const texts = list.map(textOf);
  return texts.every((one) => one !== null) ? texts.join(separator) : null;
};

/** Parts of a path: an absolute one starts again. */
const joinPath: Apply = (self, values) => {
  const parts = [...(self === null ? [] : [self]), ...values].map(textOf);
  if (parts.length === 0 || !parts.every((one) => one !== null)) return null;
  return parts.reduce((path, part) =>
    part.startsWith("/") && path !== "/"
      ? part
      : `${path.replace(/\/$/, "")}/${part.replace(/^\//, "")}`,
  );
};

const reverse: Apply = (self, values) => {
  const value = self ?? (values.length > 1 ? values.join("") : (values[0] ?? null));
  if (isList(value)) return [...value].reverse();
  return typeof value === "string" ? Array.from(value).reverse().join("") : null;
};

const characters: Apply = (self, values) => {
  const codes = values.length === 0 ? [self] : values.flatMap((one) => (isList(one) ? one : [one]));
  return codes.every((one) => typeof one === "number") ? codes.map(characterOf).join("") : null;
};

const formatted: Apply = (self, values) => {
  const format = textOf(self) ?? textOf(values[0]);
  const rest = self === null ? values.slice(1) : values;
  return format === null
    ? null
    : fillFormat(
        format,
        rest.flatMap((one) => (isList(one) ? one : [one])),
      );
};

/** `%s`, `%d`, `%c` and `{}`, one after the other. */
export function fillFormat(format: string, values: readonly Value[]): Value {
  let next = 0;
  const unknown: string[] = [];
  const text = format.replace(/%[sdiuc%]|\{\d*\}/g, (whole) => {
    if (whole === "%%") return "%";
    const index = whole.slice(1, -1);
    const value = values[whole.startsWith("{") && index !== "" ? Number(index) : next++];
    const isCode = whole === "%c" && typeof value === "number";
    const own = isCode ? characterOf(value) : textOf(value);
    if (own === null) unknown.push(whole);
    return own ?? "";
  });
  return unknown.length === 0 ? text : null;
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

const map: Apply = (_self, values) => {
  const [, list] = values;
  if (!isList(list)) return null;
  return list.map((one) => (typeof one === "number" ? characterOf(one) : one));
};

const replace = onText((text, values) => {
  const [from, to] = [textOf(values[0]), textOf(values[1])];
  return from === null || to === null || from === "" ? null : text.replaceAll(from, to);
});

/** `Buffer.from(text, "base64")`; another encoding leaves the text as it is. */
const bufferFrom: Apply = (_self, values) => {
  const [text, encoding] = [values[0], textOf(values[1])];
  if (isList(text)) return characters(null, text);
  if (typeof text !== "string") return null;
  if (encoding === "base64") return decodeBase64(text);
  return encoding === "hex" ? decodeHex(text) : text;
};

const unpack: Apply = (_self, values) => {
  const [format, ...rest] = values;
  const text = textOf(rest[0]);
  if (typeof format !== "string" || text === null) return null;
  if (/^[Hh]\*?\d*$/.test(format)) return decodeHex(text);
  return /^[CUW]\*$/.test(format) ? characters(null, rest) : text;
};

const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (one) => {
    const base = one <= "Z" ? 65 : 97;
    return String.fromCharCode(((one.charCodeAt(0) - base + 13) % 26) + base);
  });

const decoded = onText((text, values) => {
  const codec = textOf(values.at(-1)) ?? "";
  if (/rot/i.test(codec)) return rot13(text);
  if (/base64/i.test(codec)) return decodeBase64(text);
  return /hex/i.test(codec) ? decodeHex(text) : text;
});

const firstOf = (list: Value): Value => (isList(list) ? (list[0] ?? null) : null);

const same = onText((text) => text);
const fromBase64 = onText((text) => decodeBase64(text));
const fromHex = onText((text) => decodeHex(text));
const lower = onText((text) => text.toLowerCase());
const upper = onText((text) => text.toUpperCase());
const trim = onText((text) => text.trim());

const FUNCTIONS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["chr", characters],
  ["fromCharCode", characters],
  ["fromCodePoint", characters],
  ["char", characters],
  ["pack", (self, values) => (isList(self) ? characters(null, self) : unpack(self, values))],
  ["join", join],
  ["implode", join],
  ["joinpath", joinPath],
  [
    "concat",
    (self, values) =>
      typeof self === "string" ? join("", [[self, ...values]]) : join("", [values]),
  ],
  // A path stays what it is, however it is wrapped.
  ...[
    "glob",
    "Path",
    "PurePath",
    "Pathname",
    "File",
    "abspath",
    "realpath",
    "expanduser",
    "str",
    "String",
  ].map((name): [string, Apply] => [name, (_self, values) => values[0] ?? null]),
  [
    "slice",
    (self, values) => {
      const [from, to] = values;
      if (!(isList(self) || typeof self === "string") || typeof from !== "number") return null;
      return self.slice(from, typeof to === "number" ? to : undefined);
    },
  ],
  ["shift", (self, values) => firstOf(self) ?? firstOf(values[0] ?? null)],
  ["scalar", (_self, values) => values[0] ?? null],
  ["reverse", reverse],
  ["reversed", reverse],
  ["strrev", reverse],
  ["map", map],
  ["list", (_self, values) => values[0] ?? null],
  ["tuple", (_self, values) => values[0] ?? null],
  ["array", (_self, values) => values],
  [
    "bytes",
    (_self, values) => (isList(values[0]) ? characters(null, values[0]) : same(null, values)),
  ],
  [
    "bytearray",
    (_self, values) => (isList(values[0]) ? characters(null, values[0]) : same(null, values)),
  ],
  ["format", formatted],
  ["sprintf", formatted],
  ["replace", replace],
  ["replaceAll", replace],
  ["gsub", replace],
  ["str_replace", (_self, values) => replace(values[2] ?? null, values.slice(0, 2))],
  ["b64decode", fromBase64],
  ["standard_b64decode", fromBase64],
  ["urlsafe_b64decode", fromBase64],
  ["decode64", fromBase64],
  ["strict_decode64", fromBase64],
  ["decode_base64", fromBase64],
  ["base64_decode", fromBase64],
  ["atob", fromBase64],
  ["btoa", onText((text) => encodeBase64(encodeUtf8(text)))],
  ["fromhex", fromHex],
  ["unhexlify", fromHex],
  ["hex2bin", fromHex],
  ["str_rot13", onText(rot13)],
  ["decode", decoded],
  ["from", bufferFrom],
  ["toString", same],
  ["to_s", same],
  ["str", same],
  ["String", same],
  ["encode", same],
  ["freeze", same],
  ["strip", trim],
  ["trim", trim],
  ["chomp", trim],
  ["lower", lower],
  ["lc", lower],
  ["downcase", lower],
  ["toLowerCase", lower],
  ["strtolower", lower],
  ["tolower", lower],
  ["upper", upper],
  ["uc", upper],
  ["upcase", upper],
  ["toUpperCase", upper],
  ["strtoupper", upper],
  ["toupper", upper],
  [
    "split",
    onText((text, values) => {
      const at = textOf(values[0]);
      return at === null ? text.trim().split(/\s+/) : text.split(at);
    }),
  ],
]);
