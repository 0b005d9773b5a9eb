import { Gunzip } from "fflate/browser";
import { VALUE_CHARS_MAX } from "../limits.js";

/** Of the packed bytes at once: what they unpack to is at most some thousand times as much (RFC 1951). */
const STEP_BYTES = 64;

/**
 * What a gzip file holds (RFC 1952). Null when it is none, is cut short, or holds more than is followed of
 * one value; checksums are not asked for.
 */
export function gunzip(bytes: Uint8Array): Uint8Array | null {
  const held = { pieces: [] as Uint8Array[], size: 0, whole: false };
  const reader = new Gunzip((piece, last) => {
    held.pieces.push(piece.slice());
    held.size += piece.length;
    held.whole = last;
  });
  try {
    for (let at = 0; at < bytes.length && held.size <= VALUE_CHARS_MAX; at += STEP_BYTES)
      reader.push(bytes.subarray(at, at + STEP_BYTES), at + STEP_BYTES >= bytes.length);
  } catch {
    return null; // the reader throws for what is no gzip
  }
  return held.whole && held.size <= VALUE_CHARS_MAX ? joined(held.pieces, held.size) : null;
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
