import { micros, wallMicros, type Micros, type WallMicros } from "../kernel/index.js";

/** A clock that moves only when the test says so; due timers run in the order of their time. */
export interface FakeClock {
  now(): Micros;
  wall(): WallMicros;
  /** Runs `due` once the clock has reached `at`; returns the way to call it off. */
  at(at: Micros, due: () => void): () => void;
  /** Moves both times forward and runs what became due, each at its own time. */
  tick(ms: number): void;
  /** Moves the wall clock alone, as NTP or an administrator does. */
  setWall(wall: WallMicros): void;
  readonly pending: number;
}

/** 2026-01-01T00:00:00Z: any fixed day serves, a round one reads best in failures. */
const WALL_START = wallMicros(Date.UTC(2026, 0, 1) * 1_000);

export function createFakeClock(): FakeClock {
  let now = micros(0);
  let wallOffset = Number(WALL_START);
  const timers = new Set<{ at: Micros; due: () => void }>();

  function earliestUntil(end: Micros): { at: Micros; due: () => void } | undefined {
    let first: { at: Micros; due: () => void } | undefined;
    for (const timer of timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }

  return {
    now: () => now,
    wall: () => wallMicros(now + wallOffset),
    at(at, due) {
      const timer = { at, due };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    tick(ms) {
      const end = micros(now + ms * 1_000);
      for (let timer = earliestUntil(end); timer !== undefined; timer = earliestUntil(end)) {
        timers.delete(timer);
        if (timer.at > now) now = timer.at;
        timer.due();
      }
      now = end;
    },
    setWall(wall) {
      wallOffset = wall - now;
    },
    get pending() {
      return timers.size;
    },
  };
}
