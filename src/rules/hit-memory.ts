import type { WallMicros } from "../kernel/index.js";

/** That a rule has hit, filed under what its counters count by. Plain data: it travels. */
export interface HitMark {
  /** Rule and the values it is counted by; never a command's text. */
  readonly key: string;
  readonly at: WallMicros;
  /** For counters of different values: a digest-like short form of the value. */
  readonly value: string;
  /** How many marks of this key anybody may ask for. */
  readonly keep: number;
  /** True when it counts for other sessions, too. */
  readonly shared: boolean;
}

/** What is remembered of hits. One of a session; one, in the registry's keeping, across sessions. */
export interface HitMemory {
  /** Marks of a key, oldest first. */
  marks(key: string): readonly Pick<HitMark, "at" | "value">[];
  add(mark: HitMark): void;
  /** Everything, oldest keys first: what another memory needs to remember the same. */
  dump(): readonly HitMark[];
}

/** Keys of one memory; the longest unused is forgotten first. */
export const HIT_KEYS_MAX = 20_000;

/** Bounded: at most `keysMax` keys, of each the last `keep` marks. */
export function createHitMemory(keysMax = HIT_KEYS_MAX): HitMemory {
  const kept = new Map<string, { keep: number; marks: Pick<HitMark, "at" | "value">[] }>();
  return {
    marks: (key) => kept.get(key)?.marks ?? NONE,
    dump: () =>
      [...kept].flatMap(([key, { keep, marks }]) =>
        marks.map((mark) => ({ ...mark, key, keep, shared: isShared(key) })),
      ),
    add({ key, at, value, keep }) {
      const marks = kept.get(key)?.marks ?? [];
      // The same value again: only its last time can ever matter to a counter of different values.
      const same = value === "" ? -1 : marks.findIndex((mark) => mark.value === value);
      if (same >= 0) marks.splice(same, 1);
      marks.push({ at, value });
      if (marks.length > keep) marks.splice(0, marks.length - keep);
      kept.delete(key);
      kept.set(key, { keep, marks });
      if (kept.size <= keysMax) return;
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        break;
      }
    },
  };
}

const NONE: readonly Pick<HitMark, "at" | "value">[] = [];

/** Both memories as one: what is counted by session is looked up in the first. */
export function joinMemories(session: HitMemory, shared: HitMemory): HitMemory {
  return {
    marks: (key) => (isShared(key) ? shared : session).marks(key),
    add: (mark) => (mark.shared ? shared : session).add(mark),
    dump: () => [...session.dump(), ...shared.dump()],
  };
}

const SHARED_PREFIX = "*";

export function isShared(key: string): boolean {
  return key.startsWith(SHARED_PREFIX);
}

export function sharedKey(key: string): string {
  return SHARED_PREFIX + key;
}
