import type { CommandContext, CommandSource } from "../events/index.js";

/**
 * What the two witnesses (the keys that were typed, the screen that answered) say about the line
 * that is about to be submitted. Confidence is part of the fact.
 */
export interface LineReading {
  /** The line as the shell will execute it, after history expansion. */
  readonly text: string;
  /** The line as it stands on the screen, when it differs from `text` (history expansion). */
  readonly typed?: string;
  readonly source: Exclude<CommandSource, "exec" | "stdin" | "hook">;
  /** 0..1: of readings with confidence c, at least a share c is exactly what runs. */
  readonly confidence: number;
  /** Every reading that can not be excluded, `text` first; each of them is judged. */
  readonly candidates: readonly string[];
  /** Typed while the echo was off: judged in memory, never told. */
  readonly hidden: boolean;
  /**
   * Set when what runs can not be known from outside (history from before the session, an editor
   * opened on the line): says what, in words for the person.
   */
  readonly unknowable?: string;
  readonly context: CommandContext;
  /** The program that reads this line, when it is not the shell. */
  readonly program?: string;
  /**
   * In a program: the commands that the line makes it run (`:!cmd`, `\\! cmd`); they are among the
   * candidates. Empty in a program that owns the whole screen: what was typed is text, and nothing runs.
   */
  readonly escapes?: readonly string[];
  /**
   * `text` holds the lines before it too, which the shell has asked to go on with: its editor keeps the
   * lines of a command together (fish).
   */
  readonly whole?: true;
  /** Blanks may stand behind it that did not show: they run nothing, but the history keeps them. */
  readonly endUnsure?: true;
  /** Whether the shell will ask for more, where its grammar is not that of the others (fish). */
  readonly asksForMore?: boolean;
  /** `primary`: a new command. `continuation`: the shell asked for more (PS2). */
  readonly prompt: "primary" | "continuation" | "unknown";
}
