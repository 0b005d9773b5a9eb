import { LATENCY_CELLS } from "./latency-scale.js";

/** How anybody types a feature, as far as the people known here show it. Arrays are shared: read only. */
export interface Background {
  /** Probability of each latency cell; sums to 1. */
  density(feature: string): Float64Array;
  /** Natural logs of the same, floored. */
  logs(feature: string): Float32Array;
}

/** Share of keys that follow no habit: somebody spoke, the network stalled. Bounds every ratio. */
const ANYTHING = 0.05;

/** A cell outside the scale has the floor's probability: nothing is impossible. */
export const LOG_FLOOR = Math.log(ANYTHING / LATENCY_CELLS);

export function flooredLogs(density: ArrayLike<number>): Float32Array {
  const logs = new Float32Array(LATENCY_CELLS);
  for (let cell = 0; cell < LATENCY_CELLS; cell += 1) {
    logs[cell] = Math.log((1 - ANYTHING) * (density[cell] ?? 0) + ANYTHING / LATENCY_CELLS);
  }
  return logs;
}
