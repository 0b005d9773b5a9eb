import { conformal, type Reading } from "./conformal.js";

/** How long somebody's sessions last: the distance of a logarithm from the median of logarithms. */
export class DurationBaseline {
  /** Ascending logarithms of milliseconds. */
  readonly #sorted: number[] = [];

  get total(): number {
    return this.#sorted.length;
  }

  add(durationMs: number): void {
    const value = logOf(durationMs);
    this.#sorted.splice(this.#firstAtLeast(value), 0, value);
  }

  remove(durationMs: number): void {
    const value = logOf(durationMs);
    const at = this.#firstAtLeast(value);
    if (this.#sorted[at] === value) this.#sorted.splice(at, 1);
  }

  medianMs(): number {
    return this.#sorted.length === 0 ? 0 : Math.exp(this.#median());
  }

  /** Too long and too short are strange alike. */
  judge(durationMs: number): Reading {
    const total = this.#sorted.length;
    if (total === 0) return conformal(0, 0);
    const median = this.#median();
    const apart = Math.abs(logOf(durationMs) - median);
    const shorter = this.#firstAbove(median - apart);
    const longer = total - this.#firstAtLeast(median + apart);
    return conformal(Math.min(total, shorter + longer), total);
  }

  /** The shortest duration above the median whose p-value is at most `p`; Infinity when there is none. */
  limitMs(p: number): number {
    const total = this.#sorted.length;
    const allowed = Math.floor(p * (total + 1)) - 1;
    if (total === 0 || allowed < 0) return Infinity;
    const median = this.#median();
    const farthest = this.#sorted.map((value) => Math.abs(value - median)).sort((a, b) => b - a);
    const apart = farthest[allowed];
    return apart === undefined ? Infinity : Math.exp(median + apart) + 1;
  }

  #median(): number {
    const sorted = this.#sorted;
    const middle = sorted.length >> 1;
    const upper = sorted[middle] ?? 0;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
  }

  #firstAtLeast(value: number): number {
    return firstWhere(this.#sorted, (one) => one >= value);
  }

  #firstAbove(value: number): number {
    return firstWhere(this.#sorted, (one) => one > value);
  }
}

/** A session of no length is one of a millisecond. */
function logOf(durationMs: number): number {
  return Math.log(Math.max(1, durationMs));
}

/** Index of the first of sorted values for which `holds`, which holds for all after it. */
function firstWhere(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle];
    if (value !== undefined && holds(value)) high = middle;
    else low = middle + 1;
  }
  return low;
}
