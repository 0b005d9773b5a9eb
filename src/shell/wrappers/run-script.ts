import { restOf, type Input } from "../walk/output.js";
import { distrust, enterProcess, type Scope } from "../walk/scope.js";
import { addInvocation, type Draft, type Frame, type StartFacts, type Walk } from "../walk/walk.js";
import { joinTexts, UNKNOWN, type Field, type Text } from "../words/text.js";

/** A program start that is being looked into. */
export interface Unwrapping {
  readonly draft: Draft;
  /** The invocation's words, the name first. */
  readonly fields: readonly Field[];
  readonly facts: StartFacts;
  /** Notes a further invocation with everything it starts. */
  readonly start: (walk: Walk, fields: readonly Field[], facts: StartFacts) => void;
}

/** What the program starts, seen from inside of it. */
export function inside({ draft, facts }: Unwrapping, change: Partial<Frame> = {}): StartFacts {
  const { frame } = facts;
  const via = draft.exec === null ? frame.via : [...frame.via, draft.exec];
  return {
    frame: { ...frame, via, ...change },
    assignments: [],
    redirects: [],
    processes: facts.processes,
  };
}

/** What a carrier starts has nothing to do with the pipeline that the program stands in. */
export function quiet(given: Unwrapping): Partial<Frame> {
  const context = given.facts.frame.context === "interpreter" ? "interpreter" : "script";
  return { stage: undefined, stdin: undefined, out: undefined, context };
}

/** What runs is not in the line: an invocation without a name says so. */
export function runUnknown(walk: Walk, given: Unwrapping, change: Partial<Frame> = {}): void {
  const { frame } = inside(given, change);
  const draft: Draft = {
    argv: [null],
    exec: null,
    via: frame.via,
    redirects: [],
    context: "script",
    assignments: [],
    dynamic: true,
  };
  if (frame.runas !== undefined) draft.runas = frame.runas;
  addInvocation(walk, draft, frame);
}

/** Shell text that the program runs; without a scope of its own, in a new process. */
export function runScriptText(
  walk: Walk,
  text: Text,
  given: Unwrapping,
  change: Partial<Frame> = {},
): void {
  const { frame } = inside(given, change);
  const scope = change.scope ?? enterProcess(frame.scope);
  if (!text.known) {
    runUnknown(walk, given, change);
    if (change.scope === given.facts.frame.scope) distrust(change.scope);
  }
  if (text.text.trim() === "") return;
  const context = change.context ?? "script";
  const doubtful = frame.doubtful || !text.known;
  walk.runText(text.text, { ...frame, scope, context, doubtful });
}

/** A shell that reads its commands from a pipe, a here-document or a here-string. */
export function runStdin(walk: Walk, given: Unwrapping, change: Partial<Frame> = {}): boolean {
  const { frame } = given.facts;
  if (frame.stdin !== undefined) {
    runScriptText(walk, stdinText(frame.stdin), given, { ...change, stdin: undefined });
    return true;
  }
  if (frame.stage?.from !== undefined) runUnknown(walk, given, change);
  else enterShell(given, change);
  return frame.stage?.from !== undefined;
}

/** A shell that reads what is typed behind the line: its own knowledge begins where this one stands. */
export function enterShell({ draft, facts }: Unwrapping, change: Partial<Frame> = {}): void {
  const name = draft.exec ?? "";
  const { frame } = facts;
  if (READING_OTHERWISE.has(name) || frame.via.includes("exec")) return;
  const elsewhere = [name, ...frame.via].some((one) => ELSEWHERE.has(one));
  const moved = change.scope?.links === frame.scope.links ? undefined : change.scope;
  frame.scope.door.entered = { scope: moved ?? frame.scope, elsewhere };
}

/** They take lines, but not as the shell of the session. */
const READING_OTHERWISE = new Set(["exec", "at", "batch", "parallel", "xargs"]);
/** What is typed behind them is read on another machine, or in another tree of files. */
const ELSEWHERE = new Set(
  "ssh autossh slogin dbclient mosh rsh remsh sshpass docker podman nerdctl kubectl oc k3s lxc incus chroot machinectl vagrant multipass nsenter lxc-attach proot systemd-nspawn".split(
    " ",
  ),
);

/** Text of standard input, and that it is not known where it is not. */
export function stdinText(stdin: Input | undefined): Text {
  return stdin === undefined ? UNKNOWN : restOf(stdin);
}

export function joinFields(fields: readonly Field[]): Text {
  return joinTexts(fields, " ");
}

/** The words of a command as shell text that means exactly them. */
export function quoteFields(fields: readonly Field[]): Text {
  const texts = fields.map((one) => ({ ...one, text: quote(one.text) }));
  return joinTexts(texts, " ");
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The value of an option at a place among the words: attached, behind `=`, or the next word. */
export function optionValue(
  options: readonly string[],
  words: readonly Field[],
  i: number,
): Field | undefined {
  const word = words[i];
  if (word === undefined) return undefined;
  for (const option of options) {
    if (word.text === option) return words[i + 1];
    const attached = option.startsWith("--") ? `${option}=` : option;
    if (word.text.length > attached.length && word.text.startsWith(attached))
      return { ...word, text: word.text.slice(attached.length) };
  }
  return undefined;
}

/** The scope of a script that is started with these arguments. */
export function scriptScope(scope: Scope, positional: readonly Text[]): Scope {
  const inner = enterProcess(scope);
  inner.positional = positional;
  return inner;
}
