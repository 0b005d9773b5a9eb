import type { TerminalSize } from "../../model/index.js";

/**
 * What the target's output makes a terminal show: a compact, synchronous VT model. It knows the
 * target's bytes only, never what Chaperone itself draws on the person's terminal.
 */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly cursor: CellPlace;
  /** True while the alternate buffer is shown. */
  readonly alternate: boolean;
  readonly modes: ScreenModes;
  readonly frame: ScreenFrame;
  /**
   * Text shows otherwise than it is printed: letters as other signs (line drawing, national sets), rows
   * that do not wrap, or what is printed shifts the rest of the row.
   */
  readonly distorting: boolean;
  /** How many combining marks were printed that show nowhere (at the left margin, too many for a cell). */
  readonly marksLost: number;
  /** Rises with every change of any cell; lets a reader tell cheaply that nothing was written. */
  readonly revision: number;
  /** Lines scrolled off the top since the start, so that `row + scrolled` names a line for good. */
  readonly scrolled: number;
  /** What prints counts no column for the skin tone of an emoji, instead of two. */
  skinTonesJoin: boolean;
  /** Total and synchronous; any cut of the bytes gives the same screen. */
  feed(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Text of one row with trailing blanks; wide characters take one string element and two columns. */
  rowText(row: number): string;
  cell(row: number, column: number): Cell;
  /** True when the row continues the row above by soft wrap. */
  wrapped(row: number): boolean;
  /**
   * Bytes that make a cleared terminal of the same size show exactly this screen (cells, attributes,
   * cursor, modes): used to repair the person's display after a challenge.
   */
  repaint(): Uint8Array;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface Cell {
  /** The character with its combining marks; "" for the right half of a wide one; " " when blank. */
  readonly text: string;
  readonly width: 0 | 1 | 2;
  /** `Screen.revision` at the time it was written; 0 = never. */
  readonly written: number;
  /** Dim or grey foreground: how shells show ghost text. */
  readonly faint: boolean;
  readonly concealed: boolean;
  /** Foreground and background exchanged (SGR 7). */
  readonly inverse: boolean;
  /** On a background of its own. */
  readonly filled: boolean;
  /** Colours and attributes as in cell.ts: alike or not is all that they are for. */
  readonly foreground: number;
  readonly background: number;
}

export interface ScreenModes {
  readonly bracketedPaste: boolean;
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly autowrap: boolean;
  readonly cursorVisible: boolean;
  readonly mouse: boolean;
}

/** What lies around the cells, and is not seen in them. */
export interface ScreenFrame {
  /** The alternate screen is shown. */
  readonly alternate: boolean;
  /** Lines scroll within a part of the screen, or places are counted from it. */
  readonly partial: boolean;
  readonly cursorHidden: boolean;
}
