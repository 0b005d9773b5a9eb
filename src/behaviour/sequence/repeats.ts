/** How often each command, and each pair, stands in the stretch that is judged together. */
export interface Repeats {
  command(word: string): number;
  /** Of `word` right after `before`. */
  pair(before: string | null, word: string): number;
  add(word: string, before: string | null): void;
  remove(word: string, before: string | null): void;
  clear(): void;
}

export function createRepeats(): Repeats {
  const counts = new Map<string, number>();
  const change = (key: string, by: number): void => {
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  const both = (word: string, before: string | null, by: number): void => {
    change(word, by);
    if (before !== null) change(pairKey(before, word), by);
  };
  return {
    command: (word) => counts.get(word) ?? 0,
    pair: (before, word) => (before === null ? 0 : (counts.get(pairKey(before, word)) ?? 0)),
    add(word, before) {
      both(word, before, 1);
    },
    remove(word, before) {
      both(word, before, -1);
    },
    clear() {
      counts.clear();
    },
  };
}

/** No word of a command has a line feed: arguments with one are `<text>`. */
function pairKey(before: string, word: string): string {
  return `${before}\n${word}`;
}
