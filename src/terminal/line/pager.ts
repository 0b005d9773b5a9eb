import type { Screen } from "../screen/index.js";

/** fish's pager searches in a row of its own below the line, and the cursor stands there. */
export function inPager(screen: Screen): boolean {
  return PAGER.test(screen.rowText(screen.cursor.row));
}

/** "search: git" is one, "research: x" is not. */
const PAGER = /^search: /;
