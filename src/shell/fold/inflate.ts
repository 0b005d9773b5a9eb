import { VALUE_CHARS_MAX } from "../limits.js";

/**
 * Bytes of a gzip member (RFC 1952) with their deflate stream undone (RFC 1951). Null when they are none,
 * are cut short, or hold more than is followed of one value; checksums are not asked for.
 */
export function gunzip(bytes: Uint8Array): Uint8Array | null {
  const [first, second, method, flags = 0] = bytes;
  if (first !== 0x1f || second !== 0x8b || method !== 8) return null;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
  for (const text of [8, 16])
    if ((flags & text) !== 0) {
      while (at < bytes.length && bytes[at] !== 0) at += 1;
      at += 1;
    }
  if ((flags & 2) !== 0) at += 2;
  return inflate(bytes.subarray(at));
}

/** Reads bits, the lowest of a byte first; `ended` once there were too few. */
interface Bits {
  readonly bytes: Uint8Array;
  at: number;
  ended: boolean;
}

function take(bits: Bits, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++, bits.at++) {
    const byte = bits.bytes[bits.at >> 3];
    if (byte === undefined) bits.ended = true;
    value |= (((byte ?? 0) >> (bits.at & 7)) & 1) << i;
  }
  return value;
}

/** Canonical Huffman code: how many codes have each length, and the symbols in order of their codes. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

function codeOf(lengths: readonly number[]): Code {
  const counts = Array.from({ length: 16 }, (_one, n) =>
    n === 0 ? 0 : lengths.filter((length) => length === n).length,
  );
  const symbols = lengths
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
    .map(({ symbol }) => symbol);
  return { counts, symbols };
}

function symbolOf(bits: Bits, { counts, symbols }: Code): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length < 16; length++) {
    code |= take(bits, 1);
    const count = counts[length] ?? 0;
    if (code - count < first) return symbols[index + code - first] ?? END;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  bits.ended = true;
  return END;
}

const END = 256;
const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const FIXED = {
  literals: codeOf(
    Array.from({ length: 288 }, (_one, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
  ),
  distances: codeOf(Array.from({ length: 30 }, () => 5)),
};

function inflate(bytes: Uint8Array): Uint8Array | null {
  const bits: Bits = { bytes, at: 0, ended: false };
  const out: number[] = [];
  for (let last = 0; last === 0 && !bits.ended;) {
    last = take(bits, 1);
    const kind = take(bits, 2);
    if (kind === 0) copyStored(bits, out);
    else if (kind === 3) return null;
    else readBlock(bits, kind === 1 ? FIXED : readCodes(bits), out);
    if (out.length > VALUE_CHARS_MAX) return null;
  }
  return bits.ended ? null : Uint8Array.from(out);
}

function copyStored(bits: Bits, out: number[]): void {
  bits.at = (bits.at + 7) & ~7;
  const length = take(bits, 16);
  take(bits, 16);
  for (let i = 0; i < length && !bits.ended; i++) out.push(take(bits, 8));
}

function readCodes(bits: Bits): typeof FIXED {
  const literals = take(bits, 5) + 257;
  const distances = take(bits, 5) + 1;
  const count = take(bits, 4) + 4;
  const own: number[] = Array.from({ length: 19 }, () => 0);
  for (const place of LENGTH_ORDER.slice(0, count)) own[place] = take(bits, 3);
  const code = codeOf(own);
  const lengths: number[] = [];
  while (lengths.length < literals + distances && !bits.ended) {
    const symbol = symbolOf(bits, code);
    const [value, times] =
      symbol < 16
        ? [symbol, 1]
        : symbol === 16
          ? [lengths.at(-1) ?? 0, 3 + take(bits, 2)]
          : [0, symbol === 17 ? 3 + take(bits, 3) : 11 + take(bits, 7)];
    for (let i = 0; i < times; i++) lengths.push(value);
  }
  return {
    literals: codeOf(lengths.slice(0, literals)),
    distances: codeOf(lengths.slice(literals)),
  };
}

function readBlock(bits: Bits, { literals, distances }: typeof FIXED, out: number[]): void {
  while (!bits.ended && out.length <= VALUE_CHARS_MAX) {
    const symbol = symbolOf(bits, literals);
    if (symbol === END) return;
    if (symbol < END) {
      out.push(symbol);
      continue;
    }
    const length = (LENGTHS[symbol - 257] ?? 0) + take(bits, LENGTH_BITS[symbol - 257] ?? 0);
    const far = symbolOf(bits, distances);
    const distance = (DISTANCES[far] ?? 0) + take(bits, DISTANCE_BITS[far] ?? 0);
    for (let i = 0; i < length; i++) out.push(out[out.length - distance] ?? 0);
  }
}
