import { encodeUtf8 } from "../../kernel/index.js";
import type { CellBuffer, SavedCursor } from "./cell-buffer.js";
import {
  BLINK,
  BOLD,
  COLOUR_KIND_MASK,
  COLOUR_PALETTE,
  COLOUR_RGB,
  COLOUR_VALUE_MASK,
  CONCEALED,
  FAINT,
  INVERSE,
  ITALIC,
  OVERLINE,
  PROTECTED,
  RIGHT_HALF,
  STRIKE,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
  WIDE,
} from "./cell.js";
import { DESIGNATORS } from "./charset.js";
import type { Display } from "./display.js";
import { TAB_STOP_COLUMNS } from "./limits.js";
import { contentText } from "./printing.js";

const CSI = "\x1b[";

/** LS0, LS1, LS2, LS3. */
const LOCKING_SHIFTS = ["\x0f", "\x0e", "\x1bn", "\x1bo"] as const;

/** Defaults, whatever was set on the terminal: the primary screen, no modes, everything blank. */
const PREAMBLE = `\x1b\\\x1b[?1047l\x1b[!p\x1b[r\x1b[?6l\x1b[?7h\x1b[?45l\x1b[4l\x1b[20l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[0m\x1b[H\x1b[2J`;

/**
 * Bytes that make a terminal of the same size show exactly this screen: both buffers (the primary
 * one is there when the program leaves the alternate screen), attributes, wrapped flags, scroll
 * regions, saved cursors, tab stops, charsets, modes and cursor, a pending wrap included.
 *
 * Known limit: a wrap pending at a blank last column of the alternate screen can not be had by any
 * sequence; the cursor then stands on the last column.
 */
export function repaintBytes(display: Display): Uint8Array {
  const { primary, alternate } = display;
  const parts = [PREAMBLE, paintTabs(display), paintBuffer(display, primary)];
  if (alternate !== undefined) parts.push(`${CSI}?1047h`, paintBuffer(display, alternate));
  else if (display.alternateSaved !== undefined) {
    parts.push(`${CSI}?1047h`, paintSaved(display.alternateSaved), `${CSI}?1047l`);
  }
  parts.push(paintModes(display), paintCursor(display));
  // What would disturb the painting comes last: pen, charsets and insert mode.
  parts.push(penChange(display.pen.foreground, display.pen.background));
  parts.push(designation(display.charsets, display.level));
  if (display.modes.insert) parts.push(`${CSI}4h`);
  return encodeUtf8(parts.join(""));
}

function paintBuffer(display: Display, buffer: CellBuffer): string {
  const rows: string[] = [`${CSI}r`, paintWrappedFlags(buffer)];
  for (let row = 0; row < buffer.rows; row += 1) rows.push(paintRow(display, buffer, row));
  rows.push(`${CSI}0m`, paintSaved(buffer.saved));
  if (buffer.top !== 0 || buffer.bottom !== buffer.rows - 1) {
    rows.push(`${CSI}${buffer.top + 1};${buffer.bottom + 1}r`);
  }
  return rows.join("");
}

/** A row is marked as wrapped only by wrapping into it, so that is done with fillers, erased after. */
function paintWrappedFlags(buffer: CellBuffer): string {
  const parts: string[] = [];
  const wrapInto = (row: number): string => `${place(row - 1, buffer.columns - 1)}xx`;
  // The line above the top row is gone: wrap into the second row, then let the first one go.
  if (buffer.wrapped(0)) {
    parts.push(buffer.rows === 1 ? wrapInto(1) : `${wrapInto(1)}${place(0, 0)}${CSI}M`);
  }
  for (let row = 1; row < buffer.rows; row += 1) {
    if (buffer.wrapped(row)) parts.push(wrapInto(row));
  }
  if (parts.length === 0) return "";
  for (let row = 0; row < buffer.rows; row += 1) {
    parts.push(`${place(row, 0)}${CSI}${buffer.columns}X`);
  }
  return parts.join("");
}

function paintRow(display: Display, buffer: CellBuffer, row: number): string {
  const { cells, columns } = buffer;
  const base = buffer.base(row);
  let text = "";
  let foreground = -1;
  let background = -1;
  let cursor = -1;
  for (let column = 0; column < columns; column += 1) {
    const at = base + column;
    const content = cells[at] ?? 0;
    const cellBackground = cells[at + 2 * columns] ?? 0;
    if ((content === 0 && cellBackground === 0) || content & RIGHT_HALF) continue;
    if (cursor !== column) text += place(row, column);
    const cellForeground = cells[at + columns] ?? 0;
    if (foreground !== cellForeground || background !== cellBackground) {
      text += penChange(cellForeground, cellBackground);
      foreground = cellForeground;
      background = cellBackground;
    }
    text += content === 0 ? `${CSI}X` : contentText(display, content);
    cursor = content === 0 ? column : column + (content & WIDE ? 2 : 1);
  }
  return text;
}

