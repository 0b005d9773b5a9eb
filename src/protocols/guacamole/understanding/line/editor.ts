import type { Stroke } from "../keys/key-reader.js";
import type { EditedText } from "./edited-text.js";

/**
 * How the program in focus edits a line. Which one it is can not be seen from outside, so the line is
 * edited in all ways at once and every text that differs is a reading.
 */
export interface Editor {
  readonly dialect: Dialect;
  readonly edited: EditedText;
  /** Null: the key does nothing to the line that is known. */
  press(stroke: Stroke): EditEffect | null;
  /** Another one that stands where this one does. */
  fork(): Editor;
}

export const DIALECTS = ["readline", "windows"] as const;
export type Dialect = (typeof DIALECTS)[number];

export interface EditEffect {
  /** The key is an editing key of this dialect alone: whoever presses it expects that dialect. */
  readonly telling?: true;
  /** The line is given up: a new one begins. */
  readonly cleared?: true;
  /** What stands in the line now is not known from the keys. */
  readonly doubt?: Doubt;
  /** An older line of the history (-1) or a newer one (+1) is asked for. */
  readonly recall?: -1 | 1;
}

/** Why the keys alone do not tell what stands in the line. */
export type Doubt =
  | "completion"
  | "history"
  | "search"
  | "undo"
  | "overwrite"
  | "pasted-unknown"
  | "click"
  | "focus"
  | "gated";

export const DONE: EditEffect = {};
