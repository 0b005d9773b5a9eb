import { escapeControls } from "../../kernel/index.js";
import type { InvocationView } from "../matchers/view.js";

/** Longer evidence says no more and fills the events. */
const EVIDENCE_CHARS_MAX = 512;

/** Many rules may speak of one invocation; the key is weak, so nothing of it outlives its line. */
const DESCRIBED = new WeakMap<InvocationView, Map<string | undefined, string>>();

/** For the analyst: the invocation, how it was reached, and which word decided. */
export function describeInvocation(view: InvocationView, arg: string | undefined): string {
  const known = DESCRIBED.get(view) ?? new Map<string | undefined, string>();
  DESCRIBED.set(view, known);
  const text = known.get(arg) ?? describe(view, arg);
  known.set(arg, text);
  return text;
}

function describe(view: InvocationView, arg: string | undefined): string {
  const { invocation } = view;
  const words = invocation.argv.map((word) => (word === null ? "(unknown)" : showWord(word)));
  const redirects = invocation.redirects.map(({ op, target }) => `${op} ${target ?? "(unknown)"}`);
  const assignments = invocation.assignments.map(
    ({ name, value }) => `${name}=${value ?? "(unknown)"}`,
  );
  const text = [...assignments, ...words, ...redirects].join(" ");
  const notes = [
    ...(invocation.via.length > 0 ? [`via ${invocation.via.join(" > ")}`] : []),
    ...(invocation.runas === undefined ? [] : [`as ${invocation.runas}`]),
    ...(invocation.context === "top" ? [] : [`in ${invocation.context}`]),
    ...(invocation.dynamic ? ["guessed"] : []),
    ...(arg === undefined ? [] : [`decided by ${showWord(arg)}`]),
  ];
  const shown = text === "" ? escapeControls(view.line.analysis.line) : escapeControls(text);
  const note = notes.length === 0 ? "" : ` (${escapeControls(notes.join(", "))})`;
  return cut(shown, EVIDENCE_CHARS_MAX) + cut(note, EVIDENCE_CHARS_MAX);
}

export interface MessageParts {
  readonly view: InvocationView;
  readonly arg: string | undefined;
  readonly line: string;
}

/** What stands for `arg` where no pattern asked about words: the first that is no option. */
export function firstOperand({ args }: InvocationView): string | undefined {
  return args.find((word) => word !== null && !word.startsWith("-")) ?? undefined;
}

/** Fills `{arg}`, `{exec}` and `{line}`; control characters can not reach the person's terminal. */
export function fillMessage(template: string, { view, arg, line }: MessageParts): string {
  const values: Readonly<Record<string, string>> = {
    arg: arg ?? firstOperand(view) ?? "",
    exec: view.invocation.exec ?? "",
    line,
  };
  return template.replace(/\{(arg|exec|line)\}/g, (_whole, name: string) =>
    cut(escapeControls(values[name] ?? ""), PLACEHOLDER_CHARS_MAX),
  );
}

/** What fits in a warning of a few terminal rows. */
const PLACEHOLDER_CHARS_MAX = 200;

function showWord(word: string): string {
  return word === "" || /\s/.test(word) ? JSON.stringify(word) : word;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}...`;
}