function paintSaved(saved: SavedCursor): string {
  return (
    place(saved.y, saved.x) +
    penChange(saved.foreground, saved.background) +
    designation(saved.charsets, saved.level) +
    `\x1b7${CSI}0m${PLAIN_CHARSETS}`
  );
}

function paintTabs(display: Display): string {
  const { tabs } = display;
  const isUsual = (stop: number, column: number): boolean =>
    (stop === 1) === (column % TAB_STOP_COLUMNS === 0);
  if (tabs.every(isUsual)) return "";
  const stops = Array.from(tabs, (stop, column) => (stop === 1 ? `${place(0, column)}\x1bH` : ""));
  return `${CSI}3g${stops.join("")}`;
}

function paintModes(display: Display): string {
  const { modes } = display;
  const parts = [modes.applicationKeypad ? "\x1b=" : "\x1b>"];
  const set = (on: boolean, mode: number): void => {
    parts.push(`${CSI}?${mode}${on ? "h" : "l"}`);
  };
  set(modes.applicationCursor, 1);
  set(modes.bracketedPaste, 2004);
  set(modes.autowrap, 7);
  set(modes.cursorVisible, 25);
  set(modes.reverseWrap, 45);
  set(modes.focusEvents, 1004);
  if (modes.mouseProtocol !== 0) set(true, modes.mouseProtocol);
  if (modes.mouseEncoding !== 0) set(true, modes.mouseEncoding);
  if (modes.newLine) parts.push(`${CSI}20h`);
  // Addresses count from the region from here on.
  if (modes.origin) set(true, 6);
  return parts.join("");
}

function paintCursor(display: Display): string {
  const { active: buffer, columns } = display;
  const row = display.modes.origin ? buffer.y - buffer.top : buffer.y;
  if (buffer.x < columns) return place(row, buffer.x);
  const last = buffer.content(buffer.y, columns - 1);
  if (last !== 0) return rewriteLast(display, row);
  if (display.alternate !== undefined) return place(row, columns - 1);
  // A blank last column: let the wrap become pending on the alternate screen, which is thrown away.
  return `${CSI}?1047h${place(buffer.y, columns - 1)}x${CSI}?1047l`;
}

/** Prints the last character of the cursor's row again: the wrap is pending after it. */
function rewriteLast(display: Display, row: number): string {
  const { active: buffer, columns } = display;
  const wide = (buffer.content(buffer.y, columns - 1) & RIGHT_HALF) !== 0;
  const column = wide ? columns - 2 : columns - 1;
  const at = buffer.base(buffer.y) + column;
  const { cells } = buffer;
  return (
    place(row, column) +
    penChange(cells[at + columns] ?? 0, cells[at + 2 * columns] ?? 0) +
    contentText(display, cells[at] ?? 0)
  );
}

function place(row: number, column: number): string {
  return `${CSI}${row + 1};${column + 1}H`;
}

const PLAIN_CHARSETS = designation([0, 0, 0, 0], 0);

function designation(charsets: readonly number[], level: number): string {
  const shift = LOCKING_SHIFTS[level] ?? "\x0f";
  return charsets
    .map((charset, slot) => `\x1b${"()*+".charAt(slot)}${DESIGNATORS[charset] ?? "B"}`)
    .concat(shift)
    .join("");
}

/** The whole pen from nothing: SGR, then DECSCA, which SGR 0 clears on some terminals only. */
function penChange(foreground: number, background: number): string {
  const codes = ["0"];
  for (const [bit, code] of FOREGROUND_FLAGS) if (foreground & bit) codes.push(code);
  for (const [bit, code] of BACKGROUND_FLAGS) if (background & bit) codes.push(code);
  const underline = (background & UNDERLINE_MASK) >>> UNDERLINE_SHIFT;
  if (underline > 0) codes.push(underline === 1 ? "4" : `4:${underline}`);
  codes.push(...colourCodes(foreground, 30), ...colourCodes(background, 40));
  return `${CSI}${codes.join(";")}m${CSI}${background & PROTECTED ? 1 : 0}"q`;
}

function colourCodes(word: number, first: 30 | 40): string[] {
  const value = word & COLOUR_VALUE_MASK;
  switch (word & COLOUR_KIND_MASK) {
    case COLOUR_PALETTE:
      if (value < 8) return [String(first + value)];
      return value < 16 ? [String(first + 60 + value - 8)] : [`${first + 8};5;${value}`];
    case COLOUR_RGB:
      return [`${first + 8};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`];
    default:
      return [];
  }
}

const FOREGROUND_FLAGS: readonly (readonly [number, string])[] = [
  [BOLD, "1"],
  [FAINT, "2"],
  [ITALIC, "3"],
  [BLINK, "5"],
  [INVERSE, "7"],
  [CONCEALED, "8"],
];

const BACKGROUND_FLAGS: readonly (readonly [number, string])[] = [
  [STRIKE, "9"],
  [OVERLINE, "53"],
];
