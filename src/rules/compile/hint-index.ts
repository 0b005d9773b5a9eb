/**
 * Finds the rules whose literal texts occur in a line without looking for each of them: every text is
 * filed under three of its letters, and a line is asked for the three-letter runs that it has. What
 * comes out may be in the line; whoever asks still has to look.
 */
export interface HintIndex {
  /** Numbers of the entries that may be in the text (lower case), ascending. */
  candidates(text: string): readonly number[];
}

/** Letters under which a text is filed. */
const RUN_LENGTH = 3;

/** `entries[i]`: texts of which one must occur. An empty list, or a text too short, always may. */
export function createHintIndex(entries: readonly (readonly string[])[]): HintIndex {
  const always: number[] = [];
  const filed = new Map<number, number[]>();
  const popularity = countRuns(entries);
  entries.forEach((hints, entry) => {
    if (hints.length === 0 || hints.some((hint) => hint.length < RUN_LENGTH)) {
      always.push(entry);
      return;
    }
    for (const key of new Set(hints.map((hint) => rarestRun(hint, popularity)))) {
      const others = filed.get(key);
      if (others === undefined) filed.set(key, [entry]);
      else others.push(entry);
    }
  });
  return {
    candidates(text) {
      let found: Set<number> | null = null;
      for (let i = 0; i + RUN_LENGTH <= text.length; i++) {
        const bucket = filed.get(runAt(text, i));
        if (bucket === undefined) continue;
        found ??= new Set(always);
        for (const entry of bucket) found.add(entry);
      }
      return found === null ? always : [...found].sort((a, b) => a - b);
    },
  };
}

/** Different runs may share a key: that only makes more candidates. */
function runAt(text: string, i: number): number {
  return (
    ((text.charCodeAt(i) << 14) ^ (text.charCodeAt(i + 1) << 7) ^ text.charCodeAt(i + 2)) &
    0x3fff_ffff
  );
}

function countRuns(entries: readonly (readonly string[])[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const hint of entries.flat()) {
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
