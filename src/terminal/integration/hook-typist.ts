import { encodeUtf8 } from "../../kernel/index.js";
import type { TerminalSize } from "../../model/index.js";
import { createPromptMarks } from "../line/prompt-marks.js";
import { createScreen, type Screen } from "../screen/index.js";
import { concatenate } from "../screen/parser.js";
import type { HookStep } from "./hooks.js";
import type { Mark } from "./mark.js";

/**
 * Types the hooks at a prompt and follows what becomes of it on a screen of its own, of which the person
 * sees nothing: when the prompt stands there again as it stood before, it never happened.
 */
export interface HookTypist {
  /** What is to be typed now; empty: nothing yet. Each is given once. */
  next(): Uint8Array;
  printed(bytes: Uint8Array): void;
  marked(mark: Mark): void;
  resized(size: TerminalSize): void;
  readonly state: TypistState;
  /** What was typed last ends with Enter: the shell runs it. */
  readonly entered: boolean;
  /** The shell has said that the hooks are set up. */
  readonly ready: boolean;
  /** It has taken too long. Answers what to type to leave the line empty. */
  giveUp(): Uint8Array;
  /** What a person must be shown when the prompt does not stand as before. */
  shown(): Uint8Array;
}

export type TypistState =
  | "typing"
  /** Typed, but the prompt does not look as before (yet). */
  | "elsewhere"
  /** The prompt stands as it stood. */
  | "done";

/** What the new prompt was drawn with, where it has to be shown: more is shown as a whole screen. */
const PROMPT_BYTES_MAX = 64 * 1024;
const CLEAR_LINE = Uint8Array.of(0x15);

export function createHookTypist(
  steps: readonly HookStep[],
  before: { readonly size: TerminalSize; readonly screen: Uint8Array },
): HookTypist {
  return new Typing(steps, before);
}

class Typing implements HookTypist {
  readonly #steps: readonly HookStep[];
  readonly #screen: Screen;
  readonly #first: { readonly rows: readonly string[]; readonly column: number };
  readonly #editors = createPromptMarks();
  #step = -1;
  /** The shell has answered to what was typed last. */
  #answered = true;
  #ready = false;
  #failed = false;
  #overdue = false;
  /** Where the shell told that its prompt would begin, as a line that stays its own when rows scroll. */
  #promptLine = 0;
  #promptBytes: Uint8Array | null = null;

  constructor(
    steps: readonly HookStep[],
    before: { readonly size: TerminalSize; readonly screen: Uint8Array },
  ) {
    this.#steps = steps;
    this.#screen = createScreen(before.size);
    this.#screen.feed(before.screen);
    const { row, column } = this.#screen.cursor;
    const rows = Array.from({ length: row + 1 }, (_, i) => this.#screen.rowText(row - i));
    this.#first = { rows, column };
    this.#promptLine = this.#cursorLine;
  }

  next(): Uint8Array {
    if (!this.#answered || this.#failed) return NOTHING;
    const step = this.#steps[this.#step + 1];
    if (step === undefined) return NOTHING;
    this.#step += 1;
    this.#answered = false;
    return encodeUtf8(step.keys);
  }

  printed(bytes: Uint8Array): void {
    this.#screen.feed(bytes);
    if (this.#promptBytes !== null) {
      const kept = concatenate(this.#promptBytes, bytes);
      this.#promptBytes = kept.length > PROMPT_BYTES_MAX ? null : kept;
    }
    const until = this.#steps[this.#step]?.until;
    if (until !== undefined && until !== "prompt" && until.shown.test(this.#row))
      this.#answered = true;
    // An editor begins a line, and nothing was told: it is no shell that takes our hooks.
    let begun = false;
    for (let at = 0; at >= 0;) {
      at = this.#editors.next(bytes, at);
      begun ||= at >= 0 && this.#editors.on;
    }
    if (begun && until === "prompt" && !this.#ready) this.#failed = true;
  }

  marked(mark: Mark): void {
    if (mark.kind === "ready") this.#ready = true;
    if (mark.kind !== "prompt") return;
    this.#promptLine = this.#cursorLine;
    this.#promptBytes = NOTHING;
    if (this.entered) this.#answered = true;
  }

  resized(size: TerminalSize): void {
    this.#screen.resize(size);
  }

  get entered(): boolean {
    return this.#steps[this.#step]?.until === "prompt";
  }

  get ready(): boolean {
    return this.#ready;
  }

  get state(): TypistState {
    const over = this.#failed || (this.#answered && this.#step === this.#steps.length - 1);
    if (!over) return "typing";
    return this.#asBefore() ? "done" : "elsewhere";
  }

  giveUp(): Uint8Array {
    if (this.#overdue) return NOTHING;
    this.#overdue = true;
    this.#failed = true;
    // Only what was typed without an Enter still stands there.
    return this.entered ? NOTHING : CLEAR_LINE;
  }

  shown(): Uint8Array {
    if (this.#screen.alternate) return this.#screen.repaint();
    const { row, column } = this.#screen.cursor;
    const drawn = this.#promptBytes ?? encodeUtf8(textBefore(this.#screen, row, column));
    return concatenate(NEW_ROW, drawn);
  }

  /** The rows from where the prompt begins to the cursor say the same as when it began. */
  #asBefore(): boolean {
    const { cursor, modes, alternate } = this.#screen;
    if (alternate || !modes.bracketedPaste || cursor.column !== this.#first.column) return false;
    const height = Math.max(0, Math.min(this.#cursorLine - this.#promptLine, cursor.row));
    for (let i = 0; i <= height; i += 1) {
      const row = this.#first.rows[i];
      if (row !== undefined && looks(row) !== looks(this.#screen.rowText(cursor.row - i)))
        return false;
    }
    return true;
  }

  get #cursorLine(): number {
    return this.#screen.cursor.row + this.#screen.scrolled;
  }

  get #row(): string {
    return this.#screen.rowText(this.#screen.cursor.row).trimEnd();
  }
}

/** What was typed to no effect is not shown: only where the cursor stands now. */
function textBefore(screen: Screen, row: number, column: number): string {
  return Array.from({ length: column }, (_, i) => screen.cell(row, i).text).join("");
}

/** A clock or a counter in the prompt has gone on, and takes the same room. */
function looks(row: string): string {
  return row.trimEnd().replace(/\d/g, "0");
}

const NOTHING = new Uint8Array(0);
const NEW_ROW = encodeUtf8("\r\n");
