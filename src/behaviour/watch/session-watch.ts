import type { Micros } from "../../kernel/index.js";
import type { BehaviourProfile } from "../behaviour-profile.js";
import {
  createContextDetector,
  RATE_WINDOW_MS,
  type ContextDetector,
  type ContextReading,
  type OpenedFacts,
} from "../context/index.js";
import {
  createKeystrokeDetector,
  type KeyPress,
  type KeystrokeDetector,
  type KeystrokeReading,
} from "../keystroke/index.js";
import type { RiskSignal } from "../risk/index.js";
import {
  createSequenceDetector,
  type SequenceDetector,
  type SequenceReading,
} from "../sequence/index.js";
import type { SiteHabits } from "./site-habits.js";

/** What a detector says, ready for the risk ladder. */
export interface WatchReading extends RiskSignal {
  readonly warm: boolean;
}

/** The parts of a profile that watch typing and commands. */
export type Habits = Pick<BehaviourProfile, "keystroke" | "sequence">;

/**
 * All detectors over one session. A part is made when it has something to watch: a session that only
 * stands at its prompt holds none of the person's habits.
 */
export class SessionWatch {
  readonly #person: string;
  readonly #groups: readonly string[];
  readonly #site: SiteHabits;
  #context: ContextDetector | null = null;
  #opened: OpenedFacts | null = null;
  #openedAt = 0;
  #keystroke: KeystrokeDetector | null = null;
  #sequence: SequenceDetector | null = null;
  /** As they were when the person last proved who they are, or before this session. */
  #proven: Habits = {};
  /** Commands in each window in which there was one. */
  #windows: number[] = [];
  #window = -1;
  #bytes = 0;

  constructor(
    who: { readonly person: string; readonly groups: readonly string[] },
    site: SiteHabits,
  ) {
    this.#person = who.person;
    this.#groups = who.groups;
    this.#site = site;
  }

