import type { PtyFacts } from "../../model/index.js";
import { influenceOf } from "./programs.js";

/**
 * Evidence that Ctrl-C still throws the line away (architecture law 2). Terminal modes of pty-req to
 * begin with; lost with every program that may have changed them; won back by a Ctrl-C that was seen
 * to work, unless keys were bound anew, since then even that can be played.
 */
export interface InterruptTrust {
  readonly trusted: boolean;
  /** Keys may do anything: `bind`, `source` or the like ran in the shell. */
  readonly rebound: boolean;
  launched(programs: readonly string[]): void;
  /** Ctrl-C was typed, `^C` appeared behind the line and a fresh prompt right below it. */
  seenToWork(): void;
}

const CTRL_C = 3;

export function createInterruptTrust({ modes }: PtyFacts): InterruptTrust {
  // Absent modes are the kernel's own defaults: ISIG on, VINTR = Ctrl-C (RFC 4254 section 8).
  let trusted = (modes["ISIG"] ?? 1) !== 0 && (modes["VINTR"] ?? CTRL_C) === CTRL_C;
  let rebound = false;
  return {
    get trusted() {
      return trusted;
    },
    get rebound() {
      return rebound;
    },
    launched(programs) {
      for (const program of programs) {
        const influence = influenceOf(program);
        if (influence !== "none") trusted = false;
        if (influence === "rebinds") rebound = true;
      }
    },
    seenToWork() {
      if (!rebound) trusted = true;
    },
  };
}
