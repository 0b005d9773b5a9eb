import type { WebBody } from "../../../model/index.js";
import { bodyKind, isSecretName } from "../body/fields.js";
import { readMultipart } from "../body/multipart.js";
import { maskedValue } from "./masked-address.js";
import { maskedName } from "./masked-name.js";
import { MASK, maskedText } from "./masked-text.js";

type Content = WebBody["content"];

/** Forms and JSON can be masked only when they are whole. */
export function needsWhole(contentType: string): boolean {
  return bodyKind(contentType) !== null;
}

/** What of an unpacked body is kept. `cut`: there was more. Total. */
export function maskedBody(contentType: string, bytes: Uint8Array, cut: boolean): Content {
  const kind = bodyKind(contentType);
  if (kind === "multipart") return maskedForm(contentType, bytes);
  const text = textOf(bytes, cut);
  if (text === null) {
    return kind === null
      ? { base64: Buffer.from(bytes).toString("base64"), cut }
      : { left: "unreadable" };
  }
  switch (kind) {
    case "urlencoded":
      // `curl -d` calls everything a form.
      return {
        text: maskedJson(text) ?? maskedPairs([...new URLSearchParams(text)]),
        cut: false,
      };
    case "json": {
      const masked = maskedJson(text);
      return masked === null ? { left: "unreadable" } : { text: masked, cut: false };
    }
    case "graphql":
    case null:
      // Pages send JSON as plain text, too.
      return { text: maskedJson(text) ?? maskedText(text), cut };
  }
}

/** Files are told by name and hash elsewhere; what is in them is no part of the log. */
function maskedForm(contentType: string, bytes: Uint8Array): Content {
  const fields = readMultipart(contentType, bytes);
  if (fields === null) return { left: "unreadable" };
  const pairs = fields.map(({ name, value }) => [name, value ?? MASK] as const);
  return { text: maskedPairs(pairs), cut: false };
}

function maskedPairs(pairs: readonly (readonly [string, string])[]): string {
  const kept = pairs.map(([name, value]): [string, string] => [
    maskedName(name, value),
    maskedValue(name, value),
  ]);
  return new URLSearchParams(kept).toString();
}

/** Null: it is none, or nested deeper than anybody reads. */
function maskedJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), mask);
  } catch {
    return null;
  }
}

function mask(this: unknown, name: string, value: unknown): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (name !== "" && isSecretName(name)) return MASK;
  // `{ "name": "password", "value": "..." }`
  if (name === "value" && namesSecret(this)) return MASK;
  return typeof value === "string" ? maskedText(value) : value;
}

function namesSecret(holder: unknown): boolean {
  if (typeof holder !== "object" || holder === null) return false;
  return Object.entries(holder).some(
    ([key, value]: readonly [string, unknown]) =>
      (key === "name" || key === "key" || key === "field" || key === "id") &&
      typeof value === "string" &&
      isSecretName(value),
  );
}

const DECODER = new TextDecoder("utf-8", { fatal: true });
/** What no text has: control characters other than those that lay it out. */
// eslint-disable-next-line no-control-regex -- looked for on purpose
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;
/** A character that was cut off has at most so many bytes. */
const CUT_BYTES_MAX = 3;

/** Null: it is no text. */
function textOf(bytes: Uint8Array, cut: boolean): string | null {
  for (let less = 0; less <= (cut ? CUT_BYTES_MAX : 0); less += 1) {
    try {
      const text = DECODER.decode(bytes.subarray(0, bytes.length - less));
      return BINARY.test(text) ? null : text;
    } catch {
      // Perhaps one byte less is whole.
    }
  }
  return null;
}
