import { deflateSync } from "node:zlib";
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

/** How large: every pixel is a square of `scale`, and `leading` pixels stand below each line. */
export interface Setting {
  readonly scale: number;
  readonly leading: number;
}

const PLAIN: Setting = { scale: 1, leading: 0 };

/** No line is longer than `columns`; shorter ones are filled up. */
export function drawText(
  lines: readonly string[],
  columns: number,
  colours: Colours,
  { scale, leading }: Setting = PLAIN,
): Picture {
  const lineHeight = GLYPH_HEIGHT + leading;
  const width = columns * GLYPH_WIDTH * scale;
  const height = lines.length * lineHeight * scale;
  const stride = columns * scale + 1; // a glyph is a byte wide; one more for the filter
  const rows = new Uint8Array(stride * height);
  lines.forEach((line, row) => {
    const glyphs = Array.from(line).slice(0, columns).map(glyphOf);
    for (let y = 0; y < GLYPH_HEIGHT; y += 1) {
      const top = (row * lineHeight + y) * scale * stride;
      glyphs.forEach((glyph, column) => {
        const pixels = mirrored(glyph[y >> 1] ?? 0);
        for (let part = 0; part < scale; part += 1) {
          rows[top + 1 + column * scale + part] = widened(pixels, scale, part);
        }
      });
      for (let more = 1; more < scale; more += 1) {
        rows.copyWithin(top + more * stride, top, top + stride);
      }
    }
  });
  return { width, height, png: encodePng(width, height, rows, colours) };
}

/** The eight pixels that stand in this part of a row of eight, each of which is `scale` pixels wide. */
function widened(pixels: number, scale: number, part: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const from = Math.floor((part * 8 + bit) / scale);
    if ((pixels & (0x80 >> from)) !== 0) out |= 0x80 >> bit;
  }
  return out;
}

/** PNG has the leftmost pixel in the highest bit. */
function mirrored(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) out |= 0x80 >> bit;
  return out;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** PNG (RFC 2083): palette of two. Rows repeat, and most of them are empty: the fastest level does. */
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
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
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
