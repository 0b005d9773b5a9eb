import type { PtyFacts } from "../../model/index.js";
import { influenceOf } from "./programs.js";

/**
 * Evidence that Ctrl-C still throws the line away (architecture law 2). Terminal modes of pty-req to
 * begin with; lost with every program that may have changed them; won back by a Ctrl-C that was seen
 * to work, unless keys were bound anew or something may stand between the person and the shell: what is
 * seen can be played then.
 */
export interface InterruptTrust {
  readonly trusted: boolean;
  /** Keys may do anything: `bind`, `source` or the like ran in the shell. */
  readonly rebound: boolean;
  /** `playable`: what Ctrl-C does from now on proves nothing. */
  launched(programs: readonly string[], playable: boolean): void;
  /** Ctrl-C was typed, `^C` appeared behind the line and a fresh prompt right below it. */
  seenToWork(): void;
}

const CTRL_C = 3;

export function createInterruptTrust(deps: PtyFacts): InterruptTrust {
  return new EvidenceOfInterrupt(deps);
}

class EvidenceOfInterrupt implements InterruptTrust {
  // Absent modes are the kernel's own defaults: ISIG on, VINTR = Ctrl-C (RFC 4254 section 8).
  #trusted: boolean;
  #rebound = false;
  #playable = false;

  constructor({ modes }: PtyFacts) {
    this.#trusted = (modes["ISIG"] ?? 1) !== 0 && (modes["VINTR"] ?? CTRL_C) === CTRL_C;
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  get rebound(): boolean {
    return this.#rebound;
  }

  launched(programs: readonly string[], playable: boolean): void {
    if (playable) this.#distrust();
    for (const program of programs) {
      const influence = influenceOf(program);
      if (influence !== "none") this.#trusted = false;
      if (influence === "rebinds") this.#rebound = true;
      if (influence === "plays") this.#distrust();
    }
  }

  seenToWork(): void {
    if (!this.#rebound && !this.#playable) this.#trusted = true;
  }

  #distrust(): void {
    this.#trusted = false;
    this.#playable = true;
  }
}
