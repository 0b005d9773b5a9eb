import type { TerminalSize } from "../../model/index.js";
import { ASCII } from "./charset.js";
import { COLOUR_KIND_MASK, CONCEALED, INVERSE, isFaint, RIGHT_HALF, WIDE } from "./cell.js";
import { executeEscape, executeControl } from "./controls.js";
import { executeSequence } from "./control-sequences.js";
import { Display } from "./display.js";
import { COLUMNS_DEFAULT, COLUMNS_MAX, COLUMNS_MIN, ROWS_DEFAULT, ROWS_MAX } from "./limits.js";
import type { Parameters } from "./parameters.js";
import { concatenate, Parser } from "./parser.js";
import type { ParserHandler } from "./parser.js";
import { contentText, print, printAscii } from "./printing.js";
import { repaintBytes } from "./repaint.js";
import type { Cell, CellPlace, Screen, ScreenFrame, ScreenModes } from "./screen.js";

/**
 * A screen that shows what a target's bytes make a terminal show. Total: any bytes are accepted.
 * Columns are brought into 2..1000, rows into 1..500; 0 means unknown (80 x 24 is taken).
 *
 * - `cursor.column` equals `columns` while a wrap is pending (the last column is written).
 * - `cell().written` is 0 for a blank that nobody wrote: fresh, erased, or scrolled in; a typed space
 *   has a revision. Moved cells (ICH, DCH, IL, scrolling) keep theirs.
 * - `revision` rises at most by one a feed or resize, when any cell may have changed.
 * - `scrolled` counts lines that left the top of the primary screen while the scroll region was the
 *   whole screen (line feed, wrap, SU) or because rows shrank; it never falls.
 * - `resize` does not reflow: cells keep their columns, what is right of a smaller width is lost.
 *   Rows go first from below the cursor, then from the top: the cursor's row always stays. Wait for
 *   the shell's redraw before the line is read again. A dimension of 0 keeps the present one.
 * - `mouse` is true while any protocol (9, 1000, 1002, 1003) is on. `faint`: see cell.ts.
 *
 * Not modelled: scrollback, hyperlinks and titles, underline colour, double-size lines, left and
 * right margins, national character sets, 132-column switching, answers to queries.
 */
export function createScreen(options: TerminalSize): Screen {
  return new ScreenModel(options);
}

class ScreenModel implements Screen, ParserHandler {
  private readonly display: Display;
  private readonly parser: Parser;

  constructor(options: TerminalSize) {
    this.display = new Display(
      columnsWithin(options.columns, COLUMNS_DEFAULT),
      rowsWithin(options.rows, ROWS_DEFAULT),
    );
    this.parser = new Parser(this);
  }

  get columns(): number {
    return this.display.columns;
  }

  get rows(): number {
    return this.display.rows;
  }

  get cursor(): CellPlace {
    return { row: this.display.active.y, column: this.display.active.x };
  }

  get alternate(): boolean {
    return this.display.alternate !== undefined;
  }

  get modes(): ScreenModes {
    const { modes } = this.display;
    return {
      bracketedPaste: modes.bracketedPaste,
      applicationCursor: modes.applicationCursor,
      applicationKeypad: modes.applicationKeypad,
      autowrap: modes.autowrap,
      cursorVisible: modes.cursorVisible,
      mouse: modes.mouseProtocol !== 0,
    };
  }

  get frame(): ScreenFrame {
    const { active, modes } = this.display;
    const region = active.top !== 0 || active.bottom !== active.rows - 1;
    return {
      alternate: this.alternate,
      partial: region || modes.origin,
      cursorHidden: !modes.cursorVisible,
    };
  }

  get distorting(): boolean {
    const { modes, charsets, level } = this.display;
    return !modes.autowrap || modes.insert || charsets[level] !== ASCII;
  }

  get skinTonesJoin(): boolean {
    return this.display.skinTonesJoin;
  }

  set skinTonesJoin(joins: boolean) {
    this.display.skinTonesJoin = joins;
  }

  get marksLost(): number {
    return this.display.marksLost;
  }

  get revision(): number {
    return this.display.revision;
  }

  get scrolled(): number {
    return this.display.scrolled;
  }

  feed(bytes: Uint8Array): void {
    this.display.stamp = this.display.revision + 1;
    this.parser.feed(bytes);
  }

  resize(size: TerminalSize): void {
    const { display } = this;
    display.resize(
      columnsWithin(size.columns, display.columns),
      rowsWithin(size.rows, display.rows),
    );
  }

  rowText(row: number): string {
    if (!this.hasRow(row)) return "";
    const { display } = this;
    const { active, columns } = display;
    let text = "";
    for (let column = 0; column < columns; column += 1) {
      const content = active.content(row, column);
      if ((content & RIGHT_HALF) === 0) text += contentText(display, content) || " ";
    }
    return text;
  }

  /** Outside the screen: a blank that nobody wrote. */
  cell(row: number, column: number): Cell {
    const { display } = this;
    const { active, columns } = display;
    if (!this.hasRow(row) || !(column >= 0 && column < columns)) return BLANK;
    const at = active.base(row) + column;
    const content = active.cells[at] ?? 0;
    const foreground = active.cells[at + columns] ?? 0;
    const background = active.cells[at + 2 * columns] ?? 0;
    const right = (content & RIGHT_HALF) !== 0;
    return {
      text: right ? "" : contentText(display, content) || " ",
      width: right ? 0 : content & WIDE ? 2 : 1,
      written: active.cells[at + 3 * columns] ?? 0,
      faint: isFaint(foreground),
      concealed: (foreground & CONCEALED) !== 0,
      inverse: (foreground & INVERSE) !== 0,
      filled: (background & COLOUR_KIND_MASK) !== 0,
      foreground,
      background,
    };
  }

  wrapped(row: number): boolean {
    return this.hasRow(row) && this.display.active.wrapped(row);
  }

  repaint(): Uint8Array {
    return concatenate(repaintBytes(this.display), this.parser.pending());
  }

  printAscii(bytes: Uint8Array, from: number, to: number): void {
    printAscii(this.display, bytes, from, to);
  }

  print(code: number): void {
    print(this.display, code);
  }

  execute(code: number): void {
    executeControl(this.display, code);
    this.display.repeatable = false;
  }

  escape(key: number): void {
    executeEscape(this.display, key);
    this.display.repeatable = false;
  }

  control(key: number, parameters: Parameters): void {
    executeSequence(this.display, key, parameters);
    this.display.repeatable = false;
  }

  private hasRow(row: number): boolean {
    return row >= 0 && row < this.display.rows;
  }
}

const BLANK: Cell = {
  text: " ",
  width: 1,
  written: 0,
  faint: false,
  concealed: false,
  inverse: false,
  filled: false,
  foreground: 0,
  background: 0,
};

function columnsWithin(asked: number, unknown: number): number {
  return Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, whole(asked, unknown)));
}

function rowsWithin(asked: number, unknown: number): number {
  return Math.min(ROWS_MAX, whole(asked, unknown));
}

/** Sizes come from the peer: 0, negative and not-a-number mean unknown. */
function whole(asked: number, unknown: number): number {
  return asked >= 1 ? Math.floor(asked) : unknown;
}
