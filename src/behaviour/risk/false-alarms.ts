import { COUNTED_BELOW, TEMPER } from "./create-risk-ladder.js";
import { RISK_DETECTORS, WEIGHT_MAX, type RiskDetector } from "./signal.js";

/**
 * The score that a person's own behaviour reaches in a share `rate` (0..1) of looks: one look is all
 * detectors once, independent of each other, with p-values as calibrated as they say. Whole, 1..100.
 *
 * Each detector leaves ln(1/doubt): nothing with probability 0.95, else an exponential of mean 1/4
 * (the p-value below 0.05 is uniform), cut at what its weight allows. The sum of them all is computed
 * on a grid. `reauth` and `rules` are left out: nobody's habits make them speak; and so is `core`, which
 * stands for other detectors.
 */
export function scoreAtFalseAlarms(rate: number): number {
  const tail = scoreTail();
  for (let score = 1; score <= 100; score += 1) if ((tail[score] ?? 0) <= rate) return score;
  return 100;
}

const NO_HABIT: ReadonlySet<RiskDetector> = new Set<RiskDetector>(["reauth", "rules", "core"]);

/** Grid of ln(1/doubt), wide enough for all detectors together. */
const STEP = 0.005;
const CELLS = 1_600;

/** Share of looks that reach each score. */
function scoreTail(): readonly number[] {
  let sum = new Float64Array(CELLS);
  sum[0] = 1;
  for (const detector of RISK_DETECTORS) {
    if (NO_HABIT.has(detector)) continue;
    sum = convolved(sum, one(WEIGHT_MAX[detector]));
  }
  return Array.from({ length: 101 }, (_, score) => {
    // The ladder rounds: a score is reached half a point below it.
    const from = -Math.log(1 - Math.min(0.9999, (score - 0.5) / 100));
    return sum.reduce((total, mass, cell) => (cell * STEP >= from ? total + mass : total), 0);
  });
}

/** What a single detector leaves: mass at 0, an exponential, the rest at its limit. */
function one(weightMax: number): readonly (readonly [number, number])[] {
  const limit = -Math.log(1 - weightMax);
  const last = Math.round(limit / STEP);
  const parts: (readonly [number, number])[] = [[0, 1 - COUNTED_BELOW]];
  const beyond = (x: number): number => COUNTED_BELOW * Math.exp(-x / TEMPER);
  for (let cell = 0; cell < last; cell += 1) {
    parts.push([cell, beyond(cell * STEP) - beyond((cell + 1) * STEP)]);
  }
  parts.push([last, beyond(last * STEP)]);
  return parts;
}

function convolved(
  sum: Float64Array,
  parts: readonly (readonly [number, number])[],
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell += 1) {
    const mass = sum[cell] ?? 0;
    if (mass < MASS_MIN) continue;
    for (const [by, share] of parts) {
      const to = Math.min(CELLS - 1, cell + by);
      out[to] = (out[to] ?? 0) + mass * share;
    }
  }
  return out;
}

/** Less is beyond any rate that somebody would configure. */
const MASS_MIN = 1e-12;
