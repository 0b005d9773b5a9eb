import type { Prefills } from "./grown-prompt.js";
import type { LineStart } from "./line-start.js";
import type { LineState } from "./line-state.js";
import { standsBehindCursor } from "./suggestion-on-screen.js";
import type { Witnesses } from "./witnesses.js";

/** The first key of a line: where it will be echoed is where the cursor is. */
export function beginLine(
  { screen, dialect, editor, locator, agreement, disturbance }: Witnesses,
  {
    line,
    start,
    prefills,
  }: { readonly line: LineState; readonly start: LineStart; readonly prefills: Prefills },
): void {
  const { atFreshPrompt, atAnchor, cursorMoved, promptToCome } = start;
  const fresh = atFreshPrompt();
  line.startRevision = screen.revision;
  line.ahead = line.awaited && (screen.cursor.column === 0 || !cursorMoved());
  // After Ctrl-C fish draws its prompt without the mark.
  if (dialect.current === "fish" && fresh) line.marked = true;
  if (dialect.current === "zle" && locator.location !== null) {
    // Its prompt was drawn again meanwhile.
    if (!atAnchor(locator.location)) locator.relearn(prefills);
    if (!atAnchor(locator.location) || standsBehindCursor(screen)) editor.doubt();
  } else if (line.marked && promptToCome()) {
    // Typed between the mark and the prompt: that will be known when it comes.
  } else if (atFreshPrompt() || cursorMoved()) {
    locator.learn();
    // The shell put text behind its prompt before the first key came. Or a program beside it did:
    // then the keys know better.
    if (locator.location?.by === "cursor") agreement.note();
    else if (!disturbance.disturbed) editor.doubt();
  }
  line.awaited = false;
}
