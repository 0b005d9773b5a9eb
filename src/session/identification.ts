import type { ProofOwed } from "../model/index.js";
import type { Surface } from "./question.js";

/**
 * Continuous identification: what a person does may raise the question who is there, whatever the single
 * rule says. The blocked commands of this session are counted here; who counts over many sessions (the
 * registry, the scoring core) demands the proof.
 */
export interface Identification {
  /** Looks at the counter; called after everything that may have changed it. */
  look(): void;
  /** Asked at once, or as soon as there is where to ask; what is asked already is not asked twice. */
  demand(owed: ProofOwed): void;
  /**
   * Something is about to start, on a terminal of its own or on none. `terminal` is made only when the
   * question is put on it: then nothing of what starts has reached the target.
   */
  starting(terminal: (() => Surface) | null): void;
}

/** As it stands in events: the key of the configuration. */
export const BLOCKED_COMMANDS = "identification.blockedCommands";

export interface IdentificationDeps {
  /** Blocked commands after which the person is asked; then it counts anew. 0: never. */
  readonly blockedCommandsMax: number;
  readonly blocked: () => number;
  readonly ask: (owed: ProofOwed, turn: ProofTurn) => "asked" | "later" | "never";
  readonly suspend: (reason: string, trigger: string) => void;
}

/** Asked when its turn comes, if `wanted` holds then. */
export interface ProofTurn {
  readonly wanted: () => boolean;
  /** It has been answered, or nobody will. */
  readonly over: () => void;
  /** Where it is drawn; absent: on a terminal of the session. */
  readonly on?: () => Surface;
}

export function createIdentification(deps: IdentificationDeps): Identification {
  return new Counters(deps);
}

class Counters implements Identification {
  readonly #deps: IdentificationDeps;
  #answeredFor = 0;
  /** What the person has to prove, and whether it could be asked for yet. */
  #owed: { readonly proof: ProofOwed; asked: boolean } | null = null;

  constructor(deps: IdentificationDeps) {
    this.#deps = deps;
  }

  look(): void {
    const { blockedCommandsMax: limit } = this.#deps;
    const count = this.#deps.blocked() - this.#answeredFor;
    if (limit === 0 || count < limit) return;
    this.#answeredFor += count;
    const reason = `${String(count)} commands were blocked in this session.`;
    this.demand({ trigger: BLOCKED_COMMANDS, reason });
  }

  demand(proof: ProofOwed): void {
    // One proof answers everything that was counted.
    if (this.#owed?.asked === true) return;
    this.#owed = { proof, asked: false };
    this.#ask();
  }

  starting(terminal: (() => Surface) | null): void {
    if (this.#owed === null || this.#owed.asked) return;
    this.#ask(terminal ?? undefined);
    // What starts now could not be asked on, and must not run before.
    if (this.#waits()) this.#stop();
  }

  #waits(): boolean {
    return this.#owed?.asked === false;
  }

  #ask(on?: () => Surface): void {
    const owed = this.#owed;
    if (owed === null) return;
    // Set before: a question that can be asked at once looks at it.
    owed.asked = true;
    const asked = this.#deps.ask(owed.proof, {
      wanted: () => this.#owed === owed,
      over: () => {
        if (this.#owed === owed) this.#owed = null;
      },
      ...(on === undefined ? {} : { on }),
    });
    if (asked === "later") owed.asked = false;
    // Nothing degrades to allowed: who can not be asked stands still.
    else if (asked === "never") this.#stop();
  }

  #stop(): void {
    const proof = this.#owed?.proof;
    this.#owed = null;
    if (proof !== undefined) this.#deps.suspend(proof.reason, proof.trigger);
  }
}
