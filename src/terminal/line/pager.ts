import type { Screen } from "../screen/index.js";

/** fish's pager searches in a row of its own below the line, and the cursor stands there. */
export function inPager(screen: Screen): boolean {
  return PAGER.test(screen.rowText(screen.cursor.row));
}

/** A choice below the line is marked (zsh's menu, fish's pager): Enter takes it, and runs nothing. */
export function choosesBelow(screen: Screen): boolean {
  const { row } = screen.cursor;
  for (let below = row + 1; below < screen.rows; below += 1) {
    for (let column = 0; column < screen.columns; column += 1) {
      const cell = screen.cell(below, column);
      if (cell.inverse && cell.text !== " ") return true;
    }
  }
  return false;
}

/** readline asks before it shows many choices, and in between: Enter answers that. */
export function asksAboutList(screen: Screen): boolean {
  return ABOUT_LIST.test(screen.rowText(screen.cursor.row));
}

const ABOUT_LIST = /^(?:Display all \d+ possibilities\? \(y or n\)|--More--)\s*$/;

/** "search: git" is one, "research: x" is not. */
const PAGER = /^search: /;
