import { createCommandCounts, type CommandCountsState } from "./command-counts.js";
import type { CommandCrowd } from "./command-crowd.js";
import { cappedEvidence, commandEvidence, wholeEvidence } from "./command-evidence.js";

/**
 * Watches which commands a person runs, and after which, against their habits and everybody's.
 * O(1) per command; causal: a reading never depends on what comes after it.
 */
export interface SequenceDetector {
  /** One command that runs, in order; its words as `commandWord` makes them. */
  command(word: string): SequenceReading;
  /** A new session, or another channel: what comes next follows nothing. */
  interrupt(): void;
  /**
   * Judges what was seen since the last time, and learns it if it looks like the person. Called by
   * itself after `CHUNK_COMMANDS`; call it at the end of a session.
   */
  settle(): void;
  /** The person proved in another way that it is them: all that waits is learnt, suspicion ends. */
  confirm(): void;
  /** They failed to: nothing of it is learnt. */
  reject(): void;
  profile(): SequenceProfile;
  state(): SequenceState;
}

export interface SequenceReading {
  /** Evidence for somebody else over about the last hundred commands, natural log, -200..200. */
  readonly evidence: number;
  /** How often the person's own commands reach this evidence; 1 while cold. */
  readonly pValue: number;
  readonly warm: boolean;
  readonly suspected: boolean;
  /** The commands that say it most, worst first; empty while nothing is suspected. */
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
}

export interface SequenceState {
  readonly profile: SequenceProfile;
  readonly evidence: number;
  readonly before: string | null;
  readonly waiting: readonly (readonly [string, string | null])[];
  readonly chunkEvidence: number;
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
}

/** Commands of the person's own before they can be told from others. */
export const WARM_COMMANDS = 300;
/** A command counts 1/e after a hundred. */
const FADE = 0.99;
/** Beyond it the evidence is clear either way, and must be able to turn. */
const EVIDENCE_MAX = 200;
/** A hundred commands with more evidence than this are not learnt without another proof. */
const LEARNT_BELOW_PER_HUNDRED = 40;
const CHUNK_COMMANDS = 100;
/** What waits for proof at most; the oldest is forgotten. */
const WAITING_MAX = 400;
/** Evidence that raises suspicion, and the step in which a person's own evidence falls off by e. */
const SUSPECTED_AT = 40;
const EVIDENCE_SCALE = 20;
/** Commands kept to explain, of so many lately. */
const REASONS_MAX = 3;
const RECENT_MAX = 100;

export function createSequenceDetector(
  { person, groups, crowd }: SequenceDeps,
  { chunkCommands = CHUNK_COMMANDS }: SequenceOptions = {},
  saved?: Partial<SequenceState>,
): SequenceDetector {
  const counts = createCommandCounts(saved?.profile?.counts);
  const habits = { counts, background: crowd.backgroundFor(person, groups) };
  let evidence = saved?.evidence ?? 0;
  let before = saved?.before ?? null;
  let waiting: (readonly [string, string | null])[] = [...(saved?.waiting ?? [])];
  let chunkEvidence = saved?.chunkEvidence ?? 0;
  let recent: SurprisingCommand[] = [...(saved?.recent ?? [])];

  function command(word: string): SequenceReading {
    const found = commandEvidence(habits, word, before);
    const told = cappedEvidence(found);
    const warm = counts.total >= WARM_COMMANDS;
    if (warm) {
      evidence = bounded(evidence * FADE + told);
      chunkEvidence += wholeEvidence(found);
      recent.push({ word, before, surprise: told });
      if (recent.length > RECENT_MAX) recent.shift();
    }
    waiting.push([word, before]);
    if (waiting.length > WAITING_MAX) waiting.shift();
    before = word;
    const reading = read(warm);
    if (waiting.length >= chunkCommands) settle();
    return reading;
  }

  function read(warm: boolean): SequenceReading {
    const suspected = evidence >= SUSPECTED_AT;
    return {
      evidence,
      pValue: warm ? Math.min(1, Math.exp(-Math.max(0, evidence) / EVIDENCE_SCALE)) : 1,
      warm,
      suspected,
      because: suspected ? mostSurprising(recent) : [],
    };
  }

  function settle(): void {
    const gate = (LEARNT_BELOW_PER_HUNDRED * waiting.length) / 100;
    if (chunkEvidence < gate) learnWaiting();
    else forgetWaiting();
  }

  function learnWaiting(): void {
    for (const [word, after] of waiting) counts.learn(word, after);
    forgetWaiting();
  }

  function forgetWaiting(): void {
    waiting = [];
    chunkEvidence = 0;
  }

  function clear(): void {
    forgetWaiting();
    evidence = 0;
    recent = [];
  }

  return {
    command,
    interrupt() {
      before = null;
    },
    settle,
    confirm() {
      learnWaiting();
      clear();
    },
    reject: clear,
    profile: () => ({ version: 1, counts: counts.state() }),
    state: () => ({
      profile: { version: 1, counts: counts.state() },
      evidence,
      before,
      waiting,
      chunkEvidence,
      recent,
    }),
  };
}

function bounded(evidence: number): number {
  return Math.max(-EVIDENCE_MAX, Math.min(EVIDENCE_MAX, evidence));
}

/** Each command once, in its most surprising place. */
function mostSurprising(recent: readonly SurprisingCommand[]): readonly SurprisingCommand[] {
  const worst = new Map<string, SurprisingCommand>();
  for (const one of recent) {
    if (one.surprise > (worst.get(one.word)?.surprise ?? 0)) worst.set(one.word, one);
  }
  return [...worst.values()].sort((a, b) => b.surprise - a.surprise).slice(0, REASONS_MAX);
}
