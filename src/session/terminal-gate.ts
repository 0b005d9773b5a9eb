import type { LineReading } from "../model/index.js";
import type { KeyRun } from "../terminal/index.js";
import type { Judgement } from "./judgement.js";
import type { Notice } from "./notice.js";

/** What stands between a terminal and the target just now. */
export type Gate =
  | { readonly state: "open" }
  /** Enter is held until the echo has settled. */
  | { readonly state: "settling"; readonly submit: KeyRun }
  /** Enter is held until the person has answered. */
  | { readonly state: "challenged"; readonly submit: KeyRun; readonly held: HeldLine }
  /** The line will be dropped as soon as anything may pass to the target again. */
  | { readonly state: "doomed"; readonly notice: Notice }
  /** The line was interrupted; nothing passes until a fresh prompt shows that it is gone. */
  | { readonly state: "clearing"; readonly interrupts: number }
  /** The person pressed Ctrl-C: readline may lose what comes in the same breath, so it waits a moment. */
  | { readonly state: "pausing" }
  | { readonly state: "closed" };

export interface HeldLine {
  readonly reading: LineReading;
  readonly judgement: Judgement;
}

/**
 * readline can take an interrupt between two looks at its signals: it shows ^C and drops the line only
 * with the next key. So the interrupt is repeated; at a prompt that shows already it does nothing.
 */
export const INTERRUPT_AGAIN_MS = 800;
/** A shell that shows no prompt after so many interrupts did not drop the line. */
export const INTERRUPTS_MAX = 5;
/** A prompt comes within milliseconds of Ctrl-C; a program that shows none is not kept waiting. */
export const INTERRUPT_PAUSE_MS = 100;

/** Not stopped whatever the person answers. */
export function runs({ line, session }: Judgement): boolean {
  return line !== "block" && session === "none";
}

/** What a program reads is no command of the shell, and what was typed unseen is nobody's business. */
export function isCommand({ hidden, context }: LineReading): boolean {
  return !hidden && context !== "program";
}

/** Ctrl-D ends a here-document, and with it the command: it is judged like Enter. */
export function asEnding(run: KeyRun): KeyRun {
  if (run.kind !== "control" || run.bytes[0] !== END_OF_INPUT) return run;
  return { kind: "submit", bytes: run.bytes, form: "eof" };
}

const END_OF_INPUT = 0x04;

/**
 * Alt-Enter and its kin are Escape and a key in one breath, or a sequence that begins with it: an editor
 * that waits only moments for the next byte (fish, 30 ms) would take them for two while the line is held.
 * `unsent`: what ends with the run.
 */
export function withEscape(run: KeyRun, unsent: Uint8Array): KeyRun {
  if (run.kind === "submit" && run.form === "keypad") {
    const begin = unsent.lastIndexOf(ESCAPE);
    return begin < 0 ? run : { ...run, bytes: unsent.slice(begin) };
  }
  const before = unsent.length - run.bytes.length - 1;
  return before >= 0 && unsent[before] === ESCAPE ? { ...run, bytes: unsent.slice(before) } : run;
}

const ESCAPE = 0x1b;

/** A program started by exec owns the terminal from the start: nothing was submitted for it. */
export const NO_SUBMIT: KeyRun = { kind: "submit", bytes: new Uint8Array(0), form: "cr" };
