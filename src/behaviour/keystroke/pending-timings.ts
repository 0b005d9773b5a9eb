import type { TimingBook } from "./timing-book.js";

/**
 * Typing that has not proved itself yet. It is learnt only after as much again was typed without
 * suspicion; what was typed under suspicion waits for a proof (a passed re-authentication), and is
 * forgotten without one: who types with somebody's password does not teach the profile.
 */
export interface PendingTimings {
  add(feature: string, cell: number): void;
  /** One key is complete, under suspicion or not. */
  step(suspected: boolean): void;
  /** Another proof says that it was the person: all that waits is learnt. */
  confirm(): void;
  /** It was not, or nobody knows: all that waits is forgotten. */
  reject(): void;
  /** Keys that wait. */
  readonly waiting: number;
  state(): PendingState;
}

export interface PendingState {
  readonly suspected: boolean;
  readonly keys: readonly (readonly (readonly [string, number])[])[];
}

/** Keys that must follow without suspicion before a key is learnt: more than an impostor is hidden for. */
const PROOF_KEYS = 200;
/** What waits at most; beyond it the oldest is forgotten. */
const WAITING_MAX = 400;

export function createPendingTimings(book: TimingBook, saved?: PendingState): PendingTimings {
  let keys: (readonly (readonly [string, number])[])[] = [...(saved?.keys ?? [])];
  let current: (readonly [string, number])[] = [];
  let tainted = saved?.suspected ?? false;

  function step(suspected: boolean): void {
    if (current.length > 0) keys.push(current);
    current = [];
    if (tainted && !suspected) {
      // Suspicion that passes by itself proves nothing about what raised it.
      keys = [];
    }
    tainted = suspected;
    if (tainted) {
      if (keys.length > WAITING_MAX) keys.shift();
      return;
    }
    while (keys.length > PROOF_KEYS) learn(keys.shift() ?? []);
  }

  function learn(timings: readonly (readonly [string, number])[]): void {
    for (const [feature, cell] of timings) book.learn(feature, cell);
  }

  return {
    add: (feature, cell) => void current.push([feature, cell]),
    step,
    confirm() {
      for (const timings of keys) learn(timings);
      keys = [];
      tainted = false;
    },
    reject() {
      keys = [];
      tainted = false;
    },
    get waiting() {
      return keys.length;
    },
    state: () => ({ suspected: tainted, keys }),
  };
}
