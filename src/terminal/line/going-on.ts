import { micros, type Micros } from "../../kernel/index.js";
import { ranAfterAll } from "./learning.js";
import type { LineState, Times } from "./line-state.js";
import type { Witnesses } from "./witnesses.js";

/**
 * Enter was released, and it is not known yet whether the line ran: its editor may go on with it (it took
 * a choice of a menu, ended a search, put a newline in).
 */
export interface GoingOn {
  /** Another key comes: by now the editor goes on, or it would have said so. */
  keyComes(at: Micros): void;
  /** When it will be known; null: it is, or as well as it ever will be. */
  decide(at: Micros): Micros | null;
  /** What was released runs, late as it may be. */
  over(): void;
}

interface GoingOnFacts {
  readonly line: LineState;
  readonly times: Times;
  /** Nothing says that it ran. */
  readonly mayGoOn: () => boolean;
  /** Another line begins. */
  readonly newLine: () => void;
}

export function createGoingOn(
  { editor, locator, dialect, clock, history }: Witnesses,
  { line, times, mayGoOn, newLine }: GoingOnFacts,
): GoingOn {
  /** An editor that goes on has drawn something for Enter: of one that says nothing, nothing is known. */
  const answered = (): boolean => times.printed > times.printedAtRelease;

  function goOn(): void {
    if (line.before === null) return;
    locator.restore(line.before);
    line.before = null;
    line.marked = line.beforeMarked;
    line.awaited = false;
    line.goesOn = true;
    line.pressed += 1;
    if (dialect.current === "fish" && line.beforeText !== null) {
      editor.goOnFrom(`${line.beforeText}\n`);
      return;
    }
    // What was typed since must show behind it.
    editor.goOn();
    times.printedAtDoubt = 0;
  }

  return {
    keyComes(at) {
      if (mayGoOn() && answered() && at - line.releasedAt >= clock.capUs) goOn();
      // Where the key throws the line away, nothing has run.
      line.ranNothing = line.goesOn;
    },
    decide(at) {
      if (!mayGoOn()) return null;
      const known = line.releasedAt + (answered() ? clock.capUs : clock.answerUs);
      const knownAt = Math.max(known, times.lastPrintAt + clock.quietUs);
      if (at < knownAt) return micros(knownAt);
      if (answered()) goOn();
      return null;
    },
    over() {
      if (line.before === null && !line.stays && !line.goesOn) return;
      const left = line.stays && line.beforeMarked && times.lastKeyAt <= line.releasedAt;
      ranAfterAll(line, history);
      line.ranNothing = false;
      if (left) {
        newLine();
        return;
      }
      if (!line.goesOn) return;
      line.goesOn = false;
      line.marked = false;
      line.awaited = true;
      line.ahead = true;
      locator.forget();
      editor.standAlone();
    },
  };
}
