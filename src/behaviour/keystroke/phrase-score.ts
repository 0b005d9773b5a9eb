import {
  columnSpreads,
  PHRASE_SAMPLES_MIN,
  type PhraseBook,
  type PhraseSample,
} from "./phrase-book.js";
import { times, type PhraseCrowd, type PhraseOthers } from "./phrase-crowd.js";

/**
 * How unlike the person's own repetitions a phrase was typed this time: the log of the mean distance
 * to the nearest ones, less that to the nearest of other people. Each time is scaled by how much
 * people vary in it, and capped, so that one stumble does not decide.
 * Nearest neighbours on capped log latencies: about the method of Zhong, Deng & Jain 2012 without
 * the covariance, which pauses ruin.
 */
export interface PhraseScorer {
  /** Higher = less like the person; null while too few repetitions are known. */
  score(phrase: string, sample: PhraseSample): number | null;
  /** Above this score a repetition is not learnt from without another proof of who typed it. */
  gate(phrase: string): number;
}

/** Mean over so many nearest repetitions: one lucky hit does not decide either. */
const NEAREST = 10;
/** Scaled distance at which a single time counts no more. */
const TERM_MAX = 2.5;
/** Share of the crowd's spread in the scale, the rest is the person's own (geometric mean). */
const CROWD_SPREAD_SHARE = 0.75;
/** Weight of the distance to others. */
const OTHERS_WEIGHT = 0.7;
/** Of the person's own repetitions this share would pass the gate. */
const GATE_SHARE = 0.9;
/** Own repetitions, evenly chosen, from which the gate is taken. */
const GATE_SAMPLES = 30;

interface Prepared {
  readonly newest: PhraseSample | undefined;
  readonly rows: readonly (readonly number[])[];
  readonly scale: readonly number[];
  readonly others: PhraseOthers | null;
}

export function createPhraseScorer(
  person: string,
  book: PhraseBook,
  crowd: PhraseCrowd,
): PhraseScorer {
  const prepared = new Map<string, Prepared>();
  const gates = new WeakMap<Prepared, number>();

  function prepare(phrase: string): Prepared | null {
    const samples = book.samples(phrase);
    if (samples.length < PHRASE_SAMPLES_MIN) return null;
    const known = prepared.get(phrase);
    if (known !== undefined && known.newest === samples.at(-1)) return known;
    const holds = samples.every((sample) => sample.holds.length > 0);
    const rows = samples.map((sample) => (holds ? times(sample) : sample.pairs));
    const crowdOthers = crowd.othersOf(person, phrase);
    const others = crowdOthers !== null && fits(crowdOthers, rows) ? crowdOthers : null;
    const made = { newest: samples.at(-1), rows, scale: scaleOf(rows, others), others };
    prepared.set(phrase, made);
    return made;
  }

  function score(phrase: string, sample: PhraseSample): number | null {
    const ready = prepare(phrase);
    if (ready === null) return null;
    const width = ready.rows[0]?.length ?? 0;
    const row = width > sample.pairs.length ? times(sample) : sample.pairs;
    return row.length === width ? compare(row, ready, null) : null;
  }

  function gate(phrase: string): number {
    const ready = prepare(phrase);
    if (ready === null) return Infinity;
    const known = gates.get(ready);
    if (known !== undefined) return known;
    const step = Math.max(1, Math.floor(ready.rows.length / GATE_SAMPLES));
    const own = ready.rows
      .filter((_, index) => index % step === 0)
      .map((row) => compare(row, ready, row))
      .sort((a, b) => a - b);
    const at = own[Math.floor(own.length * GATE_SHARE)] ?? Infinity;
    gates.set(ready, at);
    return at;
  }

  return { score, gate };
}

/** `without`: the row itself, when a person's own repetition is scored against the rest. */
function compare(
  row: readonly number[],
  { rows, scale, others }: Prepared,
  without: readonly number[] | null,
): number {
  const own = Math.log(meanNearest(row, rows, scale, without) + TINY);
  if (others === null) return own;
  let sum = 0;
  for (const samples of others.people) {
    sum += meanNearest(row, cut(samples, scale.length), scale, null);
  }
  return own - OTHERS_WEIGHT * Math.log(sum / others.people.length + TINY);
}

const TINY = 1e-6;

const rowsOf = new WeakMap<readonly PhraseSample[], readonly (readonly number[])[]>();
/** The rows of other people in the width that is compared; made once. */
function cut(samples: readonly PhraseSample[], width: number): readonly (readonly number[])[] {
  const known = rowsOf.get(samples);
  if (known !== undefined && known[0]?.length === width) return known;
  const rows = samples.map((sample) =>
    width > sample.pairs.length ? times(sample) : sample.pairs,
  );
  rowsOf.set(samples, rows);
  return rows;
}

function meanNearest(
  row: readonly number[],
  rows: readonly (readonly number[])[],
  scale: readonly number[],
  without: readonly number[] | null,
): number {
  const nearest = new Float64Array(NEAREST).fill(Infinity);
  for (const other of rows) {
    if (other === without) continue;
    let distance = 0;
    for (let i = 0; i < scale.length; i += 1) {
      const term = Math.abs((row[i] ?? 0) - (other[i] ?? 0)) / (scale[i] ?? 1);
      distance += term < TERM_MAX ? term : TERM_MAX;
    }
    insert(nearest, distance / scale.length);
  }
  let sum = 0;
  let count = 0;
  for (const distance of nearest) {
    if (distance === Infinity) break;
    sum += distance;
    count += 1;
  }
  return count === 0 ? TERM_MAX : sum / count;
}

/** Keeps the smallest, in order. */
function insert(nearest: Float64Array, distance: number): void {
  let at = nearest.length - 1;
  if (distance >= (nearest[at] ?? 0)) return;
  for (; at > 0 && (nearest[at - 1] ?? 0) > distance; at -= 1) nearest[at] = nearest[at - 1] ?? 0;
  nearest[at] = distance;
}

function scaleOf(
  rows: readonly (readonly number[])[],
  others: PhraseOthers | null,
): readonly number[] {
  const own = columnSpreads(rows);
  if (others === null) return own;
  return own.map(
    (spread, column) =>
      spread ** (1 - CROWD_SPREAD_SHARE) * (others.spreads[column] ?? spread) ** CROWD_SPREAD_SHARE,
  );
}

/** Others are comparable when they have at least the times that are compared. */
function fits(others: PhraseOthers, rows: readonly (readonly number[])[]): boolean {
  return others.spreads.length >= (rows[0]?.length ?? 0);
}
