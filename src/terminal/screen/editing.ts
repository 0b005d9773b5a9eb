import type { CellBuffer } from "./cell-buffer.js";
import type { Display } from "./display.js";

/** ED and DECSED: 0 from the cursor on, 1 up to and with the cursor, 2 all; 3 is about scrollback. */
export function eraseInDisplay(display: Display, part: number, selective: boolean): void {
  display.restrictCursor(display.columns);
  const { active: buffer, columns, rows } = display;
  const { x, y } = buffer;
  const erase: Erasure = { display, selective };
  if (part === 0) {
    eraseSpan(erase, y, x, columns);
    if (x === 0) buffer.setWrapped(y, false);
    for (let row = y + 1; row < rows; row += 1) eraseRow(erase, row);
  } else if (part === 1) {
    eraseSpan(erase, y, 0, x + 1);
    buffer.setWrapped(y, false);
    if (x + 1 >= columns && y + 1 < rows) buffer.setWrapped(y + 1, false);
    for (let row = 0; row < y; row += 1) eraseRow(erase, row);
  } else if (part === 2) {
    for (let row = 0; row < rows; row += 1) eraseRow(erase, row);
  }
  display.touch();
}

/** EL and DECSEL: 0 from the cursor on, 1 up to and with the cursor, 2 all. */
export function eraseInLine(display: Display, part: number, selective: boolean): void {
  display.restrictCursor(display.columns);
  const { active: buffer, columns } = display;
  const { x, y } = buffer;
  const erase: Erasure = { display, selective };
  if (part === 0) {
    eraseSpan(erase, y, x, columns);
    if (x === 0) buffer.setWrapped(y, false);
  } else if (part === 1) {
    eraseSpan(erase, y, 0, x + 1);
  } else if (part === 2) {
    eraseSpan(erase, y, 0, columns);
    buffer.setWrapped(y, false);
  }
  display.touch();
}

interface Erasure {
  readonly display: Display;
  readonly selective: boolean;
}

function eraseRow(erase: Erasure, row: number): void {
  const { active: buffer, eraseBackground, columns } = erase.display;
  if (erase.selective) {
    eraseSpan(erase, row, 0, columns);
    buffer.setWrapped(row, false);
  } else buffer.clearRow(row, eraseBackground);
}

function eraseSpan(erase: Erasure, row: number, from: number, to: number): void {
  const { active: buffer, eraseBackground } = erase.display;
  if (from >= buffer.columns) return;
  if (erase.selective) buffer.blankUnprotected(row, { from, to }, eraseBackground);
  else buffer.blank(row, { from, to }, eraseBackground);
}

/** SL: the region's rows move left. */
export function panLeft(display: Display, count: number): void {
  eachRegionRow(display, (buffer, row, background) => {
    buffer.deleteCells(row, 0, { count, background });
  });
}

/** SR: the region's rows move right. */
export function panRight(display: Display, count: number): void {
  eachRegionRow(display, (buffer, row, background) => {
    buffer.insertCells(row, 0, { count, background });
  });
}

/** DECIC at the cursor's column. */
export function insertColumns(display: Display, count: number): void {
  const column = Math.min(display.active.x, display.columns - 1);
  eachRegionRow(display, (buffer, row, background) => {
    buffer.insertCells(row, column, { count, background });
  });
}

/** DECDC at the cursor's column. */
export function deleteColumns(display: Display, count: number): void {
  const column = Math.min(display.active.x, display.columns - 1);
  eachRegionRow(display, (buffer, row, background) => {
    buffer.deleteCells(row, column, { count, background });
  });
}

function eachRegionRow(
  display: Display,
  deed: (buffer: CellBuffer, row: number, background: number) => void,
): void {
  const { active: buffer, eraseBackground } = display;
  if (buffer.y < buffer.top || buffer.y > buffer.bottom) return;
  for (let row = buffer.top; row <= buffer.bottom; row += 1) {
    deed(buffer, row, eraseBackground);
    buffer.setWrapped(row, false);
  }
  display.touch();
}
