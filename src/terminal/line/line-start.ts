import type { LineReading } from "../../model/index.js";
import type { Dialect } from "./dialect.js";
import type { LineState } from "./line-state.js";
import { leftOf, type Location } from "./line-locator.js";
import { looksLikePrompt } from "./prompt-book.js";
import type { Witnesses } from "./witnesses.js";

/** Where a line begins: what the cursor tells before the first key comes. */
export interface LineStart {
  /** A prompt stands there that a new line can be typed at. */
  readonly atFreshPrompt: () => boolean;
  /** The mark has come, and its prompt has not. */
  readonly promptToCome: () => boolean;
  /** Nothing shows yet that a line could be typed at. */
  readonly promptIsDue: () => boolean;
  /** What the shell asks for, where it waits for a line and none is begun. */
  readonly standsAt: () => LineReading["prompt"] | null;
  readonly atAnchor: (location: Location) => boolean;
  /** Since the line before was released. */
  readonly cursorMoved: () => boolean;
  /**
   * Enter was released, and the editor may still read: it took a choice of a menu, ended a search, or put
   * a newline into the line. Editors that use bracketed paste switch it off before anything runs; all
   * leave the row.
   */
  readonly mayGoOn: () => boolean;
  /** What was released runs. */
  readonly hasLeft: () => boolean;
  /** As `TypedLine.idleEditor`. */
  readonly idleEditor: () => Dialect | null;
}

export function createLineStart(
  { screen, book, locator, context, dialect, marks }: Witnesses,
  line: LineState,
): LineStart {
  function promptToCome(): boolean {
    if (screen.cursor.column > 0 || book.kindOf("") !== null) return false;
    return screen.revision === line.markRevision;
  }

  function atAnchor({ anchor }: Location): boolean {
    const { row, column } = screen.cursor;
    return anchor.line === row + screen.scrolled && anchor.column === column;
  }

  function cursorMoved(): boolean {
    const { row, column } = screen.cursor;
    return row + screen.scrolled !== line.leftLine || column !== line.leftColumn;
  }

  function hasLeft(): boolean {
    if (line.beforeMarked) return !screen.modes.bracketedPaste || marks.ended > line.endedAtRelease;
    return screen.cursor.row + screen.scrolled !== line.leftLine;
  }

  function mayGoOn(): boolean {
    if (line.before === null || line.marked) return false;
    return !hasLeft() && (line.beforeMarked || line.pressed === 0);
  }

  function atFreshPrompt(): boolean {
    if (line.pressed > 0) return false;
    const { row, column } = screen.cursor;
    if (column === 0 && !line.marked) return false;
    if (screen.revision === line.startRevision && line.startRevision !== 0) return false;
    const left = leftOf(screen, row, column);
    if (line.marked) return column > 0 || locator.place() !== null || book.kindOf("") !== null;
    return (
      cursorMoved() &&
      (book.kindOf(left)?.kind === "primary" || (!book.started && looksLikePrompt(left)))
    );
  }

  function standsAt(): LineReading["prompt"] | null {
    if (!atFreshPrompt()) return null;
    const { row, column } = screen.cursor;
    const seen = { marked: line.marked, alternate: screen.alternate };
    return context.readerAt(leftOf(screen, row, column), seen).prompt;
  }

  function promptIsDue(): boolean {
    return line.marked ? line.pressed === 0 && promptToCome() : !atFreshPrompt();
  }

  function idleEditor(): Dialect | null {
    const announced = screen.modes.bracketedPaste && !screen.alternate;
    const fresh = line.pressed === 0 && screen.cursor.column > 0 && !context.inProgram;
    return announced && fresh ? dialect.current : null;
  }

  return {
    atFreshPrompt,
    promptToCome,
    promptIsDue,
    standsAt,
    atAnchor,
    cursorMoved,
    mayGoOn,
    hasLeft,
    idleEditor,
  };
}
