/**
 * Has somebody else taken over? One CUSUM (Page 1954) per suspect: the crowd, and each other person
 * of the site. Each key adds its log ratio of the suspect to the person, less a drift; a sum never
 * falls below zero, so that it forgets the person's own typing and starts anew where a stranger does.
 */
export interface ChangeWatch {
  /** Log ratios of one key, the crowd first; returns the statistic after it. */
  observe(ratios: Float64Array): number;
  readonly statistic: number;
  reset(): void;
  state(): readonly number[];
}

/** Keys of the person's own that lean to somebody else by less than this do not add up. */
const DRIFT = 0.05;
/** The sums whose mean is the statistic: a person resembles one other by chance, not several. */
const SUSPECTS_COUNTED = 3;
/** Above it the answer is clear; without a bound the person's return would take as long to see. */
const SUM_MAX = 60;

export function createChangeWatch(suspects: number, saved?: readonly number[]): ChangeWatch {
  const sums = Float64Array.from(saved?.length === suspects ? saved : new Float64Array(suspects));
  const best = new Float64Array(Math.min(SUSPECTS_COUNTED, suspects));
  let statistic = largest();

  function observe(ratios: Float64Array): number {
    for (let i = 0; i < sums.length; i += 1) {
      const next = (sums[i] ?? 0) + (ratios[i] ?? 0) - DRIFT;
      sums[i] = next < 0 ? 0 : next > SUM_MAX ? SUM_MAX : next;
    }
    statistic = largest();
    return statistic;
  }

  function largest(): number {
    best.fill(0);
    for (const sum of sums) {
      let at = best.length - 1;
      if (sum <= (best[at] ?? 0)) continue;
      for (; at > 0 && (best[at - 1] ?? 0) < sum; at -= 1) best[at] = best[at - 1] ?? 0;
      best[at] = sum;
    }
    let total = 0;
    for (const sum of best) total += sum;
    return best.length === 0 ? 0 : total / best.length;
  }

  return {
    observe,
    get statistic() {
      return statistic;
    },
    reset() {
      sums.fill(0);
      statistic = 0;
    },
    state: () => [...sums],
  };
}