  /** The session has begun; what is known of the person's others. */
  begin(at: Micros, facts: OpenedFacts, context: BehaviourProfile["context"]): WatchReading[] {
    this.#opened = facts;
    this.#openedAt = at;
    this.#context = createContextDetector(
      context,
      this.#site.contextsOf(this.#person, this.#groups),
    );
    return this.#context.opened(facts).map((reading) => contextual(reading, at));
  }

  /** True once `learnt` has told how the person types and works. */
  get ready(): boolean {
    return this.#keystroke !== null;
  }

  learnt(habits: Habits): void {
    const { keystroke, sequence } = habits;
    this.#proven = habits;
    this.#keystroke = createKeystrokeDetector(
      { person: this.#person, crowd: this.#site.typing },
      keystroke === undefined ? {} : { profile: keystroke },
    );
    this.#sequence = createSequenceDetector(
      { person: this.#person, groups: this.#groups, crowd: this.#site.commands },
      {},
      sequence === undefined ? {} : { profile: sequence },
    );
  }

  /**
   * Keys that were shown, in order, null where something lies between two of them; the strongest
   * statement about them.
   */
  typed(keys: readonly (KeyPress | null)[]): readonly WatchReading[] {
    const detector = this.#keystroke;
    if (detector === null) return [];
    let oddest: { readonly reading: KeystrokeReading; readonly at: Micros } | null = null;
    let evenest: { readonly reading: KeystrokeReading; readonly at: Micros } | null = null;
    for (const key of keys) {
      if (key === null) {
        detector.interrupt();
        continue;
      }
      const reading = detector.press(key);
      const { at } = key;
      if (oddest === null || reading.pValue < oddest.reading.pValue) oddest = { reading, at };
      if (evenest === null || reading.automation.pValue < evenest.reading.automation.pValue)
        evenest = { reading, at };
    }
    if (oddest === null || evenest === null) return [];
    const { warm, pValue, evidence } = oddest.reading;
    const { automation } = evenest.reading;
    return [
      {
        detector: "keystroke",
        at: oddest.at,
        pValue,
        warm,
        reason: `typing unlike ${this.#person}: evidence ${evidence.toFixed(1)}, 11 is a change of typist`,
      },
      {
        detector: "automation",
        at: evenest.at,
        pValue: automation.pValue,
        warm: true,
        reason: automation.reason ?? "keys as a hand strikes them",
      },
    ];
  }

  /** One line that is to run: its programs as words, in order. */
  ran(words: readonly string[], at: Micros): readonly WatchReading[] {
    this.#countCommand(at);
    const detector = this.#sequence;
    if (detector === null) return [];
    let oddest: SequenceReading | null = null;
    for (const word of words) {
      const reading = detector.command(word);
      if (oddest === null || reading.pValue < oddest.pValue) oddest = reading;
    }
    if (oddest === null) return [];
    const { warm, evidence } = oddest;
    const pValue = evidence > EVERYDAY_EVIDENCE ? oddest.pValue : 1;
    return [{ detector: "sequence", at, pValue, warm, reason: sequential(oddest, this.#person) }];
  }

  interruptCommands(): void {
    this.#sequence?.interrupt();
  }

  /** Payload that passed, either way. */
  moved(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Once a minute, and at the end. */
  lasted(at: Micros): readonly WatchReading[] {
    if (this.#context === null) return [];
    return this.#context.progress(this.#progress(at)).map((one) => contextual(one, at));
  }

  /** The person proved who they are. */
  proved(): void {
    this.#keystroke?.confirm();
    this.#sequence?.confirm();
    this.#proven = this.#habits();
  }

  /** They did not: nothing of what waits is learnt. */
  doubted(): void {
    this.#keystroke?.reject();
    this.#sequence?.reject();
  }

  /**
   * What this session taught. `accepted`: nothing says that it was somebody else. Otherwise nothing of
   * it is a lesson since the last proof, what the detectors had taken for the person's included; only the
   * suspicion stays.
   */
  lesson(at: Micros, accepted: boolean): BehaviourProfile | null {
    if (accepted) {
      this.#keystroke?.settle();
      this.#sequence?.settle();
      if (this.#opened !== null) this.#context?.learn(this.#opened, this.#progress(at));
    } else this.doubted();
    if (this.#context === null && this.#keystroke === null) return null;
    return {
      version: 1,
      ...(accepted ? this.#habits() : this.#suspected()),
      ...(this.#context === null ? {} : { context: this.#context.profile() }),
    };
  }

  #habits(): Habits {
    return {
      ...(this.#keystroke === null ? {} : { keystroke: this.#keystroke.profile() }),
      ...(this.#sequence === null ? {} : { sequence: this.#sequence.profile() }),
    };
  }

  #suspected(): Habits {
    const { keystroke, sequence } = this.#proven;
    const now = this.#sequence?.profile();
    return {
      ...(keystroke === undefined ? {} : { keystroke }),
      ...(sequence === undefined || now === undefined
        ? {}
        : { sequence: { ...now, counts: sequence.counts, usual: sequence.usual } }),
    };
  }

  #countCommand(at: Micros): void {
    const window = Math.floor((at - this.#openedAt) / (RATE_WINDOW_MS * 1_000));
    const last = this.#windows.length - 1;
    if (window === this.#window && last >= 0) {
      this.#windows[last] = (this.#windows[last] ?? 0) + 1;
      return;
    }
    this.#window = window;
    this.#windows.push(1);
    if (this.#windows.length > WINDOWS_MAX) this.#windows.shift();
  }

  #progress(at: Micros): {
    readonly durationMs: number;
    readonly commandWindows: readonly number[];
    readonly bytes: number;
  } {
    return {
      durationMs: Math.max(0, (at - this.#openedAt) / 1_000),
      commandWindows: this.#windows,
      bytes: this.#bytes,
    };
  }
}

/**
 * A session begins at 0 or a little below and falls from there: that it has not fallen yet is no sign.
 */
const EVERYDAY_EVIDENCE = 5;
/** A week of windows with commands in each; the oldest are forgotten. */
const WINDOWS_MAX = 2_016;

function contextual({ detector, pValue, warm, reason }: ContextReading, at: Micros): WatchReading {
  return { detector, at, pValue, warm, reason };
}

/** `commands unlike alice: nc <host> <number> after whoami, useradd <text>` */
function sequential({ because, evidence }: SequenceReading, person: string): string {
  if (because.length === 0) return `commands of ${person}: evidence ${evidence.toFixed(0)}`;
  const named = because.map(({ word, before }) =>
    before === null ? word : `${word} after ${before}`,
  );
  return `commands unlike ${person}: ${named.join(", ")}`;
}
