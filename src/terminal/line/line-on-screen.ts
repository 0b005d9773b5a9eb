import type { Cell, Screen } from "../screen/index.js";
import { isOfRightPrompt, rightPromptNow, type RightPrompt } from "./beside-line.js";
import { inPager } from "./pager.js";
import { hasPen, suggestionPen, type SuggestionPen } from "./suggestion-on-screen.js";
import { columnsOf, isSkinTone } from "../screen/width.js";
import { drawnForms, foldNumber } from "./drawn-otherwise.js";

/** Where the line begins: a screen line that keeps its number when the screen scrolls, and a column. */
export interface Anchor {
  /** Row plus `Screen.scrolled`. */
  readonly line: number;
  readonly column: number;
  /** Cells written at or before this revision are not part of the line (right prompts, old output). */
  readonly since: number;
  readonly right?: RightPrompt;
  /** fish draws the rows behind a newline under the line's first character, and further in. */
  readonly indented?: boolean;
}

export interface Comparison {
  readonly same: boolean;
  /** The top of the line has scrolled off: only its visible rows were compared. */
  readonly partial: boolean;
}

const DIFFERENT: Comparison = { same: false, partial: false };

interface Walk {
  row: number;
  column: number;
  hidden: boolean;
  readonly since: number;
  readonly anchor: Anchor;
  /** Blanks of the text that an indented row swallows. */
  indented: boolean;
  readonly masks: boolean;
}

/** What is known of how a shell draws beside and below its line. */
export interface Reading {
  /** What stands below the cursor's row is most likely a list of choices and not the line. */
  readonly lists: boolean;
  /** The colours of its suggestions, where they are not faint. */
  readonly pen: SuggestionPen | null;
}

/** How the editor draws. */
export interface Drawing {
  /** The shell may show choices below the line. */
  readonly lists: boolean;
  /** It shows a question mark for what it can not draw (busybox). */
  readonly masks: boolean;
}

const PLAIN: Drawing = { lists: false, masks: false };

/**
 * Does the screen show `text` at the anchor, the way readline lays it out, and nothing behind it? A
 * walk over cells, so widths are those of the screen; control characters show as `^X`, tabs as blanks.
 */
export function compareLine(
  screen: Screen,
  anchor: Anchor,
  text: string,
  { lists, masks }: Drawing = PLAIN,
): Comparison {
  const walk: Walk = {
    row: anchor.line - screen.scrolled,
    column: anchor.column,
    hidden: anchor.line < screen.scrolled,
    since: anchor.since,
    anchor,
    indented: false,
    masks,
  };
  for (const character of text) {
    if (!stepOver(screen, walk, character)) return DIFFERENT;
  }
  if (walk.row < 0) return DIFFERENT;
  const suggests = ({ row, column }: Walk): boolean => {
    const { cursor } = screen;
    if (cursor.row !== row || cursor.column !== column) return false;
    const from = row + screen.scrolled === anchor.line ? anchor.column : 0;
    return suggestionPen(screen, from, anchor.since) !== null;
  };
  if (!blankFrom(screen, walk, rightOf(screen, anchor, walk.row)) && !(lists && suggests(walk)))
    return DIFFERENT;
  if (!(lists && screen.cursor.row <= walk.row) && inked(screen, walk.row + 1, anchor.since))
    return DIFFERENT;
  return { same: true, partial: walk.hidden };
}

/** The right prompt, when this is its row. */
function rightOf(screen: Screen, anchor: Anchor, row: number): RightPrompt | undefined {
  if (anchor.right === undefined || row + screen.scrolled !== anchor.line) return undefined;
  return rightPromptNow(screen, row, anchor.right);
}

function stepOver(screen: Screen, walk: Walk, character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (walk.indented) {
    if (character === " ") return true;
    walk.indented = false;
  }
  if (code >= 0x20 && code < 0x7f) return cellShows(screen, walk, character);
  if (character === "\n") {
    // readline has left a full row before it comes to the newline.
    if (walk.column >= screen.columns) wrap(walk);
    if (walk.row >= 0 && !blankFrom(screen, walk, rightOf(screen, walk.anchor, walk.row)))
      return false;
    walk.row += 1;
    walk.column = 0;
    if (walk.anchor.indented === true) {
      walk.column = indentOf(screen, walk.row, walk.anchor.since);
      walk.indented = true;
    }
    return true;
  }
  if (character === "\t") {
    for (let n = TAB_COLUMNS - (walk.column % TAB_COLUMNS); n > 0; n -= 1) {
      if (!cellShows(screen, walk, " ")) return false;
    }
    return true;
  }
  if (code < 0x20 || code === 0x7f) {
    return cellShows(screen, walk, "^") && cellShows(screen, walk, caret(code));
  }
  return wideShows(screen, walk, character);
}

