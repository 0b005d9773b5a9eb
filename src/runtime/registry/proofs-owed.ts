import type { ProofOwed } from "../../model/index.js";
import type { Journal } from "./journal.js";

/**
 * Who has to prove again who they are, whatever they do: counted over sessions, and over restarts. A
 * proof answers everything that was counted.
 */
export interface ProofsOwed {
  of(person: string): ProofOwed | undefined;
  /** Somebody else counts (the scoring core), and wants a proof. */
  owe(person: string, owed: ProofOwed): void;
  /** The person has come at a time when nobody should. */
  cameAtProhibitedTime(person: string): void;
  proved(person: string): void;
}

/** As it stands in events: the key of the configuration. */
export const PROHIBITED_TIME = "identification.attemptsAtProhibitedTime";

export function createProofsOwed(
  journal: Journal,
  limits: { readonly attemptsAtProhibitedTimeMax: number },
): ProofsOwed {
  const { proofsOwed } = journal.memory;

  // It holds from here on. Lost with the power within a moment, one attempt is not counted.
  function note(person: string, attempts: number, owed: ProofOwed | undefined): void {
    const { trigger, reason } = owed ?? NOTHING;
    void journal.note({ kind: "proof-owed", person, attempts, trigger, reason });
  }

  function of(person: string): ProofOwed | undefined {
    const entry = proofsOwed.get(person);
    if (entry === undefined || entry.trigger === NOTHING.trigger) return undefined;
    return { trigger: entry.trigger, reason: entry.reason };
  }

  return {
    of,
    owe: (person, owed) => note(person, proofsOwed.get(person)?.attempts ?? 0, owed),
    cameAtProhibitedTime(person) {
      const { attemptsAtProhibitedTimeMax: limit } = limits;
      if (limit === 0) return;
      const attempts = (proofsOwed.get(person)?.attempts ?? 0) + 1;
      const reason = `${String(attempts)} log-ins at times when nobody should be at work.`;
      const reached = attempts >= limit ? { trigger: PROHIBITED_TIME, reason } : undefined;
      note(person, attempts, reached ?? of(person));
    },
    proved(person) {
      if (proofsOwed.has(person)) note(person, 0, undefined);
    },
  };
}

/** In the journal every field is there. */
const NOTHING = { trigger: "", reason: "" };
