import { addressKey } from "./address-key.js";
import { createFailures } from "./failures.js";
import type { Journal } from "./journal.js";
import type { LoginRules } from "./ports.js";

/** Who has failed too often, by person and by address, across workers and restarts. */
export interface Locks {
  /** Until when (ms, wall clock) the person or the address is refused; null when they are not. */
  lockedUntil(who: Who, nowMs: number): number | null;
  failed(who: Who, nowMs: number): void;
  /** A complete login: the person's failures are forgotten, those of the address are not. */
  proved(person: string): void;
}

export interface Who {
  readonly person: string;
  readonly origin: string;
}

export function createLocks(
  deps: {
    readonly journal: Journal;
    readonly locked: (key: string, untilMs: number) => void;
  },
  rules: LoginRules,
): Locks {
  const policy = { windowMs: rules.failureWindowMs, lockMs: rules.lockMs };
  const failures = createFailures(policy, deps.journal.memory.locks);
  const ofPerson = (who: Who): string => `person:${who.person}`;
  const ofAddress = (who: Who): string => `address:${addressKey(who.origin)}`;

  function count(key: string, nowMs: number, max: number): void {
    const untilMs = failures.failed(key, nowMs, max);
    if (untilMs === null) return;
    // Holds from now on, in memory; that the disk has it matters only for a restart.
    void deps.journal.note({ kind: "lock", key, untilMs });
    deps.locked(key, untilMs);
  }

  return {
    lockedUntil(who, nowMs) {
      const person = failures.lockedUntil(ofPerson(who), nowMs);
      const address = failures.lockedUntil(ofAddress(who), nowMs);
      if (person === null || address === null) return person ?? address;
      return Math.max(person, address);
    },
    failed(who, nowMs) {
      count(ofPerson(who), nowMs, rules.failuresPerPersonMax);
      count(ofAddress(who), nowMs, rules.failuresPerAddressMax);
    },
    proved: (person) => failures.forget(`person:${person}`),
  };
}
