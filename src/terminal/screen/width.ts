import { NO_COLUMN, TWO_COLUMNS } from "./width-table.js";

/** Below this every printable character takes one column. */
const FIRST_UNUSUAL = 0x300;
const LAST_CODE_POINT = 0x10ffff;

/** Two bits a character for the Basic Multilingual Plane and the plane of emoji: 32 KB, shared. */
const TABLE_END = 0x20000;
const TABLE = compile();

/**
 * Columns that a printable code point takes on a terminal: 0 (combining), 1 or 2 (wide). Follows
 * `wcwidth` of glibc 2.36, because shells on the targets lay their lines out with it. Known limit:
 * emoji made wide by U+FE0F and sequences joined by U+200D take the columns of their parts, as there.
 */
export function columnsOf(code: number): 0 | 1 | 2 {
  if (code < FIRST_UNUSUAL) return 1;
  if (code >= TABLE_END) return columnsBeyond(code);
  const two = ((TABLE[code >> 2] ?? 0) >> ((code & 3) << 1)) & 3;
  return two === 0 ? 1 : two === 1 ? 0 : 2;
}

/** Emoji modifiers: one program counts two columns, the next none. */
export function isSkinTone(code: number): boolean {
  return code >= 0x1f3fb && code <= 0x1f3ff;
}

const BEYOND: readonly Range[] = [
  ...ranges(NO_COLUMN).map((range): Range => ({ ...range, columns: 0 })),
  ...ranges(TWO_COLUMNS).map((range): Range => ({ ...range, columns: 2 })),
].filter((range) => range.last >= TABLE_END);

interface Range {
  readonly first: number;
  readonly last: number;
  readonly columns: 0 | 2;
}

/** A dozen ranges lie beyond the table: supplementary ideographs, tags, variation selectors. */
function columnsBeyond(code: number): 0 | 1 | 2 {
  for (const range of BEYOND) {
    if (code >= range.first && code <= range.last) return range.columns;
  }
  return 1;
}

function compile(): Uint8Array {
  const table = new Uint8Array(TABLE_END >> 2);
  const mark = (text: string, bits: number): void => {
    for (const { first, last } of ranges(text)) {
      for (let code = first; code <= last && code < TABLE_END; code += 1) {
        const at = code >> 2;
        table[at] = (table[at] ?? 0) | (bits << ((code & 3) << 1));
      }
    }
  };
  mark(NO_COLUMN, 1);
  mark(TWO_COLUMNS, 2);
  return table;
}

function ranges(text: string): { first: number; last: number }[] {
  let end = 0;
  return text.split(" ").map((item) => {
    const [distance = "0", length = "0"] = item.split("-");
    const first = end + Number.parseInt(distance, 16);
    end = Math.min(first + Number.parseInt(length, 16), LAST_CODE_POINT);
    return { first, last: end };
  });
}
