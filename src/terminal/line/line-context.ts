import type { LineReading } from "../../model/index.js";
import { isReader, isShell } from "./programs.js";
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
  ran(programs: readonly string[], complete: boolean): void;
  /** The terminal belongs to a program for all we know. */
  readonly inProgram: boolean;
  readonly expectsMore: boolean;
}

export interface PromptSeen {
  readonly marked: boolean;
  readonly alternate: boolean;
}

export function createLineContext(book: PromptBook): LineContext {
  let programs: readonly string[] = [];
  let complete = true;
  let ranSomething = false;

  function readerAt(prompt: string | null, seen: PromptSeen): Reader {
    const program = programs.find(isReader);
    if (prompt !== null) {
      const known = book.kindOf(prompt);
      if (known?.exact === true && prompt.trim() !== "") {
        return { context: "shell", prompt: known.kind };
      }
      if (!complete && (looksLikeContinuation(prompt) || behindTypeAhead(prompt))) {
        return { context: "shell", prompt: "continuation" };
      }
      if (known !== null && (program === undefined || prompt.trim().length > 3)) {
        return { context: "shell", prompt: known.kind };
      }
      if (program === undefined && isShellPrompt(prompt, seen)) {
        return { context: "shell", prompt: complete ? "primary" : "unknown" };
      }
    }
    if (program !== undefined) return { context: "program", program, prompt: "unknown" };
    const other = programs[0];
    return {
      context: "unknown",
      prompt: "unknown",
      ...(other === undefined ? {} : { program: other }),
    };
  }

  /** What was typed before the shell asked for more stands in front of its prompt. */
  function behindTypeAhead(prompt: string): boolean {
    const ending = (kind: PromptKind): boolean =>
      book.texts.some(
        (text) => text.trim() !== "" && prompt.endsWith(text) && book.kindOf(text)?.kind === kind,
      );
    return !ending("primary") && (ending("continuation") || prompt.endsWith("> "));
  }

  /** A prompt not seen before: the first one, a changed one, or that of a nested shell. */
  function isShellPrompt(prompt: string, seen: PromptSeen): boolean {
    if (looksLikePrompt(prompt)) {
      return !ranSomething || seen.marked || programs.some(isShell) || sameEnding(prompt);
    }
    return seen.marked && !programs.includes("read");
  }

  function sameEnding(prompt: string): boolean {
    return book.texts.some((text) => text.slice(-2) === prompt.slice(-2));
  }

  return {
    readerAt,
    confirm(prompt, reader) {
      if (reader.context !== "shell" || reader.prompt === "unknown") return;
      book.learn(prompt, reader.prompt);
    },
    ran(started, whole) {
      ranSomething = true;
      complete = whole;
      if (whole) programs = started;
    },
    get inProgram() {
      return programs.some(isReader);
    },
    get expectsMore() {
      return !complete;
    },
  };
}
