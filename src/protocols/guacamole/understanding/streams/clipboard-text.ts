import { decodeUtf8, encodeUtf8 } from "../../../../kernel/index.js";
import { instruction, type Instruction } from "../instruction.js";
import { encodeBase64 } from "./base64.js";

export interface ClipboardText {
  readonly text: string;
  /** The bytes are not UTF-8 as they are: characters beyond U+FFFF stand there as two surrogates. */
  readonly mended: boolean;
}

/**
 * Text of a clipboard. Clients write characters beyond U+FFFF as two encoded surrogates (CESU-8, a
 * defect of guacamole-common-js 1.5.0), which some targets can not take: they are read as what is meant.
 */
export function readClipboardText(bytes: Uint8Array): ClipboardText {
  const joined = joinSurrogates(bytes);
  return { text: decodeUtf8(joined), mended: joined !== bytes };
}

/** Bytes in one blob that every server takes (guacd's own limit is 6048). */
const BLOB_BYTES = 6_000;

/** The blobs that carry a text in true UTF-8. */
export function blobsOf(index: string, text: string): readonly Instruction[] {
  const bytes = encodeUtf8(text);
  const blobs: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += BLOB_BYTES)
    blobs.push(instruction("blob", index, encodeBase64(bytes.slice(at, at + BLOB_BYTES))));
  return blobs;
}

/** `ED A0..AF xx ED B0..BF xx` is one character of four bytes. The same array when there is none. */
function joinSurrogates(bytes: Uint8Array): Uint8Array {
  let out: number[] | null = null;
  for (let i = 0; i < bytes.length; i++) {
    const code = surrogatePairAt(bytes, i);
    if (code === null) out?.push(bytes[i] ?? 0);
    else {
      out ??= Array.from(bytes.subarray(0, i));
      out.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
      i += 5;
    }
  }
  return out === null ? bytes : Uint8Array.from(out);
}

function surrogatePairAt(bytes: Uint8Array, at: number): number | null {
  const [a, b, c, d, e, f] = bytes.subarray(at, at + 6);
  if (a !== 0xed || d !== 0xed || f === undefined) return null;
  if (b === undefined || c === undefined || e === undefined) return null;
  if ((b & 0xf0) !== 0xa0 || (e & 0xf0) !== 0xb0) return null;
  if ((c & 0xc0) !== 0x80 || (f & 0xc0) !== 0x80) return null;
  const high = ((b & 0x0f) << 6) | (c & 63);
  const low = ((e & 0x0f) << 6) | (f & 63);
  return 0x10000 + ((high << 10) | low);
}
