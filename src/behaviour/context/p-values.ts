/**
 * Conformal p-value (Vovk): the share of the history, the new value included, that is at least as
 * extreme. Exact whatever the distribution, as long as the new session is like the old ones.
 */
export function upperTailP(history: readonly number[], value: number): number {
  let asHigh = 0;
  for (const one of history) if (one >= value) asHigh += 1;
  return (1 + asHigh) / (history.length + 1);
}

/**
 * How rare a value is among counted ones: the share of observations whose value was seen at most as
 * often. What was never seen has the Good-Turing mass of novelties, so that who roams surprises less.
 */
export function rarityP(counts: ReadonlyMap<unknown, number>, value: unknown): number {
  const seen = counts.get(value) ?? 0;
  let total = 0;
  let asRare = 0;
  let once = 0;
  for (const count of counts.values()) {
    total += count;
    if (count <= seen) asRare += count;
    if (count === 1) once += 1;
  }
  return (1 + (seen === 0 ? once : asRare)) / (total + 1);
}

/** Sum and sum of squares of counts per window: enough for a negative binomial. */
export interface CountHistory {
  readonly windows: number;
  readonly sum: number;
  readonly squares: number;
}

/**
 * P(count >= value) under a negative binomial fitted by moments, the usual law of counts that come in
 * bursts; with no more variance than a Poisson it is one.
 */
export function countP({ windows, sum, squares }: CountHistory, value: number): number {
  if (windows === 0 || !(value > 0)) return 1;
  const mean = Math.max(sum / windows, 1 / (windows + 1));
  const variance = Math.max(squares / windows - mean * mean, mean * VARIANCE_MIN);
  const size = (mean * mean) / (variance - mean);
  const failure = mean / (mean + size);
  const terms = Math.min(Math.ceil(value), TERMS_MAX);
  // pmf(0) = (1 - failure)^size, and pmf(k+1) = pmf(k) (k + size) / (k + 1) failure.
  let term = Math.exp(size * Math.log(1 - failure));
  if (term === 0) return normalTail((value - mean) / Math.sqrt(variance));
  let below = 0;
  for (let k = 0; k < terms; k += 1) {
    below += term;
    term *= ((k + size) / (k + 1)) * failure;
  }
  return Math.max(P_MIN, Math.min(1, 1 - below));
}

/** A history a little wider than a Poisson: what was seen is never the whole spread. */
const VARIANCE_MIN = 1.1;
/** Larger counts in one window are as surprising as this one. */
const TERMS_MAX = 5_000;
const P_MIN = 1e-6;

/** P(Z >= z), Abramowitz & Stegun 26.2.17 (error below 7.5e-8). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.max(P_MIN, (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series);
}
