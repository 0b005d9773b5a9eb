import type { Haystack } from "../matchers/haystack.js";
import { mayBeMeant, type Hints } from "../matchers/hints.js";

/**
 * Finds the entries whose hints occur in a line without looking for each of them: every text is filed
 * under three of its letters, and a line is asked for the three-letter runs that it has.
 */
export interface HintIndex {
  /** For one line: whether the entry of a number may match, of words that are all known or not. */
  open(haystack: Haystack): (entry: number, unknown: boolean) => boolean;
}

/** Letters under which a text is filed. */
const RUN_LENGTH = 3;
/** Places of the table that says at once that nothing is filed under a run. */
const SIEVE_SIZE = 1 << 15;

/** `entries[i]`: what must occur for it to match. Without hints, or with texts too short, it always may. */
export function createHintIndex(entries: readonly (Hints | null)[]): HintIndex {
  const filed = new Map<number, number[]>();
  const sieve = new Uint8Array(SIEVE_SIZE);
  const kinds = new Uint8Array(entries.length);
  const popularity = countRuns(entries);
  const pathed: number[] = [];
  entries.forEach((hints, entry) => {
    if (hints === null || hints.texts.some((hint) => hint.length < RUN_LENGTH)) return;
    kinds[entry] = hints.ofWords ? OF_WORDS : OF_TEXT;
    if (hints.leads.length > 0) pathed.push(entry);
    for (const key of new Set(hints.texts.map((hint) => rarestRun(hint, popularity)))) {
      sieve[key % SIEVE_SIZE] = 1;
      const others = filed.get(key);
      if (others === undefined) filed.set(key, [entry]);
      else others.push(entry);
    }
  });
  /** By entry: the last line that had its run, or is known to have its text. */
  const seen = new Uint32Array(entries.length);
  const held = new Uint32Array(entries.length);
  let turn = 0;
  return {
    open({ text, wild }) {
      turn += 1;
      if (turn > TURNS_MAX) {
        seen.fill(0);
        held.fill(0);
        turn = 1;
      }
      const now = turn;
      markRuns(text, { sieve, filed, seen, now });
      if (wild.length > 0) {
        for (const entry of pathed) {
          const hints = entries[entry];
          if (hints !== null && hints !== undefined && mayBeMeant(hints, wild)) held[entry] = now;
        }
      }
      return (entry, unknown) => {
        const kind = kinds[entry];
        if (kind === undefined || kind === ALWAYS || (unknown && kind === OF_WORDS)) return true;
        if (held[entry] === now) return true;
        if (seen[entry] !== now) return false;
        const found = entries[entry]?.texts.some((hint) => text.includes(hint)) === true;
        if (found) held[entry] = now;
        else seen[entry] = 0;
        return found;
      };
    },
  };
}

const ALWAYS = 0;
const OF_WORDS = 1;
const OF_TEXT = 2;
/** Lines until the marks are wiped: they count in 32 bits. */
const TURNS_MAX = 0xffff_fff0;

function markRuns(
  text: string,
  {
    sieve,
    filed,
    seen,
    now,
  }: {
    sieve: Uint8Array;
    filed: ReadonlyMap<number, readonly number[]>;
    seen: Uint32Array;
    now: number;
  },
): void {
  for (let i = 0; i + RUN_LENGTH <= text.length; i++) {
    const key = runAt(text, i);
    if (sieve[key % SIEVE_SIZE] === 0) continue;
    const bucket = filed.get(key);
    if (bucket !== undefined) for (const entry of bucket) seen[entry] = now;
  }
}

/** Different runs may share a key: that only makes more candidates. */
function runAt(text: string, i: number): number {
  return (
    ((text.charCodeAt(i) << 14) ^ (text.charCodeAt(i + 1) << 7) ^ text.charCodeAt(i + 2)) &
    0x3fff_ffff
  );
}

function countRuns(entries: readonly (Hints | null)[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const hint of entries.flatMap((hints) => hints?.texts ?? [])) {
    for (let i = 0; i + RUN_LENGTH <= hint.length; i++) {
      const key = runAt(hint, i);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function rarestRun(hint: string, popularity: ReadonlyMap<number, number>): number {
  let best = runAt(hint, 0);
  for (let i = 1; i + RUN_LENGTH <= hint.length; i++) {
    const key = runAt(hint, i);
    if ((popularity.get(key) ?? 0) < (popularity.get(best) ?? 0)) best = key;
  }
  return best;
}
