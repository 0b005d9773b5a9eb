import { createRequire } from "node:module";

import type { IUnicodeVersionProvider, Terminal as HeadlessTerminal } from "@xterm/headless";

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
  /** Columns of a code point in xterm.js (Unicode 6). */
  columnsOf(code: number): number;
}

/** Everything that both terminals can be asked for. */
export interface Picture {
  readonly rows: readonly string[];
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

export function pictureOfScreen(screen: Screen): Picture {
  const rows = Array.from({ length: screen.rows }, (_, row) => row);
  return {
    rows: rows.map((row) => screen.rowText(row)),
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
