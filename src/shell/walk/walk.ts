import type { Invocation, Redirect } from "../../model/index.js";
import { INVOCATIONS_MAX, LOOP_ROUNDS_MAX, PARSED_CHARS_MAX, SCRIPT_DEPTH_MAX } from "../limits.js";
import { deletionsOf } from "../effects/deletions.js";
import { parseScript, type ParsedScript, type Word } from "../syntax/parse-script.js";
import type { Text } from "../words/text.js";
import type { Input, Output } from "./output.js";
import type { Scope } from "./scope.js";

/**
 * An invocation that a `cd` earlier in the line has moved: it runs in `cwd`; null when where to can
 * not be known. Absent where the line has not moved.
 */
export interface LocatedInvocation extends Invocation {
  readonly cwd?: string | null;
}

/** An invocation while its neighbours are still being found. */
export type Draft = { -readonly [K in keyof LocatedInvocation]: LocatedInvocation[K] };

/** One element of a pipeline: everything started in it shares its neighbours. */
export interface Stage {
  readonly from: number | undefined;
  readonly members: Draft[];
}

/** Where in the line the walk stands. */
export interface Frame {
  readonly scope: Scope;
  /** The text that node positions of this script count in. */
  readonly source: string;
  readonly via: readonly string[];
  readonly runas: string | undefined;
  readonly context: Invocation["context"];
  readonly stage: Stage | undefined;
  /** Standard input, when something feeds it; undefined means the terminal. */
  readonly stdin: Input | undefined;
  /** Where standard output goes, when something reads it; undefined means the terminal. */
  readonly out: Output | undefined;
  readonly depth: number;
  /** Aliases being expanded: bash does not expand one inside itself. */
  readonly aliasing: readonly string[];
  /** Certain enough to start from, not certain to be what runs. */
  readonly doubtful: boolean;
}

/** What the start of a program needs to know beside its words. */
export interface StartFacts {
  readonly frame: Frame;
  readonly assignments: Invocation["assignments"];
  readonly redirects: readonly Redirect[];
  /** Constant output of the process substitutions among the words, in order. */
  readonly processes: readonly Text[];
}

/** The state of one analysis: what was found and what it may still cost. */
export interface Walk {
  readonly found: Draft[];
  readonly budget: { rounds: number; parsed: number };
  /** The first reason why the line is not fully understood. */
  trouble: string | undefined;
  /** Texts that a program which is not known here may run as commands. */
  readonly suspicions: { readonly text: string; readonly frame: Frame }[];
  /** Walks text as a script: the door through which wrappers, aliases and functions come back. */
  runText(text: string, frame: Frame): void;
  /** Walks a script that stands inside the text of the frame. */
  runScript(script: ParsedScript, frame: Frame): void;
}

export function createWalk(
  runScript: (walk: Walk, script: ParsedScript, frame: Frame) => void,
): Walk {
  const walk: Walk = {
    found: [],
    budget: { rounds: LOOP_ROUNDS_MAX, parsed: PARSED_CHARS_MAX },
    trouble: undefined,
    suspicions: [],
    runScript: (script, frame) => runScript(walk, script, frame),
    runText(text, frame) {
      if (frame.depth >= SCRIPT_DEPTH_MAX) {
        giveUp(walk, `scripts nested deeper than ${SCRIPT_DEPTH_MAX}`);
        return;
      }
      const script = parseAgain(walk, text);
      if (script === null) return;
      runScript(walk, script, { ...frame, source: text, depth: frame.depth + 1 });
    },
  };
  return walk;
}

/** Parses text that the line carries inside; its errors are errors of the line. */
function parseAgain(walk: Walk, text: string): ParsedScript | null {
  walk.budget.parsed -= text.length;
  if (walk.budget.parsed < 0) {
    giveUp(walk, `more than ${PARSED_CHARS_MAX} characters to parse`);
    return null;
  }
  const parsed = parseScript(text);
  if (!parsed.ok) {
    giveUp(walk, parsed.reason);
    return null;
  }
  if (parsed.errors[0] !== undefined) giveUp(walk, `inside: ${parsed.errors[0].message}`);
  return parsed.script;
}

export function parseOneWord(walk: Walk, text: string): Word | null {
  const command = parseAgain(walk, `: ${text}`)?.commands[0]?.command;
  const word = command?.type === "Command" ? command.suffix[0] : undefined;
  return word?.type === "Word" ? word : null;
}

/** Keeps the first reason. */
export function giveUp(walk: Walk, reason: string): void {
  walk.trouble ??= reason;
}

/** Takes a new invocation into the result; null when the line starts more than is followed. */
export function addInvocation(walk: Walk, draft: Draft, frame: Frame): boolean {
  const deletes = deletionsOf(draft.exec, draft.argv);
  if (deletes !== undefined) draft.deletes = deletes;
  if (walk.found.length >= INVOCATIONS_MAX) {
    giveUp(walk, `more than ${INVOCATIONS_MAX} commands`);
    return false;
  }
  if (frame.stage !== undefined) {
    if (frame.stage.from !== undefined) draft.pipeFrom = frame.stage.from;
    frame.stage.members.push(draft);
  }
  walk.found.push(draft);
  return true;
}