/** Where the first thing of this line is drawn in a row. */
function indentOf(screen: Screen, row: number, since: number): number {
  let column = 0;
  while (column < screen.columns) {
    const cell = screen.cell(row, column);
    if (cell.text !== " " && cell.written > since) return column;
    column += 1;
  }
  return 0;
}

const TAB_COLUMNS = 8;

function caret(code: number): string {
  return String.fromCharCode(code ^ 0x40);
}

function cellShows(screen: Screen, walk: Walk, character: string): boolean {
  if (walk.column >= screen.columns) wrap(walk);
  if (walk.row >= screen.rows) return false;
  const shown = walk.row < 0 || shows(screen.cell(walk.row, walk.column), character, walk.since);
  walk.column += 1;
  return shown;
}

/** Written as part of this line; a blank may also be a cell that nobody wrote. */
function shows(cell: Cell, character: string, since: number): boolean {
  if (!cell.text.startsWith(character)) return false;
  return cell.written > since || (character === " " && cell.written === 0);
}

function wideShows(screen: Screen, walk: Walk, character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const width = columnsOf(code);
  if (width === 0) {
    if (walk.row < 0 || screenTextBefore(screen, walk).includes(character)) return true;
    // Editors that draw a part of the line again lose marks on the way: that proves nothing.
    return formShows(screen, walk, code) || !walk.masks;
  }
  if (walk.row >= 0 && !isDrawnAt(screen, walk, { character, width })) {
    if (formShows(screen, walk, code) || isSkinTone(code)) return true;
  }
  if (walk.column + width > screen.columns) wrap(walk);
  if (walk.row >= 0) {
    const cell = screen.cell(walk.row, walk.column);
    if (!shows(cell, character, walk.since)) return false;
    walk.column += Math.max(1, cell.width);
  } else walk.column += width;
  return walk.row < screen.rows;
}

function isDrawnAt(
  screen: Screen,
  { row, column, since }: Walk,
  { character, width }: { readonly character: string; readonly width: number },
): boolean {
  const wraps = column + width > screen.columns;
  return shows(screen.cell(wraps ? row + 1 : row, wraps ? 0 : column), character, since);
}

/** Steps over a character that the editor shows in another form, when it does. */
function formShows(screen: Screen, walk: Walk, code: number): boolean {
  const { row, column } = walk;
  for (const form of drawnForms(code, walk.masks)) {
    let shown = true;
    for (const sign of form) shown = shown && cellShows(screen, walk, sign);
    if (shown) return true;
    walk.row = row;
    walk.column = column;
  }
  return false;
}

function screenTextBefore(screen: Screen, { row, column }: Walk): string {
  const cell = screen.cell(row, column - 1);
  return cell.width === 0 ? screen.cell(row, column - 2).text : cell.text;
}

function wrap(walk: Walk): void {
  walk.row += 1;
  walk.column = 0;
}

function blankFrom(
  screen: Screen,
  { row, column, since }: { readonly row: number; readonly column: number; readonly since: number },
  right?: RightPrompt,
): boolean {
  for (let at = column; at < screen.columns; at += 1) {
    const cell = screen.cell(row, at);
    if (right !== undefined && isOfRightPrompt(right, at, cell.text)) continue;
    if (cell.text !== " " && cell.text !== "" && cell.written > since && !cell.faint) return false;
  }
  return true;
}

/** Is anything written in this row since? */
function inked(screen: Screen, row: number, since: number): boolean {
  if (row < 0 || row >= screen.rows) return false;
  return !blankFrom(screen, { row, column: 0, since });
}

