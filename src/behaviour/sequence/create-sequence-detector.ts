import { createCommandCounts, type CommandCountsState } from "./command-counts.js";
import type { CommandCrowd } from "./command-crowd.js";
import { commandEvidence, toldEvidence } from "./command-evidence.js";
import { createRepeats } from "./repeats.js";

import { SEQUENCE_SHAPE, type SequenceShape } from "./sequence-shape.js";
import { createUsualEvidence, type UsualEvidenceState } from "./usual-evidence.js";

/**
 * Watches which commands a person runs, and after which, against their habits and everybody's.
 * O(1) per command; causal: a reading never depends on what comes after it.
 */
export interface SequenceDetector {
  /** One command that runs, in order; its words as `commandWord` makes them. */
  command(word: string): SequenceReading;
  /** What comes next follows nothing: another channel. */
  interrupt(): void;
  /** A new session: part of the suspicion of the last one stays, so that logging in anew does not end it. */
  begin(): void;
  /**
   * Judges what was seen since the last time, and learns it if it looks like the person. Called by
   * itself after `CHUNK_COMMANDS`; call it at the end of a session.
   */
  settle(): void;
  /** The person proved in another way that it is them: all that waits is learnt, suspicion ends. */
  confirm(): void;
  /** They failed to: nothing of it is learnt, suspicion stays. */
  reject(): void;
  profile(): SequenceProfile;
  state(): SequenceState;
}

export interface SequenceReading {
  /** Evidence for somebody else over the session so far, natural log, from -100. */
  readonly evidence: number;
  /** Share of hundreds of the person's own commands after which it stands so high; 1 while cold. */
  readonly pValue: number;
  readonly warm: boolean;
  readonly suspected: boolean;
  /** The commands that say it most, worst first; empty while the evidence is everyday. */
  readonly because: readonly SurprisingCommand[];
}

export interface SurprisingCommand {
  readonly word: string;
  readonly before: string | null;
  /** Natural log ratio of everybody to the person. */
  readonly surprise: number;
}

/** Below 64 KiB as JSON: names of commands and how often, in which order. */
export interface SequenceProfile {
  readonly version: 1;
  readonly counts: CommandCountsState;
  readonly usual: UsualEvidenceState;
  /** Evidence at the end of the last session. */
  readonly evidence: number;
  /** Commands that were judged in it; absent in what was stored before they were counted. */
  readonly judged?: number;
}

/** Word, the one before it, and its evidence: null while cold. */
export type WaitingCommand = readonly [string, string | null, number | null];

export interface SequenceState {
  readonly profile: SequenceProfile;
  readonly evidence: number;
  readonly judged: number;
  readonly before: string | null;
  readonly waiting: readonly WaitingCommand[];
  readonly recent: readonly SurprisingCommand[];
}

export interface SequenceDeps {
  readonly person: string;
  readonly groups?: readonly string[];
  readonly crowd: CommandCrowd;
}

export interface SequenceOptions {
  /** Commands after which `settle` happens by itself; `Infinity` when the caller settles. */
  readonly chunkCommands?: number;
  /** Absent: as shipped. Others are for the evaluation, which compares them. */
  readonly shape?: SequenceShape;
}

/** Commands of the person's own before they can be told from others. */
export const WARM_COMMANDS = 300;
/** Commands after which a session leaves `carriedOver` of its suspicion, and no more. */
const STRETCH_COMMANDS = 100;
/** The most that a session leaves to the next. */
const CARRIED_MAX = 80;
/** However long the person worked, a stranger who takes over is seen some fifty commands later. */
const EVIDENCE_MIN = -100;
/** Judged together: fewer are harder to tell apart. */
const CHUNK_COMMANDS = 100;
/** What waits for proof at most; the oldest is forgotten. */
const WAITING_MAX = 400;
/** Evidence that raises suspicion: some 2.3 % of blocks of the people of the trials (docs/behaviour.md). */
const SUSPECTED_AT = 40;
/**
 * Share of hundreds of a person's own commands after which the evidence stands above x: 5.5 % above 0,
 * less by e for each 30 below it, and for each 45 above it (training halves of the people of the trials,
 * 1,500 and 2,500 commands learnt: 25 % above -46, 2.5 % above 33, 1 % above 64; people take up new work,
 * so the tail is long).
 */
const SHARE_ABOVE_ZERO = 0.055;
const SCALE_BELOW_ZERO = 30;
const SCALE_ABOVE_ZERO = 45;
/** Above it a p-value is everyday life, and nobody asks why. */
const EXPLAINED_BELOW = 0.05;
/** Commands kept to explain, of so many lately. */
const REASONS_MAX = 3;
const RECENT_MAX = 100;

