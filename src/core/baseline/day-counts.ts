import { countP } from "../../behaviour/index.js";
import { WARM_HISTORY, type Reading } from "./conformal.js";

/**
 * How often something happens on a day on which it happens at all. Such counts come in bursts: they are
 * compared with a negative binomial fitted to the days of the history.
 */
export class DayCounts {
  /** Past days on which there was one, oldest first. */
  readonly #days: [day: number, count: number][] = [];
  #sum = 0;
  #squares = 0;
  #today = 0;
  #count = 0;
  #raised = false;

  /** Counts one on this day and says how the count of the day looks now; null while too little is known. */
  add(day: number, historyDays: number): Reading | null {
    if (day !== this.#today) this.#turn(day, historyDays);
    this.#count += 1;
    return this.judge();
  }

  /** One alarm a day: true the first time it is asked on a day. */
  raise(): boolean {
    const first = !this.#raised;
    this.#raised = true;
    return first;
  }

  get today(): number {
    return this.#count;
  }

  /** The last day on which there was one; for whoever clears away what is no longer used. */
  get lastDay(): number {
    return this.#today;
  }

  mean(): number {
    return this.#days.length === 0 ? 0 : this.#sum / this.#days.length;
  }

  judge(): Reading | null {
    const windows = this.#days.length;
    if (windows < WARM_HISTORY) return null;
    // Beyond the first, which every such day has. One day more that had another one stands for what a
    // short history has not shown yet, and the mean of few days is not sure of itself.
    const days = windows + 1;
    const mean = (this.#sum - windows + 1) / days;
    const squares = (this.#squares - 2 * this.#sum + windows + 1) / days;
    const variance = (squares - mean * mean) * (1 + 1 / days) + mean / days;
    const spread = { windows: days, sum: mean * days, squares: (variance + mean * mean) * days };
    const p = countP(spread, this.#count - 1);
    return { p, history: windows };
  }

  /** A day that comes late, or a clock that went back, counts with the running one. */
  #turn(day: number, historyDays: number): void {
    if (day < this.#today) return;
    if (this.#count > 0) {
      this.#days.push([this.#today, this.#count]);
      this.#weigh(this.#count, 1);
    }
    this.#today = day;
    this.#count = 0;
    this.#raised = false;
    for (;;) {
      const [oldest] = this.#days;
      if (oldest === undefined || oldest[0] >= day - historyDays) return;
      this.#days.shift();
      this.#weigh(oldest[1], -1);
    }
  }

  #weigh(count: number, by: 1 | -1): void {
    this.#sum += by * count;
    this.#squares += by * count * count;
  }
}