/** Where a walk over `text` from the anchor ends. */
export function placeAfter(
  screen: Screen,
  anchor: Pick<Anchor, "line" | "column">,
  text: string,
): { readonly line: number; readonly column: number } {
  let { line, column } = anchor;
  for (const character of text) {
    const width = displayWidth(character, column);
    if (width < 0) {
      line += column >= screen.columns ? 2 : 1;
      column = 0;
      continue;
    }
    if (column + Math.min(width, 2) > screen.columns) {
      line += 1;
      column = 0;
    }
    column += width;
    while (column > screen.columns) {
      line += 1;
      column -= screen.columns;
    }
  }
  // readline leaves a full row at once: its cursor waits at the start of the next.
  return column >= screen.columns ? { line: line + 1, column: 0 } : { line, column };
}

/** Columns of one character at a column; -1 for a newline. */
function displayWidth(character: string, column: number): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (code === 0x0a) return -1;
  if (code === 0x09) return TAB_COLUMNS - (column % TAB_COLUMNS);
  if (code < 0x20 || code === 0x7f) return 2;
  return columnsOf(code);
}

/** What the screen says the line is. */
export interface ScreenLine {
  readonly text: string;
  /** Index of the cursor in the characters of `text`; null when the cursor is elsewhere. */
  readonly point: number | null;
  /** The other way to read it, when a row break can be a wrap or a newline. */
  readonly otherwise?: string;
  /** With what stands below it, when that may be part of the line and not a list of choices. */
  readonly withList?: string;
  /** The top of the line has scrolled off. */
  readonly partial: boolean;
}

/**
 * Reads from the anchor to the end of the block: rows that are full go on in the next; a row that is
 * not full and is followed by more of the line ended with a newline.
 */
export function readScreenLine(
  screen: Screen,
  anchor: Anchor,
  { lists, pen }: Reading = { lists: false, pen: null },
): ScreenLine {
  const whole = readBlock(screen, anchor, { bottom: screen.rows, pen });
  if (!lists) return whole;
  // In a pager's search the cursor stands below the line.
  const bottom = inPager(screen) ? screen.cursor.row - 1 : lastOwnRow(screen, anchor);
  const block = readBlock(screen, anchor, { bottom, pen });
  if (block.text === whole.text) return whole;
  return { ...block, withList: whole.text };
}

/** fish draws the rows of a line no further left than it begins, and its choices at the margin. */
function lastOwnRow(screen: Screen, { column, since, indented }: Anchor): number {
  let { row } = screen.cursor;
  if (indented !== true || column === 0) return row;
  while (row + 1 < screen.rows && inked(screen, row + 1, since)) {
    const full = screen.cell(row, screen.columns - 1).text !== " ";
    if (!full && indentOf(screen, row + 1, since) < column) break;
    row += 1;
  }
  return row;
}

function readBlock(
  screen: Screen,
  anchor: Anchor,
  { bottom, pen }: { readonly bottom: number; readonly pen: SuggestionPen | null },
): ScreenLine {
  const { cursor } = screen;
  const top = anchor.line - screen.scrolled;
  let row = Math.max(0, top);
  let column = top < 0 ? 0 : anchor.column;
  const chars: string[] = [];
  const breaks: DoubtfulBreak[] = [];
  let point: number | null = null;
  /** Signs in inverse colours up to here. */
  let inverse = 0;
  for (;;) {
    const right = rightOf(screen, anchor, row);
    const ends = lastRow(screen, row, anchor.since);
    const end = inkEnd(screen, { row, column }, { since: anchor.since, last: ends, right, pen });
    const last = ends || (row >= bottom && end < screen.columns);
    for (let at = column; at < end; at += 1) {
      if (cursor.row === row && cursor.column === at) point = chars.length;
      const cell = screen.cell(row, at);
      if (cell.width === 0) continue;
      for (const character of cell.text) chars.push(character);
      inverse = cell.inverse ? inverse + 1 : 0;
      if (inverse > 0 && cell.text === ">") point = foldNumber(chars, inverse, point);
    }
    if (cursor.row === row && cursor.column >= end && cursor.column >= column) {
      point = chars.length;
    }
    if (last) break;
    breakRow(screen, { row, end, since: anchor.since }, { chars, breaks });
    row += 1;
    column = 0;
    if (anchor.indented === true && chars.at(-1) === "\n") {
      column = indentWithin(screen, row, { anchor, text: chars });
    }
  }
  return {
    text: chars.join(""),
    point,
    partial: top < 0,
    ...(breaks.length === 0 ? {} : { otherwise: readOtherwise(chars, breaks) }),
  };
}

