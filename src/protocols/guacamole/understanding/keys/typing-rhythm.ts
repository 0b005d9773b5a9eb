import { MICROS_PER_MS, type Micros } from "../../../../kernel/index.js";
import type { KeyTiming } from "../facts.js";

/**
 * Keys of the stretch being typed with the times they went down and up, until it is known that the
 * stretch holds nothing secret. Repeats of a held key are left out, releases that come all at once
 * (the window was left) are no releases of a finger.
 */
export interface TypingRhythm {
  down(keysym: number, key: string, at: Micros): void;
  up(keysym: number, at: Micros): void;
  /** Told and forgotten; keys that are still down are told as they are. */
  take(): readonly KeyTiming[];
  /** Not told: the stretch was secret. */
  forget(): void;
  readonly full: boolean;
}

/** Keys told at once; a line is rarely longer. */
const KEYS_MAX = 512;
/** No finger is that fast: an input method, or a program, presses and releases in one moment. */
const HOLD_LEAST_US = MICROS_PER_MS;
/** Releases of different keys closer together than this are one: the client let go of everything. */
const TOGETHER_US = 200;
const TOGETHER_KEYS = 3;

interface Entry {
  readonly key: string;
  readonly at: Micros;
  up: Micros | null;
  pasted: boolean;
}

export function createTypingRhythm(): TypingRhythm {
  let entries: Entry[] = [];
  let down = new Map<number, Entry>();
  let lastUps: Entry[] = [];
  let lastUpAt = Number.NEGATIVE_INFINITY;

  return {
    get full() {
      return entries.length >= KEYS_MAX;
    },
    down(keysym, key, at) {
      if (down.has(keysym) || entries.length >= KEYS_MAX) return;
      const entry: Entry = { key, at, up: null, pasted: false };
      entries.push(entry);
      down.set(keysym, entry);
    },
    up(keysym, at) {
      const entry = down.get(keysym);
      if (entry === undefined) return;
      down.delete(keysym);
      if (at - entry.at < HOLD_LEAST_US) entry.pasted = true;
      else entry.up = at;
      lastUps = at - lastUpAt <= TOGETHER_US ? [...lastUps.slice(-KEYS_MAX), entry] : [entry];
      lastUpAt = at;
      if (lastUps.length >= TOGETHER_KEYS) for (const one of lastUps) one.up = null;
    },
    take() {
      const taken = entries.map(({ key, at, up, pasted }) => ({ key, at, up, pasted }));
      entries = [];
      down = new Map();
      return taken;
    },
    forget() {
      entries = [];
      down = new Map();
    },
  };
}
