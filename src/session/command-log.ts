import type { Analysis, LineReading } from "../model/index.js";
import type { Launched } from "../terminal/index.js";
import {
  commandLines,
  learnFromLine,
  learnFromUnseen,
  type ShellKnowledge,
} from "../shell/index.js";
import { CERTAIN_FROM } from "./command-desk.js";
import { playsInterrupt } from "./interrupt-ways.js";
import type { Judgement } from "./judgement.js";
import type { ChannelKnowledge } from "./session-files.js";

/**
 * The logical command on one terminal: a line, or several when the shell asks for more (open quote,
 * here-document, trailing backslash). Remembers what the shell has been taught by released lines.
 */
export interface CommandLog {
  readonly knowledge: ShellKnowledge;
  /** Every text to judge, the likeliest first; null when there is nothing to judge (an empty line). */
  candidates(reading: LineReading): readonly string[] | null;
  /** The line, less sure where the prompt does not tell whether it goes on with the lines before. */
  weighed(reading: LineReading): LineReading;
  /** The whole command as the shell takes it. */
  text(reading: LineReading): string;
  typed(reading: LineReading): string;
  /** True when this line ends the command: it is told now, and not with a later line. */
  completes(analysis: Analysis, reading: LineReading): boolean;
  /** As `completes`, or it may be a command of its own. */
  tells(analysis: Analysis, reading: LineReading): boolean;
  /** It is told, and all the same looks like the beginning of a command. */
  mayBegin(judgement: Judgement, reading: LineReading): boolean;
  /** `ends`: the command is over whatever its grammar says (Ctrl-D in a here-document). */
  released(
    held: { readonly reading: LineReading; readonly judgement: Judgement } | null,
    ends: boolean,
  ): Launched;
  /** True while the shell has asked for more lines of a command. */
  readonly open: boolean;
  /** The line was thrown away by us. */
  dropped(): void;
  /** The person pressed Ctrl-C or its like. */
  interrupted(): void;
}

/** It is one of two commands, and which is not known. */
const CONTINUED_CONFIDENCE = 0.8;
/** A command of more lines is judged by what is there, and told. */
const LINES_MAX = 1_000;
const CHARS_MAX = 64 * 1024;

export function createCommandLog(knowledge: ChannelKnowledge): CommandLog {
  return new TypedCommands(knowledge);
}

class TypedCommands implements CommandLog {
  readonly #knowledge: ChannelKnowledge;
  /** Lines released so far of a command that the shell has not taken as complete. */
  #open: string[] = [];
  #openChars = 0;
  /** The shell has asked for more with a prompt that is not the one it asks for commands with. */
  #promptsDiffer = false;

  constructor(knowledge: ChannelKnowledge) {
    this.#knowledge = knowledge;
  }

  dropped(): void {
    this.#open = [];
    this.#openChars = 0;
  }

  get knowledge(): ShellKnowledge {
    return this.#knowledge.current;
  }

  candidates(reading: LineReading): readonly string[] | null {
    // Text of an editor is no command, whatever it says.
    if (reading.escapes?.length === 0) return null;
    // A program takes each line by itself.
    if (reading.context === "program") {
      this.dropped();
      const blank = reading.candidates.every((candidate) => candidate.trim() === "");
      return blank && !reading.hidden && reading.unknowable === undefined
        ? null
        : reading.candidates;
    }
    // The prompt for commands means that the shell does not ask for more: whatever we thought of the
    // lines before, this one stands for itself. But PS2 may have been made to look like PS1.
    if (reading.prompt === "primary" && this.#promptsDiffer && reading.whole !== true)
      this.dropped();
    if (reading.prompt === "continuation") this.#promptsDiffer = true;
    const nothing = !reading.hidden && reading.unknowable === undefined;
    if (nothing && this.#open.length === 0 && reading.candidates.every((c) => c.trim() === ""))
      return null;
    const joined = reading.candidates.map((candidate) => this.#whole(candidate, reading));
    return this.#isDoubtful(reading) ? [...joined, ...reading.candidates] : joined;
  }

  weighed(reading: LineReading): LineReading {
    return this.#isDoubtful(reading)
      ? { ...reading, confidence: Math.min(reading.confidence, CONTINUED_CONFIDENCE) }
      : reading;
  }

  text(reading: LineReading): string {
    return this.#whole(reading.text, reading);
  }

  typed(reading: LineReading): string {
    return this.#whole(reading.typed ?? reading.text, reading);
  }

  completes(analysis: Analysis, reading: LineReading): boolean {
    return (
      reading.hidden ||
      reading.context === "program" ||
      !(reading.asksForMore ?? !analysis.complete) ||
      this.#open.length >= LINES_MAX ||
      this.#openChars + reading.text.length > CHARS_MAX
    );
  }

  tells(analysis: Analysis, reading: LineReading): boolean {
    // What goes on in the same editor is told with what it becomes.
    if (reading.asksForMore === true && !reading.hidden && this.#open.length < LINES_MAX)
      return false;
    const alone = reading.prompt === "primary" && this.#isDoubtful(reading);
    // That it is not complete may be a mistake of the reading.
    return alone || reading.confidence < CERTAIN_FROM || this.completes(analysis, reading);
  }

  mayBegin({ analysis, hits }: Judgement, reading: LineReading): boolean {
    if (reading.asksForMore === true || reading.unknowable !== undefined) return false;
    return hits.length === 0 && !this.completes(analysis, reading);
  }

  get open(): boolean {
    return this.#open.length > 0;
  }

  released(
    held: { readonly reading: LineReading; readonly judgement: Judgement } | null,
    ends: boolean,
  ): Launched {
    if (held === null) {
      return { programs: [], complete: this.#open.length === 0 };
    }
    const { reading, judgement } = held;
    if (!ends && !this.completes(judgement.analysis, reading)) {
      if (reading.whole === true) this.dropped();
      if (reading.text !== "" || this.#open.length > 0) this.#open.push(reading.text);
      this.#openChars += reading.text.length;
      const mayGoOn = reading.asksForMore === true ? { mayGoOn: true as const } : {};
      return { text: reading.text, ...mayGoOn, programs: [], complete: false };
    }
    if (/PS[12]/.test(judgement.analysis.line)) this.#promptsDiffer = false;
    this.dropped();
    this.#knowledge.learn(judgement.analysis, reading.hidden ? learnFromUnseen : learnFromLine);
    const programs = judgement.analysis.invocations.flatMap((one) =>
      one.exec === null ? [] : [one.exec],
    );
    const plays = playsInterrupt(judgement.analysis, this.knowledge)
      ? { playsInterrupt: true as const }
      : {};
    if (reading.hidden) return { programs, ...plays, complete: true, unseen: true };
    const doubtful = reading.confidence < CERTAIN_FROM ? { doubtful: true as const } : {};
    const end = reading.endUnsure === true ? { endUnsure: true as const } : {};
    const { line } = judgement.analysis;
    return {
      text: line,
      ...(line.includes("\n") ? { lines: commandLines(line) } : {}),
      ...doubtful,
      ...end,
      ...plays,
      programs,
      complete: true,
    };
  }

  interrupted(): void {
    this.dropped();
  }

  /** The prompt does not say whether the shell takes this line as a part of those before. */
  #isDoubtful(reading: LineReading): boolean {
    return this.#open.length > 0 && reading.prompt !== "continuation" && reading.whole !== true;
  }

  #whole(line: string, reading: LineReading): string {
    return this.#open.length === 0 || reading.whole === true
      ? line
      : [...this.#open, line].join("\n");
  }
}
