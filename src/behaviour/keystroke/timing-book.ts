import { cellCharacter, characterCell, LATENCY_CELLS } from "./latency-scale.js";

/**
 * The latest timings of one person, by feature: a pair of keys (`s<Tab>u`: from s down to u down) or
 * one key (`s`: how long it is held). Only cells of the latency scale are kept, the newest
 * `INSTANCES_PER_FEATURE_MAX` of each: old habits fade, and the book has a size.
 */
export interface TimingBook {
  learn(feature: string, cell: number): void;
  /** How often each cell occurs; null for a feature never learnt. */
  cells(feature: string): Uint8Array | null;
  count(feature: string): number;
  features(): IterableIterator<string>;
  /** Timings learnt in all, for warm-up. */
  readonly learnt: number;
  /** Rise with each change, so that derived tables know when they are old. */
  readonly changes: number;
  version(feature: string): number;
  state(): TimingBookState;
}

export interface TimingBookState {
  readonly learnt: number;
  /** Feature to its cells, oldest first, one character each; least recently learnt feature first. */
  readonly features: readonly (readonly [string, string])[];
}

/** Newest timings per feature: enough for a density, few enough to follow a person over weeks. */
const INSTANCES_PER_FEATURE_MAX = 64;
/** Pairs of keys a person really uses; more is noise that would fill the profile. */
const FEATURES_MAX = 900;
/** Characters of all cells together: with the names below 40 KiB of JSON. */
const INSTANCES_MAX = 14_000;
/** A key has a short name; longer ones would be a way to fill the profile. */
export const FEATURE_CHARACTERS_MAX = 24;

export function createTimingBook(saved?: TimingBookState): TimingBook {
  // Map order is order of last learning: the first entry is the one to forget.
  const rings = new Map<string, { cells: number[]; version: number }>();
  let instances = 0;
  let learnt = 0;
  let changes = 0;
  if (saved !== undefined) restore(saved);

  function learn(feature: string, cell: number): void {
    if (feature.length > FEATURE_CHARACTERS_MAX || !isCell(cell)) return;
    const ring = rings.get(feature) ?? { cells: [], version: 0 };
    rings.delete(feature);
    rings.set(feature, ring);
    ring.cells.push(cell);
    ring.version += 1;
    instances += 1;
    learnt += 1;
    changes += 1;
    if (ring.cells.length > INSTANCES_PER_FEATURE_MAX) {
      ring.cells.shift();
      instances -= 1;
    }
    while (rings.size > FEATURES_MAX || instances > INSTANCES_MAX) forgetOldest();
  }

  function forgetOldest(): void {
    for (const [feature, ring] of rings) {
      instances -= ring.cells.length;
      rings.delete(feature);
      return;
    }
  }

  function restore(state: TimingBookState): void {
    for (const [feature, text] of state.features) {
      for (let i = 0; i < text.length; i += 1) {
        const cell = characterCell(text.charCodeAt(i));
        if (cell !== null) learn(feature, cell);
      }
    }
    learnt = Math.max(0, Math.trunc(state.learnt));
  }

  return {
    learn,
    cells(feature) {
      const ring = rings.get(feature);
      if (ring === undefined) return null;
      const out = new Uint8Array(LATENCY_CELLS);
      for (const cell of ring.cells) out[cell] = (out[cell] ?? 0) + 1;
      return out;
    },
    count: (feature) => rings.get(feature)?.cells.length ?? 0,
    features: () => rings.keys(),
    get learnt() {
      return learnt;
    },
    get changes() {
      return changes;
    },
    version: (feature) => rings.get(feature)?.version ?? 0,
    state: () => ({
      learnt,
      features: [...rings].map(([feature, ring]) => [
        feature,
        ring.cells.map(cellCharacter).join(""),
      ]),
    }),
  };
}

function isCell(cell: number): boolean {
  return Number.isInteger(cell) && cell >= 0 && cell < LATENCY_CELLS;
}
