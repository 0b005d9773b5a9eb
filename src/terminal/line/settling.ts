import { micros, type Micros } from "../../kernel/index.js";
import type { LineState, Times } from "./line-state.js";
import { isSubsequence } from "./reconcile.js";
import type { Settlement } from "./typed-line.js";
import type { Witnesses } from "./witnesses.js";

/** Whether the line can be read: everything typed has been answered, or will not be. */
export interface Settling {
  settled(at: Micros): Settlement;
  /** As `settled`, where a program draws the whole screen. */
  ofProgram(at: Micros): Settlement;
  /** A line that is read from the screen stands still there. */
  isStill(at: Micros): boolean;
  /**
   * The line shows as it was before a recall or a completion, and nothing says that there was none: what
   * was printed since may have been the echo of keys before.
   */
  isUntouched(): boolean;
  /** What the screen shows is the target's answer to what was typed, as far as can be known. */
  isAnsweredSoFar(): boolean;
}

export interface SettlingFacts {
  readonly line: LineState;
  readonly times: Times;
  readonly viMode: () => boolean;
  /** Does the screen show what the keys say? */
  readonly found: () => boolean;
  /** What is typed here shows, as a rule: it is a shell's prompt, or ahead of one. */
  readonly echoes: () => boolean;
  /** Characters typed since the last key that was none. */
  readonly typedBehind: () => string;
}

export function createSettling(witnesses: Witnesses, facts: SettlingFacts): Settling {
  const { editor, clock, agreement, lineReader, trust, dialect } = witnesses;
  const { line, times } = facts;

  function isStill(at: Micros): boolean {
    return (
      editor.trust === "unclear" &&
      times.printed > times.printedAtDoubt &&
      at - Math.max(times.lastPrintAt, times.doubtAt) >= clock.quietUs
    );
  }

  /** What was typed behind a completion or recall shows only when that has been carried out. */
  function isAnswered(): boolean {
    if (times.printed <= times.printedAtDoubt) return false;
    if (isBlank() || isUntouched()) return false;
    if (facts.viMode() || trust.rebound || editor.searching !== "no" || editor.typed === "")
      return true;
    const shown = lineReader.shown();
    // A search, or a prompt that is still to come, stands where the line will.
    if (shown === null) return false;
    const text = lineReader.restored(shown.text);
    if (isSubsequence(editor.typed, text)) return true;
    const behind = facts.typedBehind();
    return behind !== "" && text.endsWith(behind);
  }

  function isUntouched(): boolean {
    const { textAtDoubt, declined } = times;
    if (textAtDoubt === null || textAtDoubt === "" || declined || editor.trust !== "unclear")
      return false;
    if (editor.typed !== "" || editor.searching !== "no") return false;
    return lineReader.shown()?.text === textAtDoubt;
  }

  /** Nothing of a recall shows: the prompt came, and its answer is to come. */
  function isBlank(): boolean {
    return editor.searching === "no" && lineReader.shown()?.text.trim() === "";
  }

  function settled(at: Micros): Settlement {
    const open = editor.trust === "unclear" && facts.echoes() && !isAnswered();
    const late = editor.trust !== "unclear" && facts.echoes() && lags();
    const cap = times.lastKeyAt + capUs(open, late);
    if (at >= cap || (line.pressed === 0 && editor.trust === "exact")) return SETTLED;
    const quietUs = line.completed || flashes() ? clock.completedUs : clock.quietUs;
    const stillAt = Math.max(times.lastKeyAt, times.lastPrintAt) + quietUs;
    if (editor.trust === "exact") return settledExactly(at, { cap, stillAt });
    if (editor.trust === "guess" && at >= times.doubtAt + clock.quietUs && facts.found())
      return SETTLED;
    if (open || late || isBeginning() || times.printed <= times.printedAtDoubt) return recheck(cap);
    // A key that nothing answered yet may still be on its way.
    const ownAnswerAt = times.early ? times.lastKeyAt + 2 * clock.soonestUs : 0;
    const readyAt = Math.max(stillAt, answeredAt(stillAt), ownAnswerAt);
    return at >= readyAt ? SETTLED : recheck(Math.min(cap, readyAt));
  }

  function capUs(open: boolean, late: boolean): number {
    // What was typed must show some time; a recall may bring nothing.
    if (open)
      return (editor.typed === "" && isBlank()) || isUntouched() ? clock.stalledUs : clock.answerUs;
    return late ? clock.stalledUs : clock.capUs;
  }

  /** The screen shows no more than the beginning of what was typed. */
  function lags(): boolean {
    if (agreement.holds) return false;
    if (times.printed === times.printedAtKey) return true;
    const shown = lineReader.shown();
    if (shown === null) return true;
    // Drawn wrongly, it can look like a beginning for good.
    if (lineReader.pointsAt(shown.location)) return false;
    return editor.buffer.text.startsWith(shown.text.trimEnd());
  }

  /** In vi mode: of what was typed only the beginning shows, as if the rest had been taken back. */
  function isBeginning(): boolean {
    const typed = facts.viMode() ? line.beforeEscape : null;
    const shown = typed === null ? null : lineReader.shown();
    if (typed === null || shown === null) return false;
    const text = shown.text.trimEnd();
    return text !== typed.trimEnd() && typed.startsWith(text);
  }

  /** fish shows that there is nothing more to recall, and reads no key meanwhile. */
  function flashes(): boolean {
    return dialect.current === "fish" && editor.trust !== "exact" && lineReader.flashes();
  }

  function answeredAt(stillAt: number): number {
    const answered = times.printed > times.printedAtKey;
    return answered ? stillAt : times.lastKeyAt + clock.hiddenAfterUs;
  }

  function settledExactly(
    at: Micros,
    { cap, stillAt }: { readonly cap: number; readonly stillAt: number },
  ): Settlement {
    if (agreement.holds) return SETTLED;
    if (facts.found()) {
      agreement.note();
      return SETTLED;
    }
    // A shell that has drawn its prompt echoes: what does not show yet is late.
    const shownBy = facts.echoes() ? cap : times.lastKeyAt + clock.hiddenAfterUs;
    const decidedAt = Math.max(stillAt, shownBy);
    return at >= decidedAt ? SETTLED : recheck(Math.min(cap, decidedAt));
  }

  function ofProgram(at: Micros): Settlement {
    const answered = times.printed > times.printedAtKey;
    const shownAt = answered ? times.lastPrintAt : times.lastKeyAt + clock.hiddenAfterUs;
    const readyAt = Math.min(times.lastKeyAt + clock.capUs, shownAt + clock.quietUs);
    return at >= readyAt ? SETTLED : recheck(readyAt);
  }

  function isAnsweredSoFar(): boolean {
    if (times.printed > times.printedAtDoubt) return !isUntouched();
    // What only moves or takes away is not answered where nothing stands.
    return isBlank() && times.printed > times.printedAtAdding;
  }

  return { settled, ofProgram, isStill, isUntouched, isAnsweredSoFar };
}

export const SETTLED: Settlement = { settled: true };

export function recheck(at: number): Settlement {
  return { settled: false, recheckAt: micros(at) };
}