export function createSequenceDetector(
  { person, groups, crowd }: SequenceDeps,
  { chunkCommands = CHUNK_COMMANDS, shape = SEQUENCE_SHAPE }: SequenceOptions = {},
  saved?: Partial<SequenceState>,
): SequenceDetector {
  const counts = createCommandCounts(saved?.profile?.counts);
  const background = crowd.backgroundFor(person, groups);
  const habits = { counts, background, latelyWeight: shape.lately };
  let { evidence, judged, before } = beginning(saved, shape);
  const usual = createUsualEvidence(saved?.profile?.usual, shape.deviations);
  let waiting: WaitingCommand[] = [...(saved?.waiting ?? [])];
  let recent: SurprisingCommand[] = [...(saved?.recent ?? [])];
  const repeats = createRepeats();
  for (const [word, after] of waiting) repeats.add(word, after);

  function command(word: string): SequenceReading {
    const found = commandEvidence(habits, word, before);
    const repeated = { alone: repeats.command(word), after: repeats.pair(before, word) };
    const told = toldEvidence(found, repeated, shape);
    const warm = counts.total >= WARM_COMMANDS;
    if (warm) {
      evidence = Math.max(EVIDENCE_MIN, evidence * shape.fade + told);
      judged += 1;
      recent.push({ word, before, surprise: told });
      if (recent.length > RECENT_MAX) recent.shift();
    }
    wait([word, before, warm ? told : null]);
    before = word;
    const reading = read(warm);
    if (waiting.length >= chunkCommands) settle();
    return reading;
  }

  function wait(one: WaitingCommand): void {
    waiting.push(one);
    repeats.add(one[0], one[1]);
    if (waiting.length <= WAITING_MAX) return;
    const oldest = waiting.shift();
    if (oldest !== undefined) repeats.remove(oldest[0], oldest[1]);
  }

  function forgetWaiting(): void {
    waiting = [];
    repeats.clear();
  }

  function read(warm: boolean): SequenceReading {
    const pValue = warm ? pValueOf(evidence) : 1;
    return {
      evidence,
      pValue,
      warm,
      suspected: evidence >= SUSPECTED_AT,
      because: pValue < EXPLAINED_BELOW ? mostSurprising(recent) : [],
    };
  }

  function settle(): void {
    let sum = 0;
    for (const [, , one] of waiting) sum += one ?? 0;
    // Two conditions: a quiet stretch after an odd one is no proof that the person is back.
    if (evidence < shape.learntBelow && sum < usual.gate(waiting.length)) learnWaiting();
    forgetWaiting();
  }

  function learnWaiting(): void {
    for (const [word, after] of waiting) counts.learn(word, after);
    usual.learn(waiting.flatMap(([, , one]) => (one === null ? [] : [one])));
    forgetWaiting();
  }

  function profile(): SequenceProfile {
    return { version: 1, counts: counts.state(), usual: usual.state(), evidence, judged };
  }

  return {
    command,
    interrupt() {
      before = null;
    },
    begin() {
      before = null;
      evidence = carried({ evidence, judged }, shape);
      judged = 0;
    },
    settle,
    confirm() {
      learnWaiting();
      evidence = 0;
      recent = [];
    },
    reject: forgetWaiting,
    profile,
    state: () => ({
      profile: profile(),
      evidence,
      judged,
      before,
      waiting,
      recent,
    }),
  };
}

function beginning(
  saved: Partial<SequenceState> | undefined,
  shape: SequenceShape,
): Pick<SequenceState, "evidence" | "judged" | "before"> {
  return {
    evidence: saved?.evidence ?? carried(saved?.profile ?? NOTHING_BEFORE, shape),
    judged: saved?.judged ?? 0,
    before: saved?.before ?? null,
  };
}

/**
 * Suspicion is not lost by logging in for every command: a session of few leaves most of it. Credit is
 * given away just as after a long session, so that nobody saves it up for somebody else.
 */
function carried(
  { evidence, judged = STRETCH_COMMANDS }: Pick<SequenceProfile, "evidence" | "judged">,
  { carriedOver }: SequenceShape,
): number {
  const part = evidence < 0 ? 1 : Math.min(1, judged / STRETCH_COMMANDS);
  return Math.max(-CARRIED_MAX, Math.min(CARRIED_MAX, carriedOver ** part * evidence));
}

const NOTHING_BEFORE = { evidence: 0 };

function pValueOf(evidence: number): number {
  const scale = evidence < 0 ? SCALE_BELOW_ZERO : SCALE_ABOVE_ZERO;
  return Math.min(1, SHARE_ABOVE_ZERO * Math.exp(-evidence / scale));
}

/** Each command once, in its most surprising place. */
function mostSurprising(recent: readonly SurprisingCommand[]): readonly SurprisingCommand[] {
  const worst = new Map<string, SurprisingCommand>();
  for (const one of recent) {
    if (one.surprise > (worst.get(one.word)?.surprise ?? 0)) worst.set(one.word, one);
  }
  return [...worst.values()].sort((a, b) => b.surprise - a.surprise).slice(0, REASONS_MAX);
}
