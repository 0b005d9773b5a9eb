import type { Screen } from "../screen/index.js";
import { columnsOf } from "../screen/width.js";

/**
 * mksh keeps a long line in one row and shows a window of it: in the last column but one stands `<`
 * (more to the left), `>` (to the right) or `*` (both). Does the window show this text?
 */
export function showsWindowOf(
  screen: Screen,
  chars: readonly string[],
  place: { readonly point: number; readonly anchorColumn: number },
): boolean {
  const { row, column } = screen.cursor;
  const edge = screen.columns - 2;
  const sign = screen.cell(row, edge).text;
  if (!SIGNS.has(sign) || column >= edge) return false;
  const start = sign === ">" ? place.anchorColumn : 0;
  let at = column;
  let first = place.point;
  while (first > 0) {
    const width = widthOf(chars[first - 1]);
    if (at - width < start) break;
    at -= width;
    first -= 1;
  }
  if (sign === ">" ? first !== 0 || at !== start : first === 0) return false;
  return showsFrom(screen, { row, column: at, edge }, chars.slice(first));
}

const SIGNS: ReadonlySet<string> = new Set(["<", ">", "*"]);

function showsFrom(
  screen: Screen,
  window: { readonly row: number; readonly column: number; readonly edge: number },
  chars: readonly string[],
): boolean {
  let at = window.column;
  for (const character of chars) {
    const width = widthOf(character);
    // A mark stands in the cell of the character before it.
    if (width === 0) continue;
    if (at + width > window.edge) return true;
    if (!screen.cell(window.row, at).text.startsWith(character)) return false;
    at += width;
  }
  for (; at < window.edge; at += 1) if (screen.cell(window.row, at).text !== " ") return false;
  return true;
}

function widthOf(character: string | undefined): number {
  return columnsOf(character?.codePointAt(0) ?? 0x20);
}
