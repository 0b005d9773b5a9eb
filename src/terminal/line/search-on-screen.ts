import type { Screen } from "../screen/index.js";
import { readScreenLine, type ScreenLine } from "./line-on-screen.js";

/** readline quotes the pattern with a backquote, busybox with an apostrophe. */
const PREFIX = /^\((?:failed )?(?:(?:reverse|bck|fwd)-)?i-search\)[`']/;
/** zle's search stands below the line. */
const BELOW = /^(?:(?:failing|invalid) )?(?:bck|fwd)-i-search: /;

/**
 * The line in readline's incremental search display, `(reverse-i-search)`pattern': line`; Enter runs
 * it. null: the screen shows no search.
 */
export function readSearch(
  screen: Screen,
  { pattern, since }: { readonly pattern: string; readonly since: number },
): ScreenLine | null {
  for (let row = screen.cursor.row; row >= 0; row -= 1) {
    if (screen.cell(row, 0).text !== "(" || screen.cell(row, 0).written <= since) continue;
    const anchor = { line: row + screen.scrolled, column: 0, since };
    const block = readScreenLine(screen, anchor);
    const prefix = PREFIX.exec(block.text)?.[0];
    if (prefix === undefined || block.point === null) continue;
    const known = `${prefix}${pattern}': `;
    const end = block.text.startsWith(known)
      ? known.length
      : block.text.indexOf("': ", prefix.length) + 3;
    if (end < prefix.length + 3) continue;
    const text = block.text.slice(end);
    const before = Array.from(block.text.slice(0, end)).length;
    const point = Math.max(0, block.point - before);
    // A pattern that does not show as it was typed leaves room for doubt where the line begins.
    return { text, point, partial: block.partial || !block.text.startsWith(known) };
  }
  return null;
}

/** `/` and `?` in vi's command mode begin a search in the history: in the line (readline) or below (zle). */
export function searchesInVi(screen: Screen, line: string): boolean {
  if (VI_SEARCH.test(line)) return true;
  const { row } = screen.cursor;
  return BELOW_IN_VI.test(screen.rowText(row)) || BELOW_IN_VI.test(screen.rowText(row + 1));
}

const VI_SEARCH = /^[/?]/;
/** zle marks the place to type at with an underscore. */
const BELOW_IN_VI = /^[/?].*_\s*$/;

/** zle shows the line where it is, and what is searched for in the row below. */
export function searchesBelow(screen: Screen): boolean {
  const { row } = screen.cursor;
  for (let at = row + 1; at < screen.rows; at += 1) {
    if (BELOW.test(screen.rowText(at))) return true;
  }
  return false;
}
