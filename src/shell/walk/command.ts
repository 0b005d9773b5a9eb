import { constantOutput } from "../fold/output.js";
import { VALUE_CHARS_MAX } from "../limits.js";
import type { Assignment, Command } from "../syntax/parse-script.js";
import { evaluateText, evaluateWord } from "../words/evaluate.js";
import { guessed, UNKNOWN, valueOf, type Field, type Text } from "../words/text.js";
import { readRedirects } from "./redirects.js";
import { isArray, readVariable, setVariable, type Scope } from "./scope.js";
import { bareStart, start } from "./start.js";
import type { Frame, StartFacts, Walk } from "./walk.js";
import { createGathering, type Gathering } from "./words-of.js";

export interface CommandCase {
  readonly frame: Frame;
  /** Walks the substitutions found in words; handed in, because they contain scripts again. */
  readonly walkGathered: (walk: Walk, gathering: Gathering, frame: Frame, fed?: Text) => void;
}

/** One simple command: assignments, words, redirects; then whatever it starts. */
export function walkCommand(walk: Walk, node: Command, { frame, walkGathered }: CommandCase): void {
  const { scope } = frame;
  if (expandAlias(walk, node, frame)) return;
  const gathering = createGathering(walk, scope);
  const assignments = readAssignments(node, gathering);
  const fields: Field[] = node.name === undefined ? [] : evaluateWord(node.name, gathering);
  for (const argument of node.args) {
    if (argument.type === "Word") fields.push(...evaluateWord(argument, gathering));
    else fields.push(argumentAssignment(argument, gathering));
  }
  const { redirects, stdin } = readRedirects(node.redirects, gathering);
  const facts: StartFacts = {
    frame,
    assignments: assignments.map(({ name, value }) => ({
      name,
      value: isArray(value) ? null : valueOf(value),
    })),
    redirects,
    stdin: stdin ?? frame.stdin,
    processes: gathering.processes.map((one) => one.output),
  };
  if (fields.length === 0) {
    for (const { name, value } of assignments) setVariable(scope, name, value);
    bareStart(walk, facts);
  } else start(walk, fields, facts);
  if (gathering.substitutions.length > 0 || gathering.processes.length > 0)
    walkGathered(walk, gathering, frame, fedBy(fields, facts.stdin));
}

/** What `>(...)` reads: the command's output if it is constant, else what went in; never certain. */
function fedBy(fields: readonly Field[], stdin: Text | undefined): Text {
  const argv = fields.map((one) => one.text);
  return guessed(constantOutput(argv, stdin?.text ?? null) ?? stdin?.text ?? "");
}

interface AssignmentValue {
  readonly name: string;
  readonly value: Text | readonly Text[];
}

function readAssignments(node: Command, gathering: Gathering): AssignmentValue[] {
  if (node.prefix.length === 0) return [];
  const out: AssignmentValue[] = [];
  for (const prefix of node.prefix) {
    if (prefix.type === "Assignment")
      out.push({ name: prefix.name, value: assignedValue(prefix, gathering) });
  }
  return out;
}

function assignedValue(node: Assignment, gathering: Gathering): Text | readonly Text[] {
  // A subscript is expanded too: what it substitutes runs.
  if (node.index !== undefined) evaluateText(node.index, gathering);
  const before = readVariable(gathering.scope, node.name);
  if (node.value.type === "ArrayValue") {
    const values = node.value.elements.flatMap((word) => evaluateWord(word, gathering));
    return node.append === true && isArray(before) ? [...before, ...values] : values;
  }
  const value = evaluateText(node.value, gathering);
  if (node.index !== undefined) return withElement(before, node, value);
  if (node.append !== true) return value;
  const start = isArray(before) ? (before[0] ?? UNKNOWN) : before;
  if (start.text.length + value.text.length > VALUE_CHARS_MAX) return UNKNOWN;
  return { text: start.text + value.text, known: start.known && value.known };
}

function withElement(
  before: Text | readonly Text[],
  node: Assignment,
  value: Text,
): readonly Text[] {
  const values = isArray(before) ? [...before] : [];
  const index = Number(node.index?.text ?? "");
  if (!Number.isInteger(index) || index < 0 || index > values.length) return [...values, UNKNOWN];
  values[index] = value;
  return values;
}

/** `export NAME=value`, `alias ll='ls -l'`: the words of declaration commands. */
function argumentAssignment(node: Assignment, gathering: Gathering): Field {
  if (node.value.type !== "Word") return { ...UNKNOWN, glob: false };
  const value = evaluateText(node.value, gathering);
  const name = node.text.slice(0, node.value.pos - node.pos);
  return { text: name + value.text, known: value.known, glob: false };
}

/**
 * An alias of the session replaces the word and the line is read again. The word as it is written is
 * judged as well: what we remember may be the alias of another shell, and nothing may hide behind it.
 */
function expandAlias(walk: Walk, node: Command, frame: Frame): boolean {
  const name = node.name;
  if (name === undefined || name.text !== name.value) return false;
  const text = aliasText(frame.scope, name.value);
  if (text === undefined || frame.aliasing.includes(name.value)) return false;
  const rest = frame.source.slice(name.end, node.end);
  const aliasing = [...frame.aliasing, name.value];
  const redirected = node.redirects.some((redirect) => redirect.type === "HereDoc");
  walk.runText(text + (redirected ? wordsOnly(node, frame.source) : rest), { ...frame, aliasing });
  return firstWord(text) === name.value;
}

/** The text of a here-document stands behind the command: only the words are read again. */
function wordsOnly(node: Command, source: string): string {
  return node.args.map((argument) => ` ${source.slice(argument.pos, argument.end)}`).join("");
}

function firstWord(text: string): string {
  return /^\s*([^\s;&|]+)/.exec(text)?.[1] ?? "";
}

export function aliasText(scope: Scope, name: string): string | undefined {
  const own = scope.aliases.get(name);
  if (own !== undefined) return own ?? undefined;
  return scope.knowledge.aliases?.get(name);
}
