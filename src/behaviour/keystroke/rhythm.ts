import { MICROS_PER_MS, type Micros } from "../../kernel/index.js";
import { latencyCell } from "./latency-scale.js";

/** One key as it arrived. Keys typed with the echo off never come here. */
export interface KeyPress {
  /** The character, or a name (`Enter`, `Backspace`, `Ctrl-C`); never empty. */
  readonly key: string;
  /** When it went down, as far as the transport tells: for SSH when its packet was read. */
  readonly at: Micros;
  /** When it came up, where the transport tells (desktop, web); absent or null on SSH. */
  readonly up?: Micros | null;
  /** Keys read at the same moment, this one included, where the reader counted them; absent = 1. */
  readonly packetKeys?: number;
  /** Known not to be typed: between the marks of a bracketed paste, from a clipboard, by a program. */
  readonly pasted?: boolean;
}

/** Why the time before a key says nothing about the person. */
export type Abstention =
  /** Nothing came before it, or what came before says nothing. */
  | "first"
  /** Between the marks of a paste. */
  | "pasted"
  /** More keys in one packet than a hand can press: a paste without marks, an input method. */
  | "burst"
  /** A key held down repeats by itself. */
  | "repeat"
  /** The person thought, read or left. */
  | "pause"
  /** Time ran backwards. */
  | "clock";

/** A timing that says something: which pair of keys, how long between them, and the cell of it. */
export interface Timed {
  readonly feature: string;
  readonly ms: number;
  readonly cell: number;
}

export interface Beat {
  /** The time between the key before and this one, or why it is left out. */
  readonly pair: Timed | Abstention;
  /** How long the key was held, where the transport tells. */
  readonly hold: Timed | null;
}

/**
 * From arrivals to timings, aware of what the transport does: OpenSSH clients since 9.5 send keys on
 * a grid of 20 ms, so that two or three keys may share a packet (their time between is 0, in the
 * first cell); four or more in a packet are a paste. O(1), no memory beyond the last key.
 */
export interface Rhythm {
  press(press: KeyPress): Beat;
  /** Forgets the last key: another line, another channel, a challenge in between. */
  interrupt(): void;
  state(): RhythmState;
}

export interface RhythmState {
  readonly key: string | null;
  readonly at: number;
  readonly samePacket: number;
  readonly sameKey: number;
  readonly spoilt: boolean;
}

/** A longer gap is a pause of thought, not rhythm; latencies on this side of it are learnt. */
const PAUSE_MS_MIN = 1_500;
/** A hand strikes at most three keys within the 20 ms of one packet. */
const KEYS_PER_PACKET_MAX = 3;
/** The third same key in a row may come from the keyboard's auto-repeat. */
const SAME_KEYS_TYPED_MAX = 2;
/** A key held longer rests under a hand or repeats. */
const HOLD_MS_MAX = 1_500;
/** Longer names are cut: a pair of them still fits a feature of the profile. */
const KEY_CHARACTERS_MAX = 11;

export function createRhythm(saved?: RhythmState): Rhythm {
  let key = saved?.key ?? null;
  let at = saved?.at ?? 0;
  let samePacket = saved?.samePacket ?? 0;
  let sameKey = saved?.sameKey ?? 0;
  // True after keys that nobody typed: the time from them to the next key means nothing.
  let spoilt = saved?.spoilt ?? true;

  function press(next: KeyPress): Beat {
    const name = keyName(next.key);
    const before = key;
    const gapMs = (next.at - at) / MICROS_PER_MS;
    samePacket = before !== null && gapMs === 0 ? samePacket + 1 : 1;
    sameKey = name === before ? sameKey + 1 : 1;
    const pair = timePair(before, name, gapMs, next);
    key = name;
    at = next.at;
    spoilt = pair === "pasted" || pair === "burst";
    return { pair, hold: timeHold(name, next) };
  }

  function timePair(
    before: string | null,
    name: string,
    gapMs: number,
    next: KeyPress,
  ): Timed | Abstention {
    if (next.pasted === true) return "pasted";
    if (Math.max(samePacket, next.packetKeys ?? 1) > KEYS_PER_PACKET_MAX) return "burst";
    if (before === null || spoilt) return "first";
    if (!(gapMs >= 0)) return "clock";
    if (gapMs > PAUSE_MS_MIN) return "pause";
    if (sameKey > SAME_KEYS_TYPED_MAX) return "repeat";
    return { feature: `${before}\t${name}`, ms: gapMs, cell: latencyCell(gapMs) };
  }

  return {
    press,
    interrupt() {
      key = null;
      spoilt = true;
      samePacket = 0;
      sameKey = 0;
    },
    state: () => ({ key, at, samePacket, sameKey, spoilt }),
  };
}

function timeHold(name: string, { at, up }: KeyPress): Timed | null {
  if (up === undefined || up === null) return null;
  const ms = (up - at) / MICROS_PER_MS;
  if (!(ms > 0) || ms > HOLD_MS_MAX) return null;
  return { feature: name, ms, cell: latencyCell(ms) };
}

/** Tabs separate the keys of a pair, so no name has one. */
function keyName(key: string): string {
  const short = key.length > KEY_CHARACTERS_MAX ? key.slice(0, KEY_CHARACTERS_MAX) : key;
  return short.includes("\t") ? short.replaceAll("\t", "Tab") : short;
}
