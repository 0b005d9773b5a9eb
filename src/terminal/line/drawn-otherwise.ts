import type { Screen } from "../screen/index.js";
import { columnsOf } from "../screen/width.js";

/**
 * Characters that an editor draws otherwise than they are: zle shows what takes no column as its number
 * (`<200d>`, in inverse colours), mksh shows what lies beyond the Basic Multilingual Plane as its bytes
 * (`\xF0\x9F\x8E\x89`), fish draws over the half of an emoji that it does not count.
 */
export function drawnForms(code: number): readonly string[] {
  return code > BASIC_PLANE_LAST ? [numbered(code), bytes(code)] : [numbered(code)];
}

/** Skin tones: one terminal counts two columns, the next none. */
export function isSkinTone(code: number): boolean {
  return code >= 0x1f3fb && code <= 0x1f3ff;
}

/** A character that shows by itself, and not only as a part of the one before it. */
export function standsAlone(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return columnsOf(code) > 0 && !isSkinTone(code);
}

/** The character that zle shows as its number from this cell on, and the columns that it takes. */
export function numberedAt(
  screen: Screen,
  row: number,
  column: number,
): { readonly text: string; readonly columns: number } | null {
  const first = screen.cell(row, column);
  if (first.text !== "<" || !first.inverse) return null;
  let shown = "";
  for (let at = column; at < column + NUMBERED_COLUMNS_MAX; at += 1) {
    const cell = screen.cell(row, at);
    if (!cell.inverse) break;
    shown += cell.text;
    if (cell.text === ">") break;
  }
  const digits = NUMBERED.exec(shown)?.[1];
  const code = digits === undefined ? -1 : Number.parseInt(digits, 16);
  if (code < 0 || code > UNICODE_LAST) return null;
  return { text: String.fromCodePoint(code), columns: shown.length };
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

const BASIC_PLANE_LAST = 0xffff;
const UNICODE_LAST = 0x10ffff;
const NUMBERED = /^<([0-9a-f]{4}|[0-9a-f]{8})>$/;
const NUMBERED_COLUMNS_MAX = 10;
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
