import type { Cell, Screen } from "../screen/index.js";

/**
 * What a shell proposes behind the cursor, in colours of its own: fish and zsh-autosuggestions ship with
 * a faint grey, which `Cell.faint` tells; profiles choose any other.
 */
export type SuggestionPen = Pick<Cell, "foreground" | "background">;

export function hasPen(cell: Cell, pen: SuggestionPen | null): boolean {
  return pen !== null && cell.foreground === pen.foreground && cell.background === pen.background;
}

/**
 * The colours of what stands behind the cursor, where all of it has the same and nothing of the line in
 * front of it has them. `from`: the column where the line begins in the cursor's row.
 */
export function suggestionPen(screen: Screen, from: number, since: number): SuggestionPen | null {
  const { row, column } = screen.cursor;
  const first = firstBehind(screen);
  // Faint it is known without being looked for.
  if (first === null || first.faint || first.written <= since) return null;
  if (first.foreground === 0 && first.background === 0) return null;
  for (let at = column; at < screen.columns; at += 1) {
    const cell = screen.cell(row, at);
    if (isUntouched(cell)) break;
    if (isInk(cell, since) && !hasPen(cell, first)) return null;
  }
  for (let at = from; at < column; at += 1) {
    const cell = screen.cell(row, at);
    if (isInk(cell, since) && hasPen(cell, first)) return null;
  }
  return { foreground: first.foreground, background: first.background };
}

function isInk({ text, written }: Cell, since: number): boolean {
  return text !== " " && text !== "" && written > since;
}

/** Does something stand right behind the cursor? */
export function standsBehindCursor(screen: Screen): boolean {
  return firstBehind(screen) !== null;
}

/** The first sign behind the cursor, with nothing but blanks of the same text in between. */
function firstBehind(screen: Screen): Cell | null {
  const { row, column } = screen.cursor;
  for (let at = column; at < screen.columns; at += 1) {
    const cell = screen.cell(row, at);
    if (isUntouched(cell)) return null;
    if (isInk(cell, 0)) return cell;
  }
  return null;
}

function isUntouched({ text, written }: Cell): boolean {
  return text === " " && written === 0;
}
