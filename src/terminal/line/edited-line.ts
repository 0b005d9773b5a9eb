import type { Key } from "../keys/index.js";
import type { Dialect } from "./dialect.js";
import type { EditBuffer } from "./edit-buffer.js";
import type { Searching } from "./search-keys.js";

/**
 * How much the model's text is worth. `exact`: every key of the line had one known meaning.
 * `guess`: known if the shell's history is what we think, or read from the screen. `unclear`: the
 * target did something to the line that keys do not tell.
 */
export type Trust = "exact" | "guess" | "unclear";

/** Witness K: the shell's emacs editor as it ships, fed with keys. */
export interface LineEditor {
  readonly buffer: EditBuffer;
  readonly trust: Trust;
  /** Characters typed since the last thing that could change the line unseen: a lower bound. */
  readonly typed: string;
  /** No blanks stand at its end but those of `buffer`: the screen does not show any behind its cursor. */
  readonly endKnown: boolean;
  /** The line outgrew what is kept: its text is only a beginning. */
  readonly overflowed: boolean;
  /** Enter ends a search here instead of running a line. */
  readonly searching: Searching;
  /** The next key is the character to go to. */
  readonly takesNext: boolean;
  /** A search on this line met characters that readline then draws wrongly at times. */
  readonly misdrawn: boolean;
  /** The line came from the history, and was read with doubt there if it is unclear. */
  readonly brought: boolean;
  /** What the line was when it was known last. */
  readonly textAtDoubt: string;
  /**
   * What was known of the line into which its editor then put something (`completed`: completions alone);
   * null: nothing is known of it.
   */
  readonly frame: { readonly text: string; readonly completed: boolean } | null;
  /** What an incremental search looks for. */
  readonly pattern: string;
  /** The line that an incremental search stands at, as the history tells it; null: only the screen does. */
  readonly searched: string | null;
  press(key: Key): void;
  /** The screen told what the line is. */
  seed(text: string, point: number): void;
  doubt(): void;
  /** What was typed so far came behind this. */
  goOnFrom(before: string): void;
  /** What was typed so far came behind a line that only the screen tells. */
  goOn(): void;
  /** The line before ran after all: what was typed stands for itself. */
  standAlone(): void;
  /** A new line begins; kills, macro and history stay. */
  newLine(): void;
}

/** What the editor's owner knows of the shell. */
export interface ShellFacts {
  readonly dialect: () => Dialect;
  /** It shows, or may show, how the line could go on. */
  readonly suggested: () => boolean;
}

/** A longer line is not typed by a person; it is not kept, and whoever judges is told so. */
export const LINE_CHARACTERS_MAX = 16 * 1024;
