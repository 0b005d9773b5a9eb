import { isMap } from "yaml";
import { readComparison, readPatterns } from "./pattern.js";
import type { Reader, Value } from "./reader.js";
import { readSize } from "./size.js";
import type { HttpSource, NamedPatterns } from "./source.js";

const HTTP_KEYS = [
  "method",
  "host",
  "path",
  "query",
  "body",
  "operation",
  "upgrade",
  "status",
  "responseSize",
  "contentType",
];

/** `http: { method: [POST, PUT], path: /admin/**, query: { force: "1" }, body: { role: admin } }`. */
export function readHttp(reader: Reader, value: Value): HttpSource {
  if (isMap(value) && value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "http is empty", reader.place(value));
  const out: { -readonly [K in keyof HttpSource]: HttpSource[K] } = {};
  for (const { key, value: inner } of reader.mapping(value, "http", HTTP_KEYS)) {
    const where = `http.${key}`;
    if (key === "method") out.methods = readMethods(reader, inner);
    else if (isPatternKey(key)) out[key] = readPatterns(reader, inner, where);
    else if (key === "query" || key === "body") out[key] = readNamed(reader, inner, where);
    else {
      const bound =
        key === "status" ? readComparison(reader, inner, where) : readSize(reader, inner, where);
      if (bound !== undefined) out[key === "status" ? "status" : "responseSize"] = bound;
    }
  }
  return out;
}

const PATTERN_KEYS = ["host", "path", "operation", "upgrade", "contentType"] as const;

function isPatternKey(key: string): key is (typeof PATTERN_KEYS)[number] {
  return PATTERN_KEYS.some((one) => one === key);
}

/** A token of RFC 9110; a method that nobody has heard of can be forbidden too. */
const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}$/;

function readMethods(reader: Reader, value: Value): readonly string[] {
  return reader.texts(value, "http.method").flatMap(({ text, at }) => {
    if (METHOD.test(text)) return [text.toUpperCase()];
    reader.refuse("CHP_RULES_SHAPE", `"${text}" is not a method like POST`, at);
    return [];
  });
}

/** `{ role: admin }`, or names alone: `[force]` holds when the field is there, whatever its value. */
function readNamed(reader: Reader, value: Value, what: string): readonly NamedPatterns[] {
  if (isMap(value)) {
    return reader.entries(value, what).map(({ key, value: inner }) => ({
      name: key,
      patterns: readPatterns(reader, inner, `${what}.${key}`),
    }));
  }
  return reader.texts(value, what).map(({ text }) => ({ name: text, patterns: [] }));
}
