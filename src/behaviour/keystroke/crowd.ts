import { flooredLogs, type Background } from "./background.js";
import { gaussianKernel, LATENCY_CELLS, smoothed } from "./latency-scale.js";
import { createPersonRhythm, type PersonRhythm } from "./person-rhythm.js";
import { createPhraseCrowd, type PhraseCrowd } from "./phrase-crowd.js";
import type { PhraseBook } from "./phrase-book.js";
import type { TimingBook } from "./timing-book.js";

/**
 * The people of the site, for comparison: what is unusual for one person means something only
 * against how others type the same keys. Built once from profiles, then read by every session.
 */
export interface Crowd {
  /** How everybody but `person` types. */
  backgroundFor(person: string): Background;
  /** Everybody but `person`: who else might it be? */
  rivalsOf(person: string): readonly PersonRhythm[];
  readonly phrases: PhraseCrowd;
}

export interface CrowdMember {
  readonly person: string;
  readonly book: TimingBook;
  readonly phrases?: PhraseBook;
}

/** Each key is compared with each rival: 64 keep a key well under 50 us and tables under 16 MiB. */
const MEMBERS_MAX = 64;
/** Features whose tables are kept; people use some 600 pairs, more are made again when needed. */
const TABLES_MAX = 2_000;
/** Cells of the kernel that spreads what the crowd was seen to do. */
const CROWD_KERNEL = gaussianKernel(1.2);
/** Seen this often, a pair of keys speaks for itself; below, the timing of all pairs fills in. */
const ALL_PAIRS_WEIGHT = 20;
/** Virtual observations that keep every cell possible. */
const CELL_PRIOR = 0.5;

/**
 * Members beyond `MEMBERS_MAX` are left out (give the most active first). Without members the
 * background is a synthetic prior: log-normal around 170 ms between keys and 95 ms held, wide.
 */
export function createCrowd(members: readonly CrowdMember[]): Crowd {
  const known = members.slice(0, MEMBERS_MAX);
  const totals = countTotals(known);
  const everything = { pair: overall(known, isPair, 170), hold: overall(known, isHold, 95) };
  const backgrounds = new Map<string, Background>();
  const fallbacks = { pair: tablesOf(everything.pair), hold: tablesOf(everything.hold) };
  const everybody = withTables((feature) => {
    const total = totals.get(feature);
    if (total !== undefined) return tablesOf(mixed(total, null, fallbackFor(feature)));
    return isPair(feature) ? fallbacks.pair : fallbacks.hold;
  });

  function backgroundFor(person: string): Background {
    const made = backgrounds.get(person);
    if (made !== undefined) return made;
    const own = known.find((member) => member.person === person)?.book;
    if (own === undefined) return everybody;
    const background = withTables((feature) => {
      const cells = own.cells(feature);
      const total = totals.get(feature);
      return cells === null || total === undefined
        ? everybody.tables(feature)
        : tablesOf(mixed(total, cells, fallbackFor(feature)));
    });
    backgrounds.set(person, background);
    return background;
  }

  function fallbackFor(feature: string): Float64Array {
    return isPair(feature) ? everything.pair : everything.hold;
  }

  const rhythms = known.map(({ person, book }) => ({
    person,
    rhythm: createPersonRhythm(book, backgroundFor(person)),
  }));
  return {
    backgroundFor,
    rivalsOf: (person) => rhythms.filter((one) => one.person !== person).map((one) => one.rhythm),
    phrases: createPhraseCrowd(known),
  };
}

/** A pair of keys is written with a tab between them, a held key without. */
function isPair(feature: string): boolean {
  return feature.includes("\t");
}
const isHold = (feature: string): boolean => !isPair(feature);

interface Tables {
  readonly density: Float64Array;
  readonly logs: Float32Array;
}

function tablesOf(density: Float64Array): Tables {
  return { density, logs: flooredLogs(density) };
}

/** A background that remembers the tables made last, `TABLES_MAX` at most. */
function withTables(make: (feature: string) => Tables): Background & {
  tables(feature: string): Tables;
} {
  const made = new Map<string, Tables>();
  const tables = (feature: string): Tables => {
    const known = made.get(feature);
    if (known !== undefined) return known;
    if (made.size >= TABLES_MAX) made.clear();
    const fresh = make(feature);
    made.set(feature, fresh);
    return fresh;
  };
  return {
    tables,
    density: (feature) => tables(feature).density,
    logs: (feature) => tables(feature).logs,
  };
}

function countTotals(members: readonly CrowdMember[]): Map<string, Float64Array> {
  const totals = new Map<string, Float64Array>();
  for (const { book } of members) {
    for (const feature of book.features()) {
      const total = totals.get(feature) ?? new Float64Array(LATENCY_CELLS);
      totals.set(feature, total);
      addInto(total, book.cells(feature), 1);
    }
  }
  return totals;
}

/** The timing of all features of one kind together, over a synthetic prior. */
function overall(
  members: readonly CrowdMember[],
  kind: (feature: string) => boolean,
  medianMs: number,
): Float64Array {
  const sum = new Float64Array(LATENCY_CELLS);
  for (const { book } of members) {
    for (const feature of book.features()) if (kind(feature)) addInto(sum, book.cells(feature), 1);
  }
  const prior = logNormalCells(medianMs);
  const spread = smoothed(sum, CROWD_KERNEL);
  const mass = sum.reduce((a, b) => a + b, 0);
  return spread.map(
    (value, cell) =>
      (value + CELL_PRIOR * LATENCY_CELLS * (prior[cell] ?? 0)) /
      (mass + CELL_PRIOR * LATENCY_CELLS),
  );
}

function mixed(total: Float64Array, own: Uint8Array | null, fallback: Float64Array): Float64Array {
  const others = Float64Array.from(total);
  if (own !== null) addInto(others, own, -1);
  let mass = 0;
  for (const value of others) mass += value;
  const spread = smoothed(others, CROWD_KERNEL);
  return spread.map(
    (value, cell) => (value + ALL_PAIRS_WEIGHT * (fallback[cell] ?? 0)) / (mass + ALL_PAIRS_WEIGHT),
  );
}

function addInto(into: Float64Array, cells: Uint8Array | null, sign: 1 | -1): void {
  if (cells === null) return;
  for (let cell = 0; cell < LATENCY_CELLS; cell += 1) {
    into[cell] = Math.max(0, (into[cell] ?? 0) + sign * (cells[cell] ?? 0));
  }
}

/** A wide log-normal over the cells (sigma 0.7): what is known of typing without anybody's data. */
function logNormalCells(medianMs: number): Float64Array {
  const cellWidth = Math.log(2_000 / 10) / LATENCY_CELLS;
  const middle = Math.log(medianMs / 10) / cellWidth;
  const raw = Float64Array.from({ length: LATENCY_CELLS }, (_, cell) =>
    Math.exp(-0.5 * (((cell + 0.5 - middle) * cellWidth) / 0.7) ** 2),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
}
