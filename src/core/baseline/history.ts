import { networkOf } from "../../behaviour/index.js";
import { DurationBaseline } from "./duration-baseline.js";
import { HourBaseline } from "./hour-baseline.js";
import { NameBaseline } from "./name-baseline.js";

/** What is remembered of one session or view that was accepted as the person's. */
export interface Deed {
  readonly day: number;
  readonly hour: number;
  readonly origin: string;
  readonly target: string;
  readonly credential: string;
  /** Null of a view, which does not last. */
  readonly durationMs: number | null;
}

/**
 * What somebody, or a group, did in the last days: what is older leaves, deed by deed. At the limit the
 * oldest deed leaves for the newest.
 */
export class History {
  readonly hours = new HourBaseline();
  readonly origins = new NameBaseline(networkOf);
  readonly targets = new NameBaseline(() => "");
  readonly accounts = new NameBaseline(() => "");
  readonly credentials = new NameBaseline(accountOf);
  readonly durations = new DurationBaseline();
  readonly #deeds: Deed[] = [];
  #first = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#deeds.length - this.#first;
  }

  add(deed: Deed): void {
    if (this.size >= this.#most) this.#dropOldest();
    this.#deeds.push(deed);
    this.hours.add(deed.hour);
    this.origins.add(deed.origin);
    this.targets.add(deed.target);
    this.credentials.add(deed.credential);
    this.accounts.add(accountOf(deed.credential));
    if (deed.durationMs !== null) this.durations.add(deed.durationMs);
  }

  /** Forgets what happened before `day`. */
  forgetBefore(day: number): void {
    for (;;) {
      const oldest = this.#deeds[this.#first];
      if (oldest === undefined || oldest.day >= day) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const oldest = this.#deeds[this.#first];
    if (oldest === undefined) return;
    this.#first += 1;
    // The array is shortened in large pieces: shifting each time would copy it each time.
    if (this.#first > this.#most / 2 || this.#first > SHORTEN_FROM) {
      this.#deeds.splice(0, this.#first);
      this.#first = 0;
    }
    this.hours.remove(oldest.hour);
    this.origins.remove(oldest.origin);
    this.targets.remove(oldest.target);
    this.credentials.remove(oldest.credential);
    this.accounts.remove(accountOf(oldest.credential));
    if (oldest.durationMs !== null) this.durations.remove(oldest.durationMs);
  }
}

const SHORTEN_FROM = 4_096;

/** `root@db-1` is as root. */
export function accountOf(credential: string): string {
  return credential.split("@", 1)[0] ?? credential;
}
