import { HOURS_OF_WEEK } from "../site-clock.js";
import { conformal, type Reading } from "./conformal.js";

/**
 * At which hours of the week somebody works. How usual an hour is, is the sum over all past hours of how
 * near they are, so that of two hours never seen the one further from every habit is the stranger.
 */
export class HourBaseline {
  readonly #counts = new Uint32Array(HOURS_OF_WEEK);
  readonly #usual = new Float64Array(HOURS_OF_WEEK);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(hour: number): void {
    this.#change(hour, 1);
  }

  remove(hour: number): void {
    this.#change(hour, -1);
  }

  /** Sessions within an hour of it, on any day. */
  near(hour: number): number {
    let found = 0;
    for (let other = 0; other < HOURS_OF_WEEK; other += 1) {
      const apart = hoursApart(hour % HOURS_OF_DAY, other % HOURS_OF_DAY);
      if (apart <= 1 && sameKind(hour, other)) found += this.#counts[other] ?? 0;
    }
    return found;
  }

  judge(hour: number): Reading {
    const wanted = (this.#usual[hour] ?? 0) + ROUNDING;
    let asStrange = 0;
    for (let other = 0; other < HOURS_OF_WEEK; other += 1) {
      const count = this.#counts[other] ?? 0;
      if (count === 0) continue;
      // Compared with all the others and the new one, without itself.
      const usual = (this.#usual[other] ?? 0) - nearness(other, other) + nearness(other, hour);
      if (usual <= wanted) asStrange += count;
    }
    return conformal(asStrange, this.#total);
  }

  #change(hour: number, by: 1 | -1): void {
    this.#counts[hour] = (this.#counts[hour] ?? 0) + by;
    this.#total += by;
    for (let other = 0; other < HOURS_OF_WEEK; other += 1) {
      this.#usual[other] = (this.#usual[other] ?? 0) + by * nearness(other, hour);
    }
  }
}

const HOURS_OF_DAY = 24;
const WORKDAYS = 5;
/** Sums of the same terms in another order differ by less. */
const ROUNDING = 1e-9;
/** The same hour on another day of the same kind (workday, weekend), and of the other kind. */
const SAME_KIND = 0.6;
const OTHER_KIND = 0.05;

const NEARNESS = Float64Array.from({ length: HOURS_OF_WEEK * HOURS_OF_WEEK }, (_, index) => {
  const [one, other] = [Math.floor(index / HOURS_OF_WEEK), index % HOURS_OF_WEEK];
  const apart = hoursApart(one % HOURS_OF_DAY, other % HOURS_OF_DAY);
  const byHour = 1 / (1 + apart ** 2);
  if (dayOf(one) === dayOf(other)) return byHour;
  return byHour * (sameKind(one, other) ? SAME_KIND : OTHER_KIND);
});

function nearness(one: number, other: number): number {
  return NEARNESS[one * HOURS_OF_WEEK + other] ?? 0;
}

function hoursApart(one: number, other: number): number {
  const apart = Math.abs(one - other);
  return Math.min(apart, HOURS_OF_DAY - apart);
}

function dayOf(hour: number): number {
  return Math.floor(hour / HOURS_OF_DAY);
}

function sameKind(one: number, other: number): boolean {
  return dayOf(one) < WORKDAYS === dayOf(other) < WORKDAYS;
}
