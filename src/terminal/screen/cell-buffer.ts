import { PLANES, PROTECTED, RIGHT_HALF, WIDE } from "./cell.js";

/** What DECSC keeps. One for each buffer, as in xterm. */
export interface SavedCursor {
  x: number;
  y: number;
  foreground: number;
  background: number;
  charsets: readonly number[];
  level: number;
}

export function freshSavedCursor(): SavedCursor {
  return { x: 0, y: 0, foreground: 0, background: 0, charsets: [0, 0, 0, 0], level: 0 };
}

/**
 * The cells of one screen (primary or alternate), with cursor and scroll region. Rows are reached
 * through `order`, so scrolling moves row numbers, not cells.
 *
 * Invariant: a WIDE cell is followed by its RIGHT_HALF in the same row, and there is no other
 * RIGHT_HALF: whoever cuts a wide character blanks both halves.
 */
export class CellBuffer {
  readonly columns: number;
  readonly rows: number;
  readonly cells: Uint32Array;
  /** Wrapped flag by place in `order`'s values: travels with the row when it scrolls. */
  private readonly continued: Uint8Array;
  private readonly order: Uint16Array;
  private readonly stride: number;
  /** May equal `columns`: the last column is written and the next character wraps. */
  x = 0;
  y = 0;
  top = 0;
  bottom: number;
  saved: SavedCursor = freshSavedCursor();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.stride = columns * PLANES;
    this.cells = new Uint32Array(this.stride * rows);
    this.continued = new Uint8Array(rows);
    this.order = new Uint16Array(rows);
    for (let row = 0; row < rows; row += 1) this.order[row] = row;
    this.bottom = rows - 1;
  }

  /** Index of the row's first content word; foreground, background, revision follow by `columns`. */
  base(row: number): number {
    return (this.order[row] ?? 0) * this.stride;
  }

  content(row: number, column: number): number {
    return this.cells[this.base(row) + column] ?? 0;
  }

  wrapped(row: number): boolean {
    return this.continued[this.order[row] ?? 0] === 1;
  }

  setWrapped(row: number, wrapped: boolean): void {
    this.continued[this.order[row] ?? 0] = wrapped ? 1 : 0;
  }

  /** Blanks a whole row and makes it the start of a line. */
  clearRow(row: number, background: number): void {
    const base = this.base(row);
    this.cells.fill(0, base, base + this.stride);
    if (background !== 0) {
      this.cells.fill(background, base + 2 * this.columns, base + 3 * this.columns);
    }
    this.setWrapped(row, false);
  }

  clearAll(background: number): void {
    for (let row = 0; row < this.rows; row += 1) this.clearRow(row, background);
  }

  /** Blanks columns [from, to) of a row. */
  blank(row: number, span: Span, background: number): void {
    const to = Math.min(span.to, this.columns);
    this.mend(row, span.from, background);
    this.mend(row, to, background);
    const base = this.base(row);
    for (let at = base + span.from; at < base + to; at += 1) this.blankCell(at, background);
  }

  /** Blanks the cells of the span that are not protected (DECSED, DECSEL). */
  blankUnprotected(row: number, span: Span, background: number): void {
    const to = Math.min(span.to, this.columns);
    let { from } = span;
    while (from < to) {
      let end = from;
      while (end < to && !this.isProtected(row, end)) end += 1;
      if (end > from) this.blank(row, { from, to: end }, background);
      from = end + 1;
    }
  }

  private isProtected(row: number, column: number): boolean {
    return ((this.cells[this.base(row) + column + 2 * this.columns] ?? 0) & PROTECTED) !== 0;
  }

  /** A cut is made left of `column`: a wide character across it becomes two blanks. */
  mend(row: number, column: number, background: number): void {
    if (column <= 0 || column >= this.columns) return;
    const at = this.base(row) + column;
    if (((this.cells[at] ?? 0) & RIGHT_HALF) === 0) return;
    this.blankCell(at - 1, background);
    this.blankCell(at, background);
  }

  /** Moves the cells from `column` on to the right by `count`; what falls off the end is lost. */
  insertCells(row: number, column: number, shift: Shift): void {
    const count = Math.min(shift.count, this.columns - column);
    this.mend(row, column, shift.background);
    this.mend(row, this.columns - count, shift.background);
    const base = this.base(row);
    for (let plane = 0; plane < PLANES; plane += 1) {
      const start = base + plane * this.columns;
      this.cells.copyWithin(start + column + count, start + column, start + this.columns - count);
    }
    for (let at = base + column; at < base + column + count; at += 1) {
      this.blankCell(at, shift.background);
    }
  }

  /** Removes `count` cells at `column`; blanks come in from the right. */
  deleteCells(row: number, column: number, shift: Shift): void {
    const count = Math.min(shift.count, this.columns - column);
    this.mend(row, column, shift.background);
    this.mend(row, column + count, shift.background);
    const base = this.base(row);
    for (let plane = 0; plane < PLANES; plane += 1) {
      const start = base + plane * this.columns;
      this.cells.copyWithin(start + column, start + column + count, start + this.columns);
    }
    for (let at = base + this.columns - count; at < base + this.columns; at += 1) {
      this.blankCell(at, shift.background);
    }
  }

  /** Rows [top, bottom] move up by `count`; blank rows come in at the bottom. */
  scrollUp(top: number, bottom: number, shift: Shift): void {
    const count = Math.min(shift.count, bottom - top + 1);
    if (count <= 0) return;
    if (count === 1) {
      const first = this.order[top] ?? 0;
      this.order.copyWithin(top, top + 1, bottom + 1);
      this.order[bottom] = first;
    } else {
      const gone = this.order.slice(top, top + count);
      this.order.copyWithin(top, top + count, bottom + 1);
      this.order.set(gone, bottom + 1 - count);
    }
    for (let row = bottom + 1 - count; row <= bottom; row += 1) {
      this.clearRow(row, shift.background);
    }
  }

  /** Rows [top, bottom] move down by `count`; blank rows come in at the top. */
  scrollDown(top: number, bottom: number, shift: Shift): void {
    const count = Math.min(shift.count, bottom - top + 1);
    if (count <= 0) return;
    const gone = this.order.slice(bottom + 1 - count, bottom + 1);
    this.order.copyWithin(top + count, top, bottom + 1 - count);
    this.order.set(gone, top);
    for (let row = top; row < top + count; row += 1) this.clearRow(row, shift.background);
  }

  /**
   * A buffer of another size with the same content, without reflow: cells keep their columns, rows
   * go first from below the cursor, then from the top, so the cursor's row always stays. The scroll
   * region becomes the whole screen. Returns how many rows left at the top.
   */
  resized(columns: number, rows: number): { buffer: CellBuffer; scrolledOff: number } {
    const buffer = new CellBuffer(columns, rows);
    const scrolledOff = Math.max(0, this.y - (rows - 1));
    const kept = Math.min(this.columns, columns);
    for (let row = 0; row < Math.min(rows, this.rows - scrolledOff); row += 1) {
      const source = this.base(row + scrolledOff);
      const target = buffer.base(row);
      for (let plane = 0; plane < PLANES; plane += 1) {
        const from = source + plane * this.columns;
        buffer.cells.set(this.cells.subarray(from, from + kept), target + plane * columns);
      }
      const last = target + columns - 1;
      if ((buffer.cells[last] ?? 0) & WIDE) buffer.blankCell(last, 0);
      buffer.setWrapped(row, this.wrapped(row + scrolledOff));
    }
    buffer.x = Math.min(this.x, columns - 1);
    buffer.y = this.y - scrolledOff;
    buffer.saved = {
      ...this.saved,
      x: Math.min(this.saved.x, columns - 1),
      y: Math.min(Math.max(this.saved.y - scrolledOff, 0), rows - 1),
    };
    return { buffer, scrolledOff };
  }

  private blankCell(at: number, background: number): void {
    this.cells[at] = 0;
    this.cells[at + this.columns] = 0;
    this.cells[at + 2 * this.columns] = background;
    this.cells[at + 3 * this.columns] = 0;
  }
}

export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface Shift {
  readonly count: number;
  readonly background: number;
}
