import type { LineState } from "./line-state.js";
import type { Witnesses } from "./witnesses.js";

/** `^C` behind the old line and a prompt below it: the interrupt did what it should. */
export function watchInterrupt(
  { screen, trust }: Witnesses,
  line: LineState,
  atFreshPrompt: () => boolean,
): void {
  if (!line.interrupted || line.pressed > 0 || !atFreshPrompt()) return;
  line.interrupted = false;
  // Typed as two characters, it says nothing of the key.
  if (/\^C?\s*$/.test(line.thrownAway)) return;
  const row = screen.cursor.row;
  if (row > 0 && /\^C\s*$/.test(screen.rowText(row - 1))) trust.seenToWork();
}
