import { CLUSTER, CONTENT_MASK, RIGHT_HALF, WIDE } from "./cell.js";
import { ASCII, translate } from "./charset.js";
import type { Display } from "./display.js";
import { CODE_POINTS_PER_CELL_MAX } from "./limits.js";
import { columnsOf, isSkinTone } from "./width.js";

/** Writes a run of printable ASCII, bytes[from, to): the path that most output takes. */
export function printAscii(display: Display, bytes: Uint8Array, from: number, to: number): void {
  if (display.modes.insert || display.charsets[display.level] !== ASCII) {
    for (let i = from; i < to; i += 1) print(display, bytes[i] ?? 0);
    return;
  }
  display.touch();
  display.repeatable = true;
  const { columns, active: buffer } = display;
  let i = from;
  while (i < to) {
    if (buffer.x >= columns) {
      if (display.modes.autowrap) display.wrap();
      else buffer.x = columns - 1;
    }
    const count = Math.min(columns - buffer.x, to - i);
    writeRun(display, bytes, i, count);
    i += count;
  }
}

function writeRun(display: Display, bytes: Uint8Array, from: number, count: number): void {
  const { columns, stamp, active: buffer } = display;
  const { foreground, background } = display.pen;
  const { cells } = buffer;
  const start = buffer.base(buffer.y) + buffer.x;
  if ((cells[start] ?? 0) & RIGHT_HALF) buffer.mend(buffer.y, buffer.x, display.eraseBackground);
  buffer.mend(buffer.y, buffer.x + count, display.eraseBackground);
  let at = start;
  for (let i = from; i < from + count; i += 1) {
    cells[at] = bytes[i] ?? 0;
    cells[at + columns] = foreground;
    cells[at + 2 * columns] = background;
    cells[at + 3 * columns] = stamp;
    at += 1;
  }
  buffer.x += count;
}

/** Writes one printable code point. */
export function print(display: Display, code: number): void {
  display.repeatable = true;
  const charset = display.charsets[display.level] ?? ASCII;
  const shown = charset === ASCII ? code : translate(charset, code);
  const width = display.skinTonesJoin && isSkinTone(shown) ? 0 : columnsOf(shown);
  if (width === 0) join(display, shown);
  else if (makeRoom(display, width)) writeCell(display, shown, width);
}

/** Wraps when the character does not fit; false when it is not shown at all. */
function makeRoom(display: Display, width: 1 | 2): boolean {
  const { active: buffer, columns } = display;
  if (buffer.x + width <= columns) return true;
  if (!display.modes.autowrap) {
    buffer.x = columns - 1;
    return width === 1;
  }
  if (buffer.x < columns) {
    buffer.blank(buffer.y, { from: buffer.x, to: columns }, display.eraseBackground);
  }
  display.wrap();
  return true;
}

function writeCell(display: Display, content: number, width: 1 | 2): void {
  const { active: buffer, columns } = display;
  const { x, y } = buffer;
  const background = display.eraseBackground;
  display.touch();
  if (display.modes.insert) buffer.insertCells(y, x, { count: width, background });
  buffer.mend(y, x, background);
  buffer.mend(y, x + width, background);
  const at = buffer.base(y) + x;
  put(display, at, width === 2 ? content | WIDE : content);
  if (width === 2) put(display, at + 1, RIGHT_HALF);
  buffer.x = Math.min(x + width, columns);
}

function put(display: Display, at: number, content: number): void {
  const { cells, columns } = display.active;
  cells[at] = content;
  cells[at + columns] = display.pen.foreground;
  cells[at + 2 * columns] = display.pen.background;
  cells[at + 3 * columns] = display.stamp;
}

/**
 * Adds a mark to the character left of the cursor. Departs from xterm.js, which gives a mark after a
 * cursor movement a cell of its own: shells count it as no column. A mark at column 0 is dropped.
 */
function join(display: Display, mark: number): void {
  const { active: buffer, columns, clusters } = display;
  if (buffer.x === 0) {
    display.marksLost += 1;
    return;
  }
  let at = buffer.base(buffer.y) + buffer.x - 1;
  if ((buffer.cells[at] ?? 0) & RIGHT_HALF) at -= 1;
  const content = buffer.cells[at] ?? 0;
  const before = content === 0 ? " " : contentText(display, content);
  if (codePoints(before) >= CODE_POINTS_PER_CELL_MAX) {
    display.marksLost += 1;
    return;
  }
  if (clusters.full) sweepClusters(display);
  const number = clusters.intern(before + String.fromCodePoint(mark));
  buffer.cells[at] = (content & WIDE) | CLUSTER | number;
  buffer.cells[at + 3 * columns] = display.stamp;
  display.touch();
}

/** The text of a content word; "" for a blank and for a right half. */
export function contentText(display: Display, content: number): string {
  const value = content & CONTENT_MASK;
  if (content & CLUSTER) return display.clusters.text(value);
  return value === 0 ? "" : String.fromCodePoint(value);
}

function codePoints(text: string): number {
  return Array.from(text).length;
}

function sweepClusters(display: Display): void {
  const used = new Set<number>();
  for (const buffer of [display.primary, display.alternate]) {
    if (buffer === undefined) continue;
    for (let row = 0; row < buffer.rows; row += 1) {
      for (let column = 0; column < buffer.columns; column += 1) {
        const content = buffer.content(row, column);
        if (content & CLUSTER) used.add(content & CONTENT_MASK);
      }
    }
  }
  display.clusters.sweep(used);
}

/** REP: prints the character left of the cursor again. */
export function repeatLast(display: Display, count: number): void {
  const { active: buffer } = display;
  if (!display.repeatable || buffer.x === 0) return;
  let column = buffer.x - 1;
  if (buffer.content(buffer.y, column) & RIGHT_HALF) column -= 1;
  const content = buffer.content(buffer.y, column);
  const codes = Array.from(contentText(display, content), codePointOf);
  const times = boundedRepeats(display, count, content & WIDE ? 2 : 1);
  const [first = 0] = codes;
  if (codes.length === 1 && first < 0x7f) {
    printAscii(display, new Uint8Array(times).fill(first), 0, times);
    return;
  }
  for (let i = 0; i < times; i += 1) {
    for (const code of codes) print(display, code);
  }
}

/** More than a screenful only scrolls the same picture: whole rows beyond it are left out. */
function boundedRepeats(display: Display, count: number, width: 1 | 2): number {
  const perRow = Math.floor(display.columns / width);
  const screenful = perRow * (display.rows + 1);
  return count <= screenful ? count : screenful + ((count - screenful) % perRow);
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
