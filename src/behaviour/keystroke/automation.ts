import type { Timed } from "./rhythm.js";

/**
 * Is a program typing? A hand varies: over some forty keys the logarithm of its times has a standard
 * deviation of 0.3 and more, on the 20 ms grid too; a program that sleeps between keys does not.
 * And no hand strikes a key every 30 ms for long. Exponential averages over the last keys, O(1).
 * Known limit: a program that imitates somebody's spread is left to the comparison of persons.
 */
export interface AutomationWatch {
  observe(pair: Timed): void;
  /** How improbable such typing is by hand: 1 while unknown. */
  readonly pValue: number;
  readonly reason: string | null;
  reset(): void;
  state(): AutomationState;
}

export interface AutomationState {
  readonly keys: number;
  readonly mean: number;
  readonly square: number;
}

/** Keys after which the averages mean something. */
const KEYS_MIN = 30;
/** A key counts 1/e after so many. */
const MEMORY_KEYS = 30;
const FADE = Math.exp(-1 / MEMORY_KEYS);
/** Times below are equal for this purpose: the grid and the network decide there, not the hand. ms. */
const FASTEST_MS = 10;
/** Standard deviation of log time: no typist of the trials came below 0.29. Suspect is half of it. */
const SPREAD_SUSPECT = 0.14;
const SPREAD_SURE = 0.08;
/** Mean time between keys in ms (geometric): the fastest stretch of the trials had 33, the next 63. */
const PACE_MS_SUSPECT = 30;
const PACE_MS_SURE = 22;
/** None of 111,000 keys of the trials, on the grid or off it, came near a mark: rounded up. */
const P_SUSPECT = 0.01;
const P_SURE = 0.0001;

export function createAutomationWatch(saved?: AutomationState): AutomationWatch {
  let { keys, mean, square } = saved ?? { keys: 0, mean: 0, square: 0 };

  function observe({ ms }: Timed): void {
    const log = Math.log(ms < FASTEST_MS ? FASTEST_MS : ms);
    keys += 1;
    // The first keys weigh as in a plain average, later ones as in an exponential one.
    const weight = Math.max(1 / keys, 1 - FADE);
    mean += weight * (log - mean);
    square += weight * (log * log - square);
  }

  function spread(): number {
    return Math.sqrt(Math.max(0, square - mean * mean));
  }

  return {
    observe,
    get pValue() {
      if (keys < KEYS_MIN) return 1;
      const paceMs = Math.exp(mean);
      if (spread() < SPREAD_SURE || paceMs < PACE_MS_SURE) return P_SURE;
      return spread() < SPREAD_SUSPECT || paceMs < PACE_MS_SUSPECT ? P_SUSPECT : 1;
    },
    get reason() {
      if (keys < KEYS_MIN) return null;
      const paceMs = Math.exp(mean);
      if (paceMs < PACE_MS_SUSPECT) return `a key every ${paceMs.toFixed(0)} ms`;
      return spread() < SPREAD_SUSPECT
        ? `keys every ${paceMs.toFixed(0)} ms, more evenly than a hand strikes them`
        : null;
    },
    reset() {
      keys = 0;
      mean = 0;
      square = 0;
    },
    state: () => ({ keys, mean, square }),
  };
}
