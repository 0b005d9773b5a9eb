import { median } from "simple-statistics";
import { MICROS_PER_MS } from "../../kernel/index.js";
import type { KeyPress } from "./rhythm.js";

/**
 * How a person types short texts that they type again and again (a challenge phrase, never anything
 * typed with the echo off): the newest repetitions of each, as log times. Bounded by characters.
 */
export interface PhraseBook {
  learn(phrase: string, sample: PhraseSample): void;
  /** Repetitions learnt, newest last; empty for an unknown phrase. */
  samples(phrase: string): readonly PhraseSample[];
  phrases(): IterableIterator<string>;
  state(): PhraseBookState;
}

/** One repetition: log time of each pair of keys, then of each hold where the transport tells. */
export interface PhraseSample {
  readonly pairs: readonly number[];
  /** Empty when the transport does not tell holds. */
  readonly holds: readonly number[];
}

export interface PhraseBookState {
  readonly phrases: readonly {
    readonly name: string;
    readonly keys: number;
    /** Each repetition: two characters a time, pairs first. */
    readonly samples: readonly string[];
  }[];
}

/** Newest repetitions compared with; more neither helps nor fits. */
const SAMPLES_MAX = 200;
/** Fewer repetitions do not show how much a person varies. */
export const PHRASE_SAMPLES_MIN = 10;
/** A shorter text has no rhythm, a longer one is free text. */
export const PHRASE_KEYS_MIN = 4;
export const PHRASE_KEYS_MAX = 40;
/** Characters of all repetitions of all phrases: what the profile has for them. */
const CHARACTERS_MAX = 20_000;
const PHRASES_MAX = 8;

/** Added to a time before the log: below it, differences are the network's. ms. */
const PAIR_OFFSET_MS = 100;
const HOLD_OFFSET_MS = 30;
/** 64 x 64 steps over exp(3)..exp(10) ms: 0.2 % a step. */
const LOG_MIN = 3;
const LOG_STEP = 7 / 4_096;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** The times of a text typed once, or null when it is no phrase (too short, too long, time runs back). */
export function phraseSample(presses: readonly KeyPress[]): PhraseSample | null {
  if (presses.length < PHRASE_KEYS_MIN || presses.length > PHRASE_KEYS_MAX) return null;
  const pairs: number[] = [];
  const holds: number[] = [];
  let before: KeyPress | null = null;
  for (const press of presses) {
    if (press.pasted === true) return null;
    if (before !== null) {
      const ms = (press.at - before.at) / MICROS_PER_MS;
      if (!(ms >= 0)) return null;
      pairs.push(stepped(Math.log(ms + PAIR_OFFSET_MS)));
    }
    if (press.up !== undefined && press.up !== null) {
      const ms = Math.max(0, (press.up - press.at) / MICROS_PER_MS);
      holds.push(stepped(Math.log(ms + HOLD_OFFSET_MS)));
    }
    before = press;
  }
  return { pairs, holds: holds.length === presses.length ? holds : [] };
}

export function createPhraseBook(saved?: PhraseBookState): PhraseBook {
  const known = new Map<string, readonly PhraseSample[]>();
  let characters = 0;
  for (const { name, keys, samples } of saved?.phrases ?? []) {
    for (const text of samples) {
      const sample = readSample(text, keys);
      if (sample !== null) learn(name, sample);
    }
  }

  function learn(phrase: string, sample: PhraseSample): void {
    const samples = known.get(phrase) ?? [];
    // A phrase that was changed under its name begins anew.
    const same = samples[0]?.pairs.length === sample.pairs.length;
    const kept = same ? [...samples.slice(1 - SAMPLES_MAX), sample] : [sample];
    drop(phrase);
    known.set(phrase, kept);
    characters += phrase.length + written(kept);
    while (known.size > PHRASES_MAX || characters > CHARACTERS_MAX) forget();
  }

  /** The phrase not typed for longest goes; the only one loses its oldest repetition. */
  function forget(): void {
    for (const [name, samples] of known) {
      drop(name);
      if (known.size > 0) return;
      known.set(name, samples.slice(1));
      characters += name.length + written(samples.slice(1));
      return;
    }
  }

  function drop(phrase: string): void {
    const samples = known.get(phrase);
    if (samples === undefined) return;
    characters -= phrase.length + written(samples);
    known.delete(phrase);
  }

  return {
    learn,
    samples: (phrase) => known.get(phrase) ?? [],
    phrases: () => known.keys(),
    state: () => ({
      phrases: [...known].map(([name, samples]) => ({
        name,
        keys: (samples[0]?.pairs.length ?? 0) + 1,
        samples: samples.map((sample) => [...sample.pairs, ...sample.holds].map(stepText).join("")),
      })),
    }),
  };
}

/** Characters of the samples in a profile, quotes and comma included. */
function written(samples: readonly PhraseSample[]): number {
  let sum = 0;
  for (const { pairs, holds } of samples) sum += 2 * (pairs.length + holds.length) + 3;
  return sum;
}

/** Median absolute deviation of each column, scaled to the sigma of a normal distribution. */
export function columnSpreads(rows: readonly (readonly number[])[]): readonly number[] {
  const columns = rows[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) => {
    const values = rows.map((row) => row[column] ?? 0);
    const middle = median(values);
    return median(values.map((value) => Math.abs(value - middle))) * MAD_TO_SIGMA + SPREAD_MIN;
  });
}

const MAD_TO_SIGMA = 1.4826;
/** Somebody who never varies (a coarse timer) must not make every other time infinitely far. */
const SPREAD_MIN = 0.001;

function stepped(log: number): number {
  return LOG_MIN + LOG_STEP * stepOf(log);
}
function stepOf(log: number): number {
  return Math.min(4_095, Math.max(0, Math.round((log - LOG_MIN) / LOG_STEP)));
}
function stepText(log: number): string {
  const step = stepOf(log);
  return `${DIGITS[step >> 6] ?? "0"}${DIGITS[step & 63] ?? "0"}`;
}

function readSample(text: string, keys: number): PhraseSample | null {
  const values: number[] = [];
  for (let i = 0; i + 1 < text.length; i += 2) {
    const high = DIGITS.indexOf(text.charAt(i));
    const low = DIGITS.indexOf(text.charAt(i + 1));
    if (high < 0 || low < 0) return null;
    values.push(LOG_MIN + LOG_STEP * (high * 64 + low));
  }
  const pairs = values.slice(0, keys - 1);
  const holds = values.slice(keys - 1);
  const fits = pairs.length === keys - 1 && (holds.length === 0 || holds.length === keys);
  return fits && keys >= PHRASE_KEYS_MIN ? { pairs, holds } : null;
}