/** A row ends: it goes on in the next one, or a newline stands there. */
function breakRow(
  screen: Screen,
  { row, end, since }: { readonly row: number; readonly end: number; readonly since: number },
  { chars, breaks }: { readonly chars: string[]; readonly breaks: DoubtfulBreak[] },
): void {
  const full = end >= screen.columns - (screen.cell(row + 1, 0).width === 2 ? 1 : 0);
  const blanks = screen.columns - end;
  const typed = screen.cell(row, screen.columns - 1).written > since;
  if (full) {
    if (!screen.wrapped(row + 1)) breaks.push({ at: chars.length, blanks: 0 });
  } else if (typed && blanks === 1) {
    // One blank at the margin: typed, most likely, and the row went on.
    breaks.push({ at: chars.length, blanks });
    chars.push(" ");
  } else {
    // readline also clears with blanks: several are more likely that.
    if (typed) breaks.push({ at: chars.length, blanks });
    chars.push("\n");
  }
}

/** Inside quotes the blanks behind fish's own are of the line; elsewhere they do not matter. */
function indentWithin(
  screen: Screen,
  row: number,
  line: { readonly anchor: Anchor; readonly text: readonly string[] },
): number {
  const { anchor } = line;
  return isQuoteOpen(line.text) ? anchor.column : indentOf(screen, row, anchor.since);
}

function isQuoteOpen(text: readonly string[]): boolean {
  let quote = "";
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i] ?? "";
    if (character === "\\") i += 1;
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = "";
  }
  return quote !== "";
}

/** A row break that can be a wrap or a newline, with the blanks that a wrap would keep. */
interface DoubtfulBreak {
  readonly at: number;
  readonly blanks: number;
}

function readOtherwise(chars: readonly string[], breaks: readonly DoubtfulBreak[]): string {
  let text = "";
  let from = 0;
  for (const { at, blanks } of breaks) {
    text += chars.slice(from, at).join("");
    const newline = chars[at] === "\n" && blanks > 0;
    text += newline ? " ".repeat(blanks) : "\n";
    from = blanks > 0 ? at + 1 : at;
  }
  return text + chars.slice(from).join("");
}

/** True when no row below belongs to the line. */
function lastRow(screen: Screen, row: number, since: number): boolean {
  if (row + 1 >= screen.rows) return true;
  if (row < screen.cursor.row) {
    // A cursor at the start of the next row waits there behind a full row.
    return (
      row + 1 === screen.cursor.row &&
      screen.cursor.column === 0 &&
      !inked(screen, row + 1, since) &&
      screen.cell(row, screen.columns - 1).written > since
    );
  }
  // A newline behind a full row, and an empty line, leave a row blank.
  return !inked(screen, row + 1, since) && !inked(screen, row + 2, since);
}

function inkEnd(
  screen: Screen,
  { row, column }: { readonly row: number; readonly column: number },
  {
    since,
    last,
    right,
    pen,
  }: {
    readonly since: number;
    readonly last: boolean;
    readonly right: RightPrompt | undefined;
    readonly pen: SuggestionPen | null;
  },
): number {
  const { cursor } = screen;
  let end = column;
  for (let at = column; at < screen.columns; at += 1) {
    const cell = screen.cell(row, at);
    const behind = row > cursor.row || (row === cursor.row && at >= cursor.column);
    // Ghost text (suggestions) stands behind the cursor, in colours of its own.
    if (behind && (cell.faint || hasPen(cell, pen))) continue;
    if (right !== undefined && isOfRightPrompt(right, at, cell.text)) continue;
    const ink = cell.text !== " " && cell.written > since;
    if (ink) end = at + 1;
  }
  if (last && row === cursor.row) {
    // Blanks at the end show only by the cursor that stands behind them.
    while (end < cursor.column && screen.cell(row, end).written > since) end += 1;
  }
  return end;
}

/** Is all that the first row shows of the line, up to the cursor, on a background of its own? */
export function standsOut(screen: Screen, { line, column, since }: Anchor): boolean {
  const row = line - screen.scrolled;
  const { cursor } = screen;
  const end = cursor.row === row && cursor.column > column ? cursor.column : screen.columns;
  let ink = false;
  for (let at = column; at < end; at += 1) {
    const cell = screen.cell(row, at);
    if (cell.text === " " || cell.text === "" || cell.written <= since) continue;
    if (!cell.filled) return false;
    ink = true;
  }
  return ink;
}
