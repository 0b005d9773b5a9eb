import type { Background } from "./background.js";
import { gaussianKernel, LATENCY_CELLS, smoothed } from "./latency-scale.js";
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
/** Share of keys that follow no habit: somebody spoke, the network stalled. Bounds every ratio. */
const ANYTHING = 0.05;
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
    if (tables.size >= TABLES_MAX) tables.clear();
    const logs = logDensities(book.cells(feature), background.density(feature));
    tables.set(feature, { changes: book.changes, version, logs });
    return logs;
  }

  return { logDensity: (feature, cell) => table(feature)[cell] ?? NEVER };
}

/** Natural log of the background's own probability, with the same floor. */
export function backgroundLog(background: Background, feature: string, cell: number): number {
  return Math.log(
    (1 - ANYTHING) * (background.density(feature)[cell] ?? 0) + ANYTHING / LATENCY_CELLS,
  );
}

/** A cell outside the scale has the floor's probability: nothing is impossible. */
const NEVER = Math.log(ANYTHING / LATENCY_CELLS);

function logDensities(own: Uint8Array | null, background: Float64Array): Float32Array {
  const logs = new Float32Array(LATENCY_CELLS);
  const spread = own === null ? null : smoothed(own, OWN_KERNEL);
  let count = 0;
  if (own !== null) for (const value of own) count += value;
  for (let cell = 0; cell < LATENCY_CELLS; cell += 1) {
    const habit =
      ((spread?.[cell] ?? 0) + BACKGROUND_WEIGHT * (background[cell] ?? 0)) /
      (count + BACKGROUND_WEIGHT);
    logs[cell] = Math.log((1 - ANYTHING) * habit + ANYTHING / LATENCY_CELLS);
  }
  return logs;
}
