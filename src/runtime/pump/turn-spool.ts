import type { Fault, Result } from "../../kernel/index.js";
import type { EventSpool } from "./ports.js";

/**
 * A spool that writes what can wait once a turn of the event loop: hundreds of requests a second are told
 * one by one, and each write is a call of the system. Whoever may act only when what was put is in the
 * spool asks for that by `settled`.
 */
export interface TurnSpool extends EventSpool {
  /** Written with whatever is appended next, at the latest at the end of this turn. Not ok: it was not kept. */
  put(lines: string, kept: (outcome: Result<void, Fault>) => void): void;
  /** Calls when all that was put has been written or given up: at once where nothing waits. */
  settled(then: () => void): void;
  /** Writes what waits. */
  flush(): void;
}

/** What waits for the end of a turn; more is written at once. A turn of a busy process tells some 20 KB. */
const WAITING_CHARS_MAX = 256 * 1024;

export function createTurnSpool(spool: EventSpool): TurnSpool {
  let lines = "";
  let kept: ((outcome: Result<void, Fault>) => void)[] = [];
  let waiting: (() => void)[] = [];
  let due = false;

  function flush(): void {
    if (lines === "") return;
    const [written, tell, go] = [lines, kept, waiting];
    lines = "";
    kept = [];
    waiting = [];
    const outcome = spool.append(written);
    for (const one of tell) one(outcome);
    for (const one of go) one();
  }

  return {
    append(more) {
      // Not in one write with it: what is wrong with the one is not said of the other.
      flush();
      return spool.append(more);
    },
    sync() {
      flush();
      return spool.sync();
    },
    put(more, told) {
      lines += more;
      kept.push(told);
      if (lines.length >= WAITING_CHARS_MAX) {
        flush();
        return;
      }
      if (due) return;
      due = true;
      setImmediate(() => {
        due = false;
        flush();
      });
    },
    settled(then) {
      if (lines === "") then();
      else waiting.push(then);
    },
    flush,
  };
}
