/** Repeatable randomness: the same seed gives the same run on every machine. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  bytes(length: number): Uint8Array;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** `count` items in their original order, or all of them when there are no more. */
  sample<T>(items: readonly T[], count: number): T[];
  /** The same bytes in pieces: however the network may cut them. No piece is empty. */
  cut(bytes: Uint8Array, pieceBytesMax?: number): Uint8Array[];
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, enough to choose test data. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function below(limit: number): number {
    return Math.floor(next() * limit);
  }

  function shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(below(left.length), 1));
    return out;
  }

  function sample<T>(items: readonly T[], count: number): T[] {
    const chosen = new Set(shuffled([...items.keys()]).slice(0, count));
    return items.filter((_, index) => chosen.has(index));
  }

  return {
    next,
    below,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    shuffled,
    sample,
    cut(bytes, pieceBytesMax = bytes.length) {
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < bytes.length;) {
        const until = Math.min(bytes.length, from + 1 + below(Math.max(1, pieceBytesMax)));
        pieces.push(bytes.subarray(from, until));
        from = until;
      }
      return pieces;
    },
  };
}
