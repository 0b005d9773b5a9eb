import { decodeUtf8 } from "../../kernel/index.js";
import { gunzip } from "./inflate.js";

/** Stands in front of a text that a program has packed: what packs and unpacks meets it, nothing else. */
const PACKED = "\u0000packed\u0000";

export function packedForm(text: string): string {
  return PACKED + text;
}

export function unpackedText(text: string): string | null {
  return text.startsWith(PACKED) ? text.slice(PACKED.length) : null;
}

/** Bytes as text; those of gzip as the packed form of what they hold. */
export function textOfBytes(bytes: Uint8Array): string {
  const unpacked = bytes[0] === 0x1f ? gunzip(bytes) : null;
  return unpacked === null ? decodeUtf8(bytes) : packedForm(decodeUtf8(unpacked));
}
