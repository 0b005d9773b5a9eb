import { createRequire } from "node:module";

import type {
  IBufferCell,
  IUnicodeVersionProvider,
  Terminal as HeadlessTerminal,
} from "@xterm/headless";

import { COLOUR_PALETTE, COLOUR_RGB, isFaint } from "./cell.js";
import type { Screen } from "./screen.js";
import { columnsOf } from "./width.js";

// The package is CommonJS; its named exports are not visible to an ES import.
const { Terminal } = createRequire(import.meta.url)("@xterm/headless") as {
  Terminal: typeof HeadlessTerminal; // the module's own declaration
};

/**
 * The reference: @xterm/headless without scrollback, written synchronously through its private
 * `_core`. The one place that knows these internals; the package's version is pinned exactly.
 */
export interface ReferenceTerminal {
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  picture(): Picture;
  /** Colours and flags of every cell, as xterm.js keeps them; of a blank only the background. */
  attributes(): readonly string[];
  /** Columns of a code point in xterm.js (Unicode 6). */
  columnsOf(code: number): number;
}

/** Everything that both terminals can be asked for. */
export interface Picture {
  readonly rows: readonly string[];
  /** Faint (f) and concealed (c) cells of each row; blanks are ".". */
  readonly marks: readonly string[];
  readonly wrapped: readonly boolean[];
  readonly cursor: string;
  readonly alternate: boolean;
  readonly modes: Readonly<Record<string, boolean>>;
}

interface Core {
  writeSync(bytes: Uint8Array): void;
  readonly coreService: { readonly isCursorHidden: boolean };
  readonly unicodeService: { wcwidth(code: number): number };
}

/** `widths`: "own" (Unicode 6), or those of our screen, to compare the layout of any character. */
export function createReferenceTerminal(
  columns: number,
  rows: number,
  widths: "own" | "ours" = "own",
): ReferenceTerminal {
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    allowProposedApi: true,
    logLevel: "off",
  });
  const core = (terminal as unknown as { readonly _core: Core })._core; // private, see above
  if (widths === "ours") {
    terminal.unicode.register(OUR_WIDTHS);
    terminal.unicode.activeVersion = OUR_WIDTHS.version;
  }
  return {
    write: (bytes) => core.writeSync(bytes),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    columnsOf: (code) => core.unicodeService.wcwidth(code),
    picture: () => pictureOf(terminal, core),
    attributes: () => cellsOf(terminal).flat().map(attributesOf),
  };
}

/** xterm.js packs the properties of a character as width << 1 | joins the one before. */
const OUR_WIDTHS: IUnicodeVersionProvider = {
  version: "ours",
  wcwidth: columnsOf,
  charProperties: (code, preceding) => {
    const width = columnsOf(code);
    const before = ((preceding >> 1) & 3) as 0 | 1 | 2; // two bits
    const joins = width === 0 && before > 0;
    return ((joins ? before : width) << 1) | (joins ? 1 : 0);
  },
};

function pictureOf(terminal: HeadlessTerminal, core: Core): Picture {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, row) => active.getLine(row));
  const { modes } = terminal;
  return {
    rows: lines.map((line) => line?.translateToString(false) ?? ""),
    marks: cellsOf(terminal).map((cells) => cells.map(marksOf).join("")),
    wrapped: lines.map((line) => line?.isWrapped ?? false),
    cursor: `${active.cursorY},${active.cursorX}`,
    alternate: active.type === "alternate",
    modes: {
      bracketedPaste: modes.bracketedPasteMode,
      applicationCursor: modes.applicationCursorKeysMode,
      applicationKeypad: modes.applicationKeypadMode,
      autowrap: modes.wraparoundMode,
      cursorVisible: !core.coreService.isCursorHidden,
      mouse: modes.mouseTrackingMode !== "none",
    },
  };
}

function cellsOf(terminal: HeadlessTerminal): IBufferCell[][] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_row, row) =>
    Array.from({ length: terminal.cols }, (_column, column) => {
      const cell = active.getLine(row)?.getCell(column);
      if (cell === undefined) throw new Error(`xterm.js has no cell ${row},${column}`);
      return cell;
    }),
  );
}

function marksOf(cell: IBufferCell): string {
  if (cell.getChars() === "") return ".";
  const kind = cell.isFgRGB() ? COLOUR_RGB : cell.isFgPalette() ? COLOUR_PALETTE : 0;
  const foreground = kind === 0 ? 0 : kind | cell.getFgColor();
  const faint = cell.isDim() !== 0 || isFaint(foreground);
  return `${faint ? "f" : ""}${cell.isInvisible() ? "c" : ""}` || "-";
}

function attributesOf(cell: IBufferCell): string {
  const background = `bg${cell.isBgRGB()},${cell.isBgPalette()},${cell.getBgColor()}`;
  if (cell.getChars() === "") return background;
  const flags = [
    ...[cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isBlink()],
    ...[cell.isInverse(), cell.isInvisible(), cell.isStrikethrough(), cell.isOverline()],
  ].map((flag) => (flag ? 1 : 0));
  return `${background} fg${cell.isFgRGB()},${cell.isFgPalette()},${cell.getFgColor()} ${flags.join("")}`;
}

function rowMarks(screen: Screen, row: number): string {
  return Array.from({ length: screen.columns }, (_, column) => {
    const cell = screen.cell(row, column);
    if (cell.written === 0 || cell.width === 0) return ".";
    return `${cell.faint ? "f" : ""}${cell.concealed ? "c" : ""}` || "-";
  }).join("");
}

export function pictureOfScreen(screen: Screen): Picture {
  const rows = Array.from({ length: screen.rows }, (_, row) => row);
  return {
    rows: rows.map((row) => screen.rowText(row)),
    marks: rows.map((row) => rowMarks(screen, row)),
    wrapped: rows.map((row) => screen.wrapped(row)),
    cursor: `${screen.cursor.row},${screen.cursor.column}`,
    alternate: screen.alternate,
    modes: { ...screen.modes },
  };
}

/** The picture with each cell's meaning: what only our own screens can be asked for. */
export function fullPictureOfScreen(screen: Screen): Picture & { readonly cells: string[] } {
  const cells: string[] = [];
  for (let row = 0; row < screen.rows; row += 1) {
    for (let column = 0; column < screen.columns; column += 1) {
      const cell = screen.cell(row, column);
      const marks = `${cell.faint ? "f" : ""}${cell.concealed ? "c" : ""}${cell.written > 0 ? "w" : ""}`;
      cells.push(`${row},${column} ${cell.text} ${cell.width} ${marks}`);
    }
  }
  return { ...pictureOfScreen(screen), cells };
}
