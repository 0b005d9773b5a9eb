import { ok, type Fault, type Result } from "../../kernel/index.js";
import type { Journal } from "./journal.js";

/** People who are kept out until somebody lets them in again; survives restarts. */
export interface PersonLocks {
  /** The lock that holds now; null when none does. */
  of(person: string, nowMs: number): LockedPerson | null;
  all(nowMs: number): readonly LockedPerson[];
  /** Ok once it survives a power loss; it holds from the call on. */
  lock(lock: LockedPerson): Promise<Result<void, Fault>>;
  unlock(person: string): Promise<Result<void, Fault>>;
}

export interface LockedPerson {
  readonly person: string;
  /** `operator:maria`. */
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: number;
  /** UTC; null: until unlocked. */
  readonly untilMs: number | null;
}

/** In the journal every field has one type. */
const NO_END_MS = 0;

export function createPersonLocks(journal: Journal): PersonLocks {
  const { personLocks } = journal.memory;

  function of(person: string, nowMs: number): LockedPerson | null {
    const entry = personLocks.get(person);
    if (entry === undefined) return null;
    const untilMs = entry.untilMs === NO_END_MS ? null : entry.untilMs;
    return untilMs !== null && untilMs <= nowMs ? null : { ...entry, person, untilMs };
  }

  return {
    of,
    all: (nowMs) =>
      [...personLocks.keys()].flatMap((person) => {
        const lock = of(person, nowMs);
        return lock === null ? [] : [lock];
      }),
    lock: ({ untilMs, ...lock }) =>
      journal.note({ kind: "person-lock", ...lock, untilMs: untilMs ?? NO_END_MS }),
    unlock: async (person) =>
      personLocks.has(person)
        ? await journal.note({ kind: "person-unlock", person })
        : ok(undefined),
  };
}
