import type { Cell, Screen } from "../screen/index.js";

/** What the shell shows at the right margin beside the line, and draws again with it. */
export interface RightPrompt {
  readonly column: number;
  readonly text: string;
  /** Columns that are free between it and the margin. */
  readonly margin: number;
}

/** A clock in a right prompt goes on while the line is typed. */
export function isOfRightPrompt({ column, text }: RightPrompt, at: number, shown: string): boolean {
  const known = text[at - column];
  if (at < column || known === undefined) return false;
  return known === shown || (DIGIT.test(known) && DIGIT.test(shown));
}

const DIGIT = /^\d$/;

/** What stands right of the cursor when a line begins. */
export function rightOfCursor(screen: Screen, row: number, column: number): RightPrompt | null {
  let start = column;
  while (start < screen.columns && screen.cell(row, start).text === " ") start += 1;
  return readRight(screen, row, start);
}

/**
 * The same where a line stands already: it ends at the margin, and between the two nobody wrote anything (a
 * blank of the line was written).
 */
export function rightOfLine(screen: Screen, row: number, column: number): RightPrompt | null {
  if (column >= screen.columns || !isUntouched(screen.cell(row, column))) return null;
  let start = column;
  while (start < screen.columns && isUntouched(screen.cell(row, start))) start += 1;
  const right = readRight(screen, row, start);
  return right !== null && endOf(right) >= screen.columns - MARGIN_MAX ? right : null;
}

/** What stands in the place of a right prompt now: it may have been drawn again with other words. */
export function rightPromptNow(screen: Screen, row: number, known: RightPrompt): RightPrompt {
  const end = Math.min(endOf(known), screen.columns);
  if (!isUntouched(screen.cell(row, end)) || isUntouched(screen.cell(row, end - 1))) return known;
  let start = end;
  while (start > 0 && !isUntouched(screen.cell(row, start - 1))) start -= 1;
  return start === 0 ? known : (readRight(screen, row, start) ?? known);
}

/** The window has another width: it is drawn again at its new margin. */
export function movedRight(
  screen: Screen,
  known: RightPrompt | undefined,
): RightPrompt | undefined {
  if (known === undefined) return undefined;
  const column = screen.columns - known.margin - known.text.length;
  return column < 0 ? undefined : { ...known, column };
}

function endOf({ column, text }: RightPrompt): number {
  return column + text.length;
}

function readRight(screen: Screen, row: number, start: number): RightPrompt | null {
  let text = "";
  for (let at = start; at < screen.columns; at += 1) {
    const cell = screen.cell(row, at);
    // A wide character takes two places, so that places stay columns.
    text += cell.text === "" ? " " : (cell.text[0] ?? " ");
  }
  const shown = text.trimEnd();
  if (shown === "") return null;
  return { column: start, text: shown, margin: screen.columns - start - shown.length };
}

function isUntouched({ text, written }: Cell): boolean {
  return text === " " && written === 0;
}

/** zsh leaves so many columns free at the margin as it ships (ZLE_RPROMPT_INDENT). */
const MARGIN_MAX = 1;
