import { columnsOf, isSkinTone } from "../screen/width.js";

/**
 * Characters that an editor draws otherwise than they are: zle shows what takes no column as its number
 * (`<200d>`, in inverse colours), mksh shows what lies beyond the Basic Multilingual Plane as its bytes
 * (`\xF0\x9F\x8E\x89`), busybox (`masks`) a question mark beyond U+02FF; fish draws over the half of an
 * emoji that it does not count.
 */
export function drawnForms(code: number, masks: boolean): readonly string[] {
  if (masks) return code > MASKED_BEYOND ? ["?"] : [];
  return code > BASIC_PLANE_LAST ? [numbered(code), bytes(code)] : [numbered(code)];
}

/** A character that shows by itself, and not only as a part of the one before it. */
export function standsAlone(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return columnsOf(code) > 0 && !isSkinTone(code);
}

/**
 * The number that zle shows for a character, at the end of `chars` in so many inverse signs, becomes the
 * character. Answers where the point is then.
 */
export function foldNumber(chars: string[], inverse: number, point: number | null): number | null {
  const shown = chars.slice(-Math.min(inverse, NUMBER_SIGNS_MAX)).join("");
  const match = NUMBER.exec(shown);
  const code = match === null ? -1 : Number.parseInt(match[1] ?? "", 16);
  if (match === null || code > UNICODE_LAST) return point;
  const start = chars.length - match[0].length;
  chars.splice(start, match[0].length, String.fromCodePoint(code));
  return point === null || point <= start ? point : start + 1;
}

/** The signs of a line as mksh shows them. */
export function asBytesBeyond(text: string): readonly string[] {
  return Array.from(text).flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > BASIC_PLANE_LAST ? Array.from(bytes(code)) : [character];
  });
}

/** Bytes of characters beyond the Basic Multilingual Plane as mksh shows them, back to the characters. */
export function withoutBytes(text: string): string {
  return text.replace(BYTES, (shown) => {
    const [a = 0, b = 0, c = 0, d = 0] = shown
      .split("\\x")
      .slice(1)
      .map((digits) => Number.parseInt(digits, 16));
    const code = ((a & 7) << 18) | ((b & 63) << 12) | ((c & 63) << 6) | (d & 63);
    return code > BASIC_PLANE_LAST && code <= UNICODE_LAST ? String.fromCodePoint(code) : shown;
  });
}

/** As busybox is shipped (CONFIG_LAST_SUPPORTED_WCHAR). */
export const MASKED_BEYOND = 0x2ff;
const BASIC_PLANE_LAST = 0xffff;
const UNICODE_LAST = 0x10ffff;
const NUMBER = /<([0-9a-f]{4}|[0-9a-f]{8})>$/;
const NUMBER_SIGNS_MAX = 10;
const BYTES = /\\xF[0-4](?:\\x[89AB][0-9A-F]){3}/g;

function numbered(code: number): string {
  return `<${code.toString(16).padStart(code > BASIC_PLANE_LAST ? 8 : 4, "0")}>`;
}

/** UTF-8 of a character of four bytes. */
function bytes(code: number): string {
  const parts = [
    0xf0 | (code >> 18),
    0x80 | ((code >> 12) & 63),
    0x80 | ((code >> 6) & 63),
    0x80 | (code & 63),
  ];
  return parts.map((part) => `\\x${part.toString(16).toUpperCase()}`).join("");
}
