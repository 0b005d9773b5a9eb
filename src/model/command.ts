/** One program start that a command line leads to, wrappers already unwrapped. */
export interface Invocation {
  /** Static value of every word; a word that can not be known is `null`. */
  readonly argv: readonly (string | null)[];
  /** Command name without directory; null when dynamic. */
  readonly exec: string | null;
  /** As written, when it has a directory: `/bin/rm`. */
  readonly path?: string;
  /** Wrappers from outermost to innermost: `["sudo", "env"]`. */
  readonly via: readonly string[];
  /** Account that a wrapper (sudo, su, doas, runuser) switches to. */
  readonly runas?: string;
  readonly redirects: readonly Redirect[];
  /** Index into `Analysis.invocations` of the neighbours in the same pipeline. */
  readonly pipeFrom?: number;
  readonly pipeTo?: number;
  /** Where it stands: at the top of the line or inside something. */
  readonly context:
    "top" | "substitution" | "subshell" | "function" | "loop" | "script" | "interpreter";
  /** `NAME=value` before the command. */
  readonly assignments: readonly { readonly name: string; readonly value: string | null }[];
  /** Text fed on stdin by a here-document, here-string or constant pipeline, when known. */
  readonly stdin?: string;
  /** True when the command word or something that decides what runs is unknown. */
  readonly dynamic: boolean;
  /** What it removes by itself, whatever the program or its language; absent: nothing known. */
  readonly deletes?: readonly Deletion[];
}

/** A path that a command removes; null when it can not be known. */
export interface Deletion {
  readonly path: string | null;
  /** What lies below goes too. */
  readonly recursive: boolean;
}

export interface Redirect {
  readonly op: string;
  readonly target: string | null;
}

/** What a command line will execute, as far as it can be known statically. */
export interface Analysis {
  readonly line: string;
  readonly invocations: readonly Invocation[];
  /** False while the shell would ask for more (open quote, here-document, trailing backslash). */
  readonly complete: boolean;
  /** Why the line could not be (fully) parsed; enforcing rules then look at `tokens` and the raw text. */
  readonly unparsed?: string;
  /** Words found by a linear scan; filled only when `unparsed` is set. */
  readonly tokens: readonly string[];
  /**
   * What programs that are not known here might start with their words or what they are fed. Nothing says
   * that they do: rules suspect by it, none hits by it. Absent where there is none.
   */
  readonly supposed?: readonly Invocation[];
}
