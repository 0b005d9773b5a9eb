import { performance } from "node:perf_hooks";
import { micros, wallMicros, type Micros, type WallMicros } from "../../kernel/index.js";

/** The only real clock of the product; everything else is given its time. */
export interface Clock {
  /** Monotonic, microsecond resolution, origin arbitrary and different in every process. */
  now(): Micros;
  /** UTC in microseconds; follows the system clock, never steps back by less than that clock does. */
  wall(): WallMicros;
}

/**
 * The system clock has a resolution of one millisecond here; the microseconds between come from the
 * monotonic clock. When the two drift apart by more than this, the system clock was set, and we follow.
 */
const WALL_DRIFT_MICROS_MAX = 2_000;

export function createClock(): Clock {
  const now = (): number => Math.round(performance.now() * 1_000);
  let offset = Date.now() * 1_000 - now();
  return {
    now: () => micros(now()),
    wall: () => {
      const system = Date.now() * 1_000;
      const wall = now() + offset;
      if (Math.abs(wall - system) <= WALL_DRIFT_MICROS_MAX) return wallMicros(wall);
      offset += system - wall;
      return wallMicros(system);
    },
  };
}
