import type { Micros } from "../../../kernel/index.js";
import type { LineReading } from "../../../model/index.js";
import type { StreamFacts, StreamOutcome } from "./stream-facts.js";

/** What was understood of one instruction. Texts that are secret are in none of them but `line-held`. */
export type Fact =
  /**
   * A line is about to be entered: its Return waits inside until `releaseLine` or `dropLine`. A hidden
   * one is judged in memory and never told. `unseen`: what it enters can not be known (an older line was
   * called back), and the text is empty; says why.
   */
  | {
      readonly kind: "line-held";
      readonly reading: LineReading;
      readonly at: Micros;
      readonly unseen?: string;
    }
  /** Keys of a stretch that holds nothing secret, in the order of arrival, for the rhythm of the person. */
  | { readonly kind: "keys-timed"; readonly keys: readonly KeyTiming[] }
  /** A combination that does something on a desktop. */
  | { readonly kind: "shortcut"; readonly name: Shortcut; readonly at: Micros }
  /** What was typed so far belongs to what stood in focus before. Typed text that was never entered. */
  | { readonly kind: "focus-changed"; readonly by: FocusChange; readonly at: Micros }
  /** Asked for and judged; `refused` ones have been answered and never pass. */
  | { readonly kind: "stream-opened"; readonly stream: StreamFacts }
  /** The judge wants time: its instructions wait inside until `decideStream`. */
  | { readonly kind: "stream-held"; readonly stream: StreamFacts }
  /** A piece of a file or clipboard, decoded; only where pieces were asked for. The bytes are the taker's. */
  | { readonly kind: "stream-piece"; readonly stream: StreamOrigin; readonly bytes: Uint8Array }
  /** The clipboard may have been pasted where a password is asked for: it is one, then. */
  | { readonly kind: "clipboard-secret" }
  /** Over, one way or the other: told once for each stream that was opened or refused. */
  | {
      readonly kind: "stream-ended";
      readonly stream: StreamFacts;
      readonly outcome: StreamOutcome;
      /** Of a refusal: why, in words for the person. */
      readonly reason?: string;
    }
  /** Movements of the mouse, compact, for later. */
  | { readonly kind: "mouse-moved"; readonly samples: MouseSamples }
  /** Something that was sent is not understood or too much; it was not passed on. */
  | { readonly kind: "refused"; readonly what: Refused; readonly opcode: string };

/** Whose piece it is. */
export type StreamOrigin = Pick<StreamFacts, "id" | "kind" | "direction">;

/** One key in the shape that the detector of rhythms takes. */
export interface KeyTiming {
  /** The character, or a name (`Enter`, `Backspace`, `Ctrl-C`). */
  readonly key: string;
  readonly at: Micros;
  /** When it came up; null while nobody knows. */
  readonly up: Micros | null;
  /** Made by an input method or a program: pressed and released in the same moment. */
  readonly pasted: boolean;
}

export const SHORTCUTS = [
  "copy",
  "cut",
  "paste",
  "select-all",
  "undo",
  "switch-window",
  "run-dialog",
  "lock-screen",
  "start-menu",
  "file-manager",
  "show-desktop",
  "power-menu",
  "close-window",
  "secure-attention",
  "task-manager",
  "run-elevated",
] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export type FocusChange = "mouse" | "shortcut" | "session-start";

export type Refused =
  /** An argument is missing or no number. */
  | "malformed"
  /** Data for a stream or object that is not open. */
  | "unknown-stream"
  /** More streams or objects open than anybody needs. */
  | "too-many-streams"
  /** Base64 that is none. */
  | "bad-base64"
  /** More waits behind a held line than may wait. */
  | "held-too-much"
  /** Policy does not let this kind pass. */
  | "forbidden";

/** Parallel arrays: four numbers a sample instead of an object. */
export interface MouseSamples {
  readonly at: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly buttons: readonly number[];
  /** Movements that were left out because there were too many. */
  readonly dropped: number;
}
