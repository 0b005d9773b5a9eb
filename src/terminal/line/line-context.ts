import type { LineReading } from "../../model/index.js";
import type { Launched } from "./typed-line.js";
import { isKnownProgram, isMultiplexer, isReader, isShell, ownsScreen } from "./programs.js";
import {
  looksLikeContinuation,
  looksLikePrompt,
  type PromptBook,
  type PromptKind,
} from "./prompt-book.js";

/** Who will read the line, as far as its prompt and what was started tell. */
export type Reader = Pick<LineReading, "context" | "prompt" | "program">;

export interface LineContext {
  /** `marked`: readline drew a prompt since the last line ran. */
  readerAt(prompt: string | null, seen: PromptSeen): Reader;
  /** A line was read at this prompt: it is what we took it for. */
  confirm(prompt: string, reader: Reader): void;
  ran(launched: Pick<Launched, "programs" | "complete" | "unseen">, by: Reader): void;
  /** The terminal belongs to a program for all we know. */
  readonly inProgram: boolean;
  /** It shows shells in a screen of its own (tmux, screen). */
  readonly multiplexed: boolean;
  /** The program that owns the whole screen, for all we know. */
  readonly fullScreen: string | undefined;
  /** A shell was opened inside the program. */
  opened(): void;
  readonly expectsMore: boolean;
}

export interface PromptSeen {
  readonly marked: boolean;
  readonly alternate: boolean;
}

export function createLineContext(book: PromptBook): LineContext {
  return new FollowedContext(book);
}

class FollowedContext implements LineContext {
  readonly #book: PromptBook;
  #programs: readonly string[] = [];
  #complete = true;
  #ranSomething = false;
  #multiplexed = false;
  #shellInside = false;

  constructor(book: PromptBook) {
    this.#book = book;
  }

  readerAt(prompt: string | null, seen: PromptSeen): Reader {
    const program = this.#programs.find(isReader);
    if (prompt !== null) {
      const known = this.#book.kindOf(prompt);
      if (known?.exact === true && prompt.trim() !== "") {
        return { context: "shell", prompt: known.kind };
      }
      if (program !== undefined && this.#isOuterPrompt(prompt, seen)) {
        return { context: "shell", prompt: "primary" };
      }
      if (!this.#complete && (looksLikeContinuation(prompt) || this.#behindTypeAhead(prompt))) {
        return { context: "shell", prompt: "continuation" };
      }
      if (known !== null && (program === undefined || prompt.trim().length > 3)) {
        return { context: "shell", prompt: known.kind };
      }
      if (program === undefined && this.#isShellPrompt(prompt, seen)) {
        return { context: "shell", prompt: this.#complete ? "primary" : "unknown" };
      }
    }
    if (program !== undefined) return { context: "program", program, prompt: "unknown" };
    const other = this.#programs[0];
    return {
      context: "unknown",
      prompt: "unknown",
      ...(other === undefined ? {} : { program: other }),
    };
  }

  confirm(prompt: string, reader: Reader): void {
    if (reader.context !== "shell" || reader.prompt === "unknown") return;
    this.#book.learn(prompt, reader.prompt);
  }

  ran(
    { programs, complete: whole, unseen }: Pick<Launched, "programs" | "complete" | "unseen">,
    by: Reader,
  ): void {
    this.#ranSomething = true;
    // What a program reads starts nothing that the terminal is left to; it goes on reading.
    if (by.context === "program") {
      this.#complete = true;
      return;
    }
    this.#complete = whole;
    if (!whole) return;
    // Most likely it answered a question of the program that runs: no word of it is a name.
    if (unseen && by.context !== "shell") return;
    const started = unseen ? programs.filter(isKnownProgram) : programs;
    this.#programs = started;
    this.#shellInside = false;
    this.#multiplexed ||= started.some(isMultiplexer);
  }

  get inProgram(): boolean {
    return this.#programs.some(isReader);
  }

  get multiplexed(): boolean {
    return this.#multiplexed;
  }

  opened(): void {
    this.#shellInside = true;
  }

  get fullScreen(): string | undefined {
    if (this.#shellInside) return undefined;
    // Beside others it may be over already.
    const own = this.#programs.filter((program) => !WRAPPERS.has(program));
    return own.length === 1 ? own.find(ownsScreen) : undefined;
  }

  get expectsMore(): boolean {
    return !this.#complete;
  }

  /** The shell behind the program is back, with a prompt that has changed. */
  #isOuterPrompt(prompt: string, seen: PromptSeen): boolean {
    return (
      seen.marked &&
      looksLikePrompt(prompt) &&
      !ASKED_BY_PROGRAMS.test(prompt) &&
      this.#sameEnding(prompt)
    );
  }

  /** What was typed before the shell asked for more stands in front of its prompt. */
  #behindTypeAhead(prompt: string): boolean {
    const ending = (kind: PromptKind): boolean =>
      this.#book.texts.some(
        (text) =>
          text.trim() !== "" && prompt.endsWith(text) && this.#book.kindOf(text)?.kind === kind,
      );
    return !ending("primary") && (ending("continuation") || prompt.endsWith("> "));
  }

  /** A prompt not seen before: the first one, a changed one, or that of a nested shell. */
  #isShellPrompt(prompt: string, seen: PromptSeen): boolean {
    if (looksLikePrompt(prompt)) {
      return (
        !this.#ranSomething ||
        seen.marked ||
        this.#programs.some(isShell) ||
        this.#sameEnding(prompt)
      );
    }
    return seen.marked && !this.#programs.includes("read");
  }

  #sameEnding(prompt: string): boolean {
    return this.#book.texts.some((text) => text.slice(-2) === prompt.slice(-2));
  }
}

/** ">>> ", "... ", "sqlite> ", "db=# ", "(gdb) ", "In [1]: ", "irb(main):001> ", but not "user@host:~$ ". */
const ASKED_BY_PROGRAMS = /^(?:>>>|\.\.\.|[\w.-]*[=\-*'"(]?[#>]|\(\w+\)|In \[\d+\]:|irb.*>|>) ?$/;
/** They start another program and leave the terminal to it. */
const WRAPPERS: ReadonlySet<string> = new Set(
  "sudo doas env nohup nice ionice time command".split(" "),
);
