import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphOf } from "./font.js";

/** Lines of text as a picture: two colours, one bit a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export interface Colours {
  readonly paper: readonly [number, number, number];
  readonly ink: readonly [number, number, number];
}

/** No line is longer than `columns`; shorter ones are filled up. */
export function drawText(lines: readonly string[], columns: number, colours: Colours): Picture {
  const width = columns * GLYPH_WIDTH;
  const height = lines.length * GLYPH_HEIGHT;
  const stride = columns + 1; // a glyph is a byte wide; one more for the filter
  const rows = new Uint8Array(stride * height);
  lines.forEach((line, row) => {
    Array.from(line).forEach((character, column) => {
      if (column >= columns) return;
      const glyph = glyphOf(character);
      for (let y = 0; y < GLYPH_HEIGHT; y += 1) {
        const at = (row * GLYPH_HEIGHT + y) * stride + 1 + column;
        rows[at] = mirrored(glyph[y >> 1] ?? 0);
      }
    });
  });
  return { width, height, png: encodePng(width, height, rows, colours) };
}

/** PNG has the leftmost pixel in the highest bit. */
function mirrored(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) out |= 0x80 >> bit;
  return out;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** PNG (RFC 2083): palette of two, not compressed, so that no library and no clock is needed. */
function encodePng(
  width: number,
  height: number,
  rows: Uint8Array,
  { paper, ink }: Colours,
): Uint8Array {
  return joined([
    SIGNATURE,
    chunk("IHDR", joined([uint32(width), uint32(height), Uint8Array.of(1, 3, 0, 0, 0)])),
    chunk("PLTE", Uint8Array.of(...paper, ...ink)),
    chunk("IDAT", stored(rows)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** zlib (RFC 1950) around stored blocks (RFC 1951, 3.2.4). */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < bytes.length; at += BLOCK_MAX) {
    const block = bytes.subarray(at, at + BLOCK_MAX);
    const { length } = block;
    const last = at + BLOCK_MAX >= bytes.length ? 1 : 0;
    const header = [last, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff];
    parts.push(Uint8Array.from(header), block);
  }
  return joined([...parts, uint32(adler32(bytes))]);
}

const BLOCK_MAX = 0xffff;
const ADLER_MODULUS = 65_521;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % ADLER_MODULUS;
    b = (b + a) % ADLER_MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = joined([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  return joined([uint32(data.length), body, uint32(crc32(body))]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320;
  }
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
