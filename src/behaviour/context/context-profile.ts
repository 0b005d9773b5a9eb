import type { CountHistory } from "./p-values.js";

/** When, from where, to what and how much: what a person's accepted sessions were like. */
export interface ContextProfile {
  readonly version: 1;
  readonly sessions: number;
  /** Sessions begun in each hour of the week, Monday 00:00 first; 168 numbers. */
  readonly hours: readonly number[];
  readonly origins: readonly (readonly [string, number])[];
  readonly networks: readonly (readonly [string, number])[];
  readonly targets: readonly (readonly [string, number])[];
  readonly credentials: readonly (readonly [string, number])[];
  /** Natural log of duration in s and of bytes, of the newest sessions. */
  readonly durations: readonly number[];
  readonly volumes: readonly number[];
  /** Commands per window of `RATE_WINDOW_MS` in which there was one. */
  readonly commands: CountHistory;
  /** Sessions begun per day on which there was one. */
  readonly days: CountHistory;
  readonly today: readonly [day: number, sessions: number];
}

export const HOURS_OF_WEEK = 168;
export const RATE_WINDOW_MS = 300_000;
/** Sessions below which nothing is concluded: the person is being learnt. */
export const WARM_SESSIONS = 10;
/** From here a person's own history speaks alone; below, the peers' is mixed in. */
export const OWN_SESSIONS = 99;

export const EMPTY_CONTEXT: ContextProfile = {
  version: 1,
  sessions: 0,
  hours: new Array<number>(HOURS_OF_WEEK).fill(0),
  origins: [],
  networks: [],
  targets: [],
  credentials: [],
  durations: [],
  volumes: [],
  commands: { windows: 0, sum: 0, squares: 0 },
  days: { windows: 0, sum: 0, squares: 0 },
  today: [0, 0],
};
