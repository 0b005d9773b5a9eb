import { LOG_FLOOR, type Background } from "./background.js";
import type { PersonRhythm } from "./person-rhythm.js";
import type { Timed } from "./rhythm.js";

/**
 * How much better others explain some typing than the person does: the mean log ratio of the crowd
 * to the person, plus that of the few people whose typing it resembles most. Natural log per key,
 * higher = less like the person; below 0 the person explains it best.
 */
export interface Comparison {
  add(timed: Timed): void;
  /** One key is complete (a pair, or a pair and a hold): old keys count less from here. */
  step(): void;
  score(): number | null;
  reset(): void;
  /** Log ratios of the last timing to the person: crowd first, then each rival. */
  readonly last: Float64Array;
  state(): ComparisonState;
}

export interface ComparisonState {
  readonly keys: number;
  readonly sums: readonly number[];
}

export interface Compared {
  readonly person: PersonRhythm;
  readonly background: Background;
  readonly rivals: readonly PersonRhythm[];
}

/** The people that the typing resembles most, averaged: one alone would resemble by chance. */
const RIVALS_COUNTED = 5;
/** A single timing moves the sum by no more than this factor (natural log). */
const RATIO_MAX = 3;
/** A hold tells less than its density says: it changes with the keyboard. */
const HOLD_WEIGHT = 0.5;

/**
 * `memoryKeys`: after so many keys a key counts 1/e. `Infinity` weighs all alike (a sample of known
 * length).
 */
export function createComparison(
  { person, background, rivals }: Compared,
  memoryKeys: number,
  saved?: ComparisonState,
): Comparison {
  const fade = memoryKeys === Infinity ? 1 : Math.exp(-1 / memoryKeys);
  const fits = saved?.sums.length === rivals.length + 1;
  const sums = Float64Array.from(fits ? saved.sums : new Float64Array(rivals.length + 1));
  const last = new Float64Array(rivals.length + 1);
  let keys = fits ? saved.keys : 0;
  let stepped = true;

  function add({ feature, cell }: Timed): void {
    if (stepped) last.fill(0);
    stepped = false;
    const weight = feature.includes("\t") ? 1 : HOLD_WEIGHT;
    const own = person.logDensity(feature, cell);
    const anybody = background.logs(feature)[cell] ?? LOG_FLOOR;
    bump(0, weight * (anybody - own));
    for (let i = 0; i < rivals.length; i += 1) {
      bump(i + 1, weight * ((rivals[i]?.logDensity(feature, cell) ?? anybody) - own));
    }
  }

  function bump(slot: number, ratio: number): void {
    last[slot] = (last[slot] ?? 0) + bounded(ratio);
  }

  function step(): void {
    if (stepped) last.fill(0);
    stepped = true;
    keys = keys * fade + 1;
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] ?? 0) * fade + (last[i] ?? 0);
  }

  function score(): number | null {
    if (keys < 1) return null;
    const crowd = (sums[0] ?? 0) / keys;
    const best = new Float64Array(Math.min(RIVALS_COUNTED, rivals.length)).fill(-Infinity);
    if (best.length === 0) return crowd;
    for (let i = 1; i < sums.length; i += 1) {
      keepLargest(best, ((sums[i] ?? 0) - (sums[0] ?? 0)) / keys);
    }
    return crowd + best.reduce((a, b) => a + b, 0) / best.length;
  }

  return {
    add,
    step,
    score,
    reset() {
      keys = 0;
      sums.fill(0);
    },
    last,
    state: () => ({ keys, sums: [...sums] }),
  };
}

function bounded(ratio: number): number {
  return ratio > RATIO_MAX ? RATIO_MAX : ratio < -RATIO_MAX ? -RATIO_MAX : ratio;
}

/** Largest first. */
function keepLargest(best: Float64Array, value: number): void {
  let at = best.length - 1;
  if (value <= (best[at] ?? 0)) return;
  for (; at > 0 && (best[at - 1] ?? 0) < value; at -= 1) best[at] = best[at - 1] ?? 0;
  best[at] = value;
}
