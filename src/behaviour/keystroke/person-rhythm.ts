import { flooredLogs, LOG_FLOOR, type Background } from "./background.js";
import { gaussianKernel, smoothed } from "./latency-scale.js";
import type { TimingBook } from "./timing-book.js";

/** How one person types, as log densities per feature: the timings in the book over the background. */
export interface PersonRhythm {
  /** Natural log of the probability of the latency cell for this feature. */
  logDensity(feature: string, cell: number): number;
}

/** Cells of the kernel over a person's own timings. */
const OWN_KERNEL = gaussianKernel(1.6);
/** The background counts as this many timings of the person's own. */
const BACKGROUND_WEIGHT = 4;
/** Tables kept per person; a person who exceeds it types random pairs, and old tables are rebuilt. */
const TABLES_MAX = 1_200;

export function createPersonRhythm(book: TimingBook, background: Background): PersonRhythm {
  const tables = new Map<string, { changes: number; version: number; logs: Float32Array }>();

  function table(feature: string): Float32Array {
    const made = tables.get(feature);
    // Nothing was learnt at all: the usual case, and the only one for people of the crowd.
    if (made?.changes === book.changes) return made.logs;
    const version = book.version(feature);
    if (made?.version === version) {
      made.changes = book.changes;
      return made.logs;
    }
    const own = book.cells(feature);
    // Nothing of the person's own: as everybody, whose table is there already.
    if (own === null) return background.logs(feature);
    if (tables.size >= TABLES_MAX) tables.clear();
    const logs = flooredLogs(habit(own, background.density(feature)));
    tables.set(feature, { changes: book.changes, version, logs });
    return logs;
  }

  return { logDensity: (feature, cell) => table(feature)[cell] ?? LOG_FLOOR };
}

/** The person's own timings, the background filling in. */
function habit(own: Uint8Array, background: Float64Array): Float64Array {
  const spread = smoothed(own, OWN_KERNEL);
  let count = BACKGROUND_WEIGHT;
  for (const value of own) count += value;
  return spread.map((value, cell) => (value + BACKGROUND_WEIGHT * (background[cell] ?? 0)) / count);
}
