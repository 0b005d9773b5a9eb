import { encodeUtf8 } from "../../../kernel/index.js";

/** One value of RFC 4251 section 5. A bare string is text, bare bytes are appended without a length. */
export type WireValue =
  | { readonly byte: number }
  | { readonly uint32: number }
  | { readonly boolean: boolean }
  | { readonly string: Uint8Array | string }
  | { readonly raw: Uint8Array };

export function encodeWire(...values: readonly WireValue[]): Uint8Array {
  const parts = values.map(encodeValue);
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function encodeValue(value: WireValue): Uint8Array {
  if ("byte" in value) return Uint8Array.of(value.byte);
  if ("boolean" in value) return Uint8Array.of(value.boolean ? 1 : 0);
  if ("uint32" in value) return uint32(value.uint32);
  if ("raw" in value) return value.raw;
  const bytes = typeof value.string === "string" ? encodeUtf8(value.string) : value.string;
  const out = new Uint8Array(4 + bytes.length);
  out.set(uint32(bytes.length));
  out.set(bytes, 4);
  return out;
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
