import type { Console } from "./console.js";
import type { ExitCode } from "./exit-code.js";

/** One command of the program, as help, completion and the parser know it. */
export interface Command {
  /** `["rules", "explain"]` */
  readonly words: readonly string[];
  readonly summary: string;
  /** Positional arguments as help shows them: `FILE...`; absent = none are taken. */
  readonly positionals?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Lines for help, below the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** True for one that only the help of its group lists. */
  readonly inGroup?: boolean;
  run(call: CommandCall): Promise<ExitCode>;
}

export interface CommandOption {
  readonly type: "string" | "boolean";
  readonly help: string;
  /** Name of the value in help; only for strings. */
  readonly value?: string;
}

export interface CommandCall {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly console: Console;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A string option, or undefined when it was not given. */
export function textOf(call: CommandCall, option: string): string | undefined {
  const value = call.values[option];
  return typeof value === "string" ? value : undefined;
}

export const CONFIG_OPTION: CommandOption = {
  type: "string",
  value: "FILE",
  help: "the configuration; without it ./chaperone.yaml, ./config/chaperone.yaml, /etc/chaperone/chaperone.yaml, or the one of the package, whichever is there first",
};
