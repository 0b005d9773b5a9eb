import type { Invocation, Redirect } from "../../model/index.js";

/** A word of a command line of Windows. */
export interface ShellWord {
  /** Its value, quotes and escapes applied; null when it holds what only the shell knows. */
  readonly value: string | null;
  /** As it stands there, quotes kept: what a program gets that reads its line by itself. */
  readonly kept: string;
  /** It was written without quotes: only such a word can be an option or a keyword. */
  readonly bare: boolean;
}

export interface ParsedCommand {
  readonly words: readonly ShellWord[];
  readonly redirects: readonly Redirect[];
  readonly context: Invocation["context"];
  /** Commands with the same number are stages of one pipeline. */
  readonly pipeline: number;
}

/** A text inside a command that is a script of the same shell: a block, a subexpression. */
export interface NestedScript {
  readonly text: string;
  readonly context: Invocation["context"];
}

export interface ParsedLine {
  readonly commands: readonly ParsedCommand[];
  readonly nested: readonly NestedScript[];
  /** False while the shell would ask for more. */
  readonly complete: boolean;
  /** What is not understood, in a few words. */
  readonly trouble?: string;
}

/** Variables whose value is the same on nearly every Windows; names in lower case. */
export const KNOWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ["comspec", String.raw`C:\Windows\System32\cmd.exe`],
  ["systemroot", String.raw`C:\Windows`],
  ["windir", String.raw`C:\Windows`],
  ["systemdrive", "C:"],
  ["programfiles", String.raw`C:\Program Files`],
  ["programdata", String.raw`C:\ProgramData`],
  ["public", String.raw`C:\Users\Public`],
]);
