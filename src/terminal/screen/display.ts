import { CellBuffer } from "./cell-buffer.js";
import type { SavedCursor } from "./cell-buffer.js";
import { COLOUR_MASK } from "./cell.js";
import { ASCII } from "./charset.js";
import { Clusters } from "./clusters.js";
import { TAB_STOP_COLUMNS } from "./limits.js";
import { freshModes } from "./modes.js";
import type { Modes } from "./modes.js";
import type { Pen } from "./sgr.js";

/**
 * The state of the terminal and the moves that several sequences share. Behaviour follows xterm.js
 * 6.0 (the differential tests hold it to that); departures are named where they are made.
 */
export class Display {
  columns: number;
  rows: number;
  primary: CellBuffer;
  /** Made at first use and dropped when left: an idle shell pays for one buffer. */
  alternate: CellBuffer | undefined = undefined;
  active: CellBuffer;
  /** The alternate buffer's saved cursor outlives the buffer. */
  alternateSaved: SavedCursor | undefined = undefined;
  readonly pen: Pen = { foreground: 0, background: 0 };
  modes: Modes = freshModes();
  /** G0..G3; `level` says which is in use (locking shifts). */
  charsets: number[] = [ASCII, ASCII, ASCII, ASCII];
  level = 0;
  tabs: Uint8Array;
  readonly clusters = new Clusters();
  revision = 0;
  /** The revision that writes of the running feed carry. */
  stamp = 1;
  scrolled = 0;
  /** fish counts no column for a skin tone behind an emoji; others count two. */
  skinTonesJoin = false;
  /** Combining marks that were printed and that no cell took. */
  marksLost = 0;
  /** True right after a printed character: only then REP repeats. */
  repeatable = false;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.primary = new CellBuffer(columns, rows);
    this.active = this.primary;
    this.tabs = defaultTabs(columns);
  }

  /** Background of erased cells: the pen's colour without its flags (xterm's "bce"). */
  get eraseBackground(): number {
    return this.pen.background & COLOUR_MASK;
  }

  /** Call for every change of a cell. */
  touch(): void {
    this.revision = this.stamp;
  }

  /** Keeps the cursor on the screen, and in the scroll region under DECOM; ends a pending wrap. */
  restrictCursor(columnMax = this.columns - 1): void {
    const buffer = this.active;
    const { origin } = this.modes;
    buffer.x = clamp(buffer.x, 0, columnMax);
    buffer.y = clamp(buffer.y, origin ? buffer.top : 0, origin ? buffer.bottom : this.rows - 1);
  }

  /** Addresses a place counted from 0, from the scroll region's corner under DECOM. */
  placeCursor(x: number, y: number): void {
    this.active.x = x;
    this.active.y = this.modes.origin ? this.active.top + y : y;
    this.restrictCursor();
  }

  moveCursor(byColumns: number, byRows: number): void {
    this.restrictCursor();
    this.active.x += byColumns;
    this.active.y += byRows;
    this.restrictCursor();
  }

  /** Scrolls the region up by one for a line feed or a wrap at its bottom. */
  scrollForLine(): void {
    this.scrollRegionUp(1);
  }

  scrollRegionUp(count: number): void {
    const { active } = this;
    const lines = Math.min(count, active.bottom - active.top + 1);
    active.scrollUp(active.top, active.bottom, {
      count: lines,
      background: this.eraseBackground,
    });
    if (active === this.primary && active.top === 0 && active.bottom === this.rows - 1) {
      this.scrolled += lines;
    }
    this.touch();
  }

  /** One row down, scrolling at the region's bottom. True when the cursor reached a row below. */
  private stepDown(): boolean {
    const buffer = this.active;
    if (buffer.y === buffer.bottom) {
      this.scrollForLine();
      return false;
    }
    if (buffer.y >= this.rows - 1) return false;
    buffer.y += 1;
    return true;
  }

  lineFeed(): void {
    const buffer = this.active;
    if (this.modes.newLine) buffer.x = 0;
    if (this.stepDown()) buffer.setWrapped(buffer.y, false);
    if (buffer.x >= this.columns) buffer.x -= 1;
  }

  index(): void {
    this.restrictCursor();
    this.stepDown();
    this.restrictCursor();
  }

  reverseIndex(): void {
    this.restrictCursor();
    const buffer = this.active;
    if (buffer.y === buffer.top) {
      buffer.scrollDown(buffer.top, buffer.bottom, { count: 1, background: this.eraseBackground });
      this.touch();
    } else {
      buffer.y -= 1;
      this.restrictCursor();
    }
  }

  /** Soft wrap: the next character goes to the row below, which continues this one. */
  wrap(): void {
    const buffer = this.active;
    buffer.x = 0;
    this.stepDown();
    buffer.setWrapped(buffer.y, true);
  }

  backspace(): void {
    const buffer = this.active;
    this.restrictCursor(this.modes.reverseWrap ? this.columns : this.columns - 1);
    if (buffer.x > 0) buffer.x -= 1;
    else if (this.modes.reverseWrap) this.backOverWrap();
  }

  private backOverWrap(): void {
    const buffer = this.active;
    const { y } = buffer;
    if (y <= buffer.top || y > buffer.bottom || !buffer.wrapped(y)) return;
    buffer.setWrapped(y, false);
    buffer.y -= 1;
    buffer.x = this.columns - 1;
    // The last cell is blank when a wide character did not fit and wrapped early.
    if (buffer.content(buffer.y, buffer.x) === 0) buffer.x -= 1;
  }

  tabForward(count: number): void {
    const buffer = this.active;
    if (buffer.x >= this.columns) return;
    for (let i = 0; i < Math.min(count, this.columns); i += 1) {
      let x = buffer.x + 1;
      while (x < this.columns && this.tabs[x] !== 1) x += 1;
      buffer.x = Math.min(x, this.columns - 1);
    }
  }

  tabBackward(count: number): void {
    const buffer = this.active;
    if (buffer.x >= this.columns) return;
    for (let i = 0; i < Math.min(count, this.columns); i += 1) {
      let x = buffer.x - 1;
      while (x > 0 && this.tabs[x] !== 1) x -= 1;
      buffer.x = Math.max(x, 0);
    }
  }

  saveCursor(): void {
    const { active, pen } = this;
    active.saved = {
      x: active.x,
      y: active.y,
      foreground: pen.foreground,
      background: pen.background,
      charsets: [...this.charsets],
      level: this.level,
    };
  }

  /** DECRC. Departs from xterm.js: all of G0..G3 and the shift come back, as on DEC terminals. */
  restoreCursor(): void {
    const { saved } = this.active;
    this.active.x = saved.x;
    this.active.y = saved.y;
    this.pen.foreground = saved.foreground;
    this.pen.background = saved.background;
    this.charsets = [...saved.charsets];
    this.level = saved.level;
    this.restrictCursor();
  }

  enterAlternate(): void {
    if (this.active !== this.primary) return;
    const alternate = new CellBuffer(this.columns, this.rows);
    if (this.alternateSaved !== undefined) alternate.saved = this.alternateSaved;
    if (this.eraseBackground !== 0) alternate.clearAll(this.eraseBackground);
    alternate.x = this.primary.x;
    alternate.y = this.primary.y;
    this.alternate = alternate;
    this.active = alternate;
    this.touch();
  }

  leaveAlternate(): void {
    const { alternate } = this;
    if (alternate === undefined) return;
    this.primary.x = alternate.x;
    this.primary.y = alternate.y;
    this.alternateSaved = alternate.saved;
    this.alternate = undefined;
    this.active = this.primary;
    this.touch();
    // Departs from xterm.js: under DECOM the cursor must not stand outside the other buffer's region.
    if (this.modes.origin) this.restrictCursor(this.columns);
  }

  /** RIS. `scrolled` and `revision` go on: they name lines and moments for good. */
  reset(): void {
    this.primary = new CellBuffer(this.columns, this.rows);
    this.active = this.primary;
    this.alternate = undefined;
    this.alternateSaved = undefined;
    this.pen.foreground = 0;
    this.pen.background = 0;
    this.modes = freshModes();
    this.resetCharsets();
    this.tabs = defaultTabs(this.columns);
    this.clusters.clear();
    this.touch();
  }

  resetCharsets(): void {
    this.charsets = [ASCII, ASCII, ASCII, ASCII];
    this.level = 0;
  }

  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return;
    const primary = this.primary.resized(columns, rows);
    this.scrolled += primary.scrolledOff;
    this.primary = primary.buffer;
    this.alternate = this.alternate?.resized(columns, rows).buffer;
    this.active = this.alternate ?? this.primary;
    const tabs = defaultTabs(columns);
    tabs.set(this.tabs.subarray(0, Math.min(columns, this.columns)));
    this.tabs = tabs;
    this.columns = columns;
    this.rows = rows;
    this.revision += 1;
  }
}

function defaultTabs(columns: number): Uint8Array {
  const tabs = new Uint8Array(columns);
  for (let column = 0; column < columns; column += TAB_STOP_COLUMNS) tabs[column] = 1;
  return tabs;
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
