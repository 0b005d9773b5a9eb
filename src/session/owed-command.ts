import type { Fate } from "../terminal/index.js";

/**
 * A line that was judged and released, but not told, because its editor takes Enter as a key of its own
 * just then (a choice of a menu, a line that goes on): told late when it is seen to have run all the same.
 */
export interface OwedCommand {
  owe(tell: () => void): void;
  /** Tells what ran; forgets what is part of a line that goes on. */
  settle(fate: Fate): void;
}

export function createOwedCommand(): OwedCommand {
  let owed: (() => void) | null = null;
  return {
    owe(tell) {
      owed = tell;
    },
    settle(fate) {
      if (owed === null || fate === "unknown") return;
      const tell = owed;
      owed = null;
      if (fate === "ran") tell();
    },
  };
}
