import { VALUE_CHARS_MAX, WORDS_MAX } from "../limits.js";
import type { Assignment, Command } from "../syntax/parse-script.js";
import { evaluateText, evaluateWord } from "../words/evaluate.js";
import {
  fieldOf,
  isLikely,
  known,
  PROBABLY_EMPTY,
  UNKNOWN,
  unsure,
  valueOf,
  weigh,
  type Field,
  type Text,
} from "../words/text.js";
import { SHELLS } from "../wrappers/table.js";
import { expandAlias } from "./aliases.js";
import { copyFile, programAt, writeFile } from "./files.js";
import { createGathering, feedProcesses, type Gathering } from "./gathering.js";
import { createOutput, restOf, textOf, write } from "./output.js";
import { passOn, readRedirects, settleSink, type ReadRedirects } from "./redirects.js";
import {
  assignVariable,
  copyScope,
  isArray,
  exportName,
  locate,
  openDescriptor,
  readVariable,
  setVariable,
  shaped,
  type Scope,
  type Variable,
} from "./scope.js";
import { bareStart, start } from "./start.js";
import { giveUp, type Frame, type StartFacts, type Walk } from "./walk.js";

/** One simple command: assignments, words, redirects; then whatever it starts. */
export function walkCommand(walk: Walk, node: Command, given: Frame): void {
  const alias = expandAlias(walk, node, given);
  if (alias === "instead") return;
  // The word as it is written is judged too, but it is the alias that writes.
  const frame = alias === "besides" ? { ...given, out: undefined } : given;
  const gathering = createGathering(walk, frame);
  const { assigned, fields } = readWords(node, gathering);
  const io = readRedirects(node.redirects, gathering);
  const out = listens(io, gathering) ? createOutput() : frame.out;
  const plain = out === frame.out && io.stdin === undefined;
  const facts: StartFacts = {
    frame: plain ? frame : { ...frame, out, stdin: io.stdin ?? frame.stdin },
    assignments: assigned.map(({ name, value }) => ({
      name,
      value: isArray(value) ? null : valueOf(value),
    })),
    redirects: io.redirects,
    processes: gathering.processes.map((one) => one.output),
  };
  for (const { fd, path } of io.others)
    openDescriptor(frame.scope, fd, { path: locate(frame.scope, path.text) });
  if (fields.length === 0) assignOnly(walk, assigned, { facts, io });
  else {
    const stays = assigned.length > 0 && startsShell(fields, facts);
    withAssignments(frame.scope, assigned, { stays, run: () => start(walk, fields, facts) });
    startWhole(walk, { node, fields, facts });
  }
  noteLastWord(fields, frame.scope);
  if (out === frame.out || out === undefined) return;
  if (isBareExec(fields)) redirectShell(io.sink, frame.scope);
  else settleSink(io.sink, out, frame.scope);
  if (io.sink?.type === "file" && !io.sink.append) copyShown(fields, io.sink.path, frame.scope);
  feedProcesses(gathering, unsure(textOf(out)));
  if (io.sink === undefined) passOn(out, frame.out);
}

/** The words of a command, expanded: assignments in front, then its name and arguments. */
function readWords(
  node: Command,
  gathering: Gathering,
): { readonly assigned: readonly AssignmentValue[]; readonly fields: readonly Field[] } {
  const assigned = node.prefix.length === 0 ? [] : readAssignments(node, gathering);
  const name = node.name === undefined ? [] : evaluateWord(node.name, gathering);
  // The parser takes the process substitution of `ENV=<(...)` for the name of the command.
  const last = isAssignedProcess(node) ? assigned.at(-1) : undefined;
  if (last !== undefined) assigned[assigned.length - 1] = { ...last, value: name[0] ?? UNKNOWN };
  const fields: Field[] = last === undefined ? name : [];
  let end = -1;
  for (const argument of node.args) {
    const own =
      argument.type === "Word"
        ? evaluateWord(argument, gathering)
        : argumentAssignment(argument, gathering);
    const last = fields.at(-1);
    const [only] = own;
    // The parser cuts `--file=<(...)` in two.
    if (argument.pos === end && last !== undefined && only !== undefined && own.length === 1)
      fields[fields.length - 1] = fieldOf(weigh(last.text + only.text, [last, only]));
    else fields.push(...own);
    end = argument.end;
  }
  if (fields.length > WORDS_MAX) giveUp(gathering.walk, `more than ${WORDS_MAX} words`);
  return { assigned, fields: fields.length > WORDS_MAX ? fields.slice(0, WORDS_MAX) : fields };
}

function isBareExec(fields: readonly Field[]): boolean {
  return fields.length === 1 && fields[0]?.text === "exec";
}

/** `exec > f`: from now on what the shell writes goes there; to another place, and no longer. */
function redirectShell(sink: ReadRedirects["sink"], scope: Scope): void {
  if (sink?.type !== "file") {
    scope.descriptors = new Map([...scope.descriptors].filter(([fd]) => fd !== 1));
    return;
  }
  openDescriptor(scope, 1, { path: locate(scope, sink.path.text) });
  if (!sink.append) writeFile(scope, sink.path, known(""), false);
}

const SHOWERS: ReadonlySet<string> = new Set("cat head tail pv dd tac cp".split(" "));

/** `cat /bin/rm > x`: x is the same program then. */
function copyShown(fields: readonly Field[], to: Text, scope: Scope): void {
  const last = fields.at(-1);
  if (last === undefined || !SHOWERS.has(fields[0]?.text ?? "")) return;
  const from = last.text.replace(/^if=/, "");
  if (programAt(from) !== undefined) copyFile(scope, { ...last, text: from }, to);
}

/**
 * zsh puts all elements of an array where bash puts the first, and zsh and fish one where bash puts the
 * first and `[n]`: that it is one of them can not be seen.
 */
function startWhole(
  walk: Walk,
  { node, fields, facts }: { node: Command; fields: readonly Field[]; facts: StartFacts },
): void {
  const { frame } = facts;
  const words = [...(node.name === undefined ? [] : [node.name]), ...node.args];
  if (words.length > fields.length) return;
  const elements = words.map((word) =>
    word.type === "Word" ? elementsMeant(word.text, frame.scope) : null,
  );
  if (elements.every((one) => one === null)) return;
  const whole = fields.flatMap(
    (one, i): readonly Field[] =>
      elements[i]?.map((text) => ({ ...fieldOf(unsure(text)) })) ?? [one],
  );
  const scope = copyScope(frame.scope);
  start(walk, whole.slice(0, WORDS_MAX), { ...facts, frame: { ...frame, scope, out: undefined } });
}

function elementsMeant(text: string, scope: Scope): readonly Text[] | null {
  const [, name, index] = /^"?\$\{?(\w+)(?:\[(-?\w+)\])?\}?"?$/.exec(text) ?? [];
  if (name === undefined) return null;
  const value = name === "argv" ? (scope.positional ?? UNKNOWN) : readVariable(scope, name);
  if (!isArray(value)) return null;
  if (index === undefined) return value.length > 1 ? value : null;
  if (text.includes("{")) return null;
  const place = Number(index);
  // A key of zsh's, which stands in front of its value.
  const found = Number.isInteger(place)
    ? value.at(place > 0 ? place - 1 : place)
    : value[value.findIndex((one, i) => i % 2 === 0 && one.text === index) + 1];
  return found === undefined ? null : [found];
}

function listens(io: ReadRedirects, gathering: Gathering): boolean {
  return io.sink !== undefined || gathering.processes.some((one) => one.direction === ">");
}

/** Only assignments or redirects: `x=rm`, `$(< file)`, `> file`. */
function assignOnly(
  walk: Walk,
  assigned: readonly AssignmentValue[],
  { facts, io }: { facts: StartFacts; io: ReadRedirects },
): void {
  const { scope, out } = facts.frame;
  // Those behind a process substitution, which the parser takes for the name of a command.
  for (const { name, value } of assigned) {
    if (scope.variables.get(name) !== value) assign(scope, name, value);
  }
  bareStart(walk, facts);
  if (io.stdin !== undefined) write(out, restOf(io.stdin));
}

function assign(scope: Scope, name: string, value: Variable): void {
  assignVariable(scope, name, value);
  if (name.startsWith("BASH_ALIASES[") && !isArray(value) && isLikely(value))
    scope.aliases.set(name.slice("BASH_ALIASES[".length, -1), value.text);
}

/** `x=rm sh -c '$x'`: set while the command runs, and exported to it. */
function withAssignments(
  scope: Scope,
  assigned: readonly AssignmentValue[],
  { stays, run }: { readonly stays: boolean; readonly run: () => void },
): void {
  if (assigned.length === 0) {
    run();
    return;
  }
  const before = assigned.map(({ name }) => scope.variables.get(name));
  const { exported } = scope;
  for (const { name, value } of assigned) {
    setVariable(scope, name, value);
    exportName(scope, name);
  }
  run();
  scope.exported = exported;
  assigned.forEach(({ name, value }, i) => {
    const old = before[i];
    // The shell that is started here is the one that is typed into next.
    if (stays) setVariable(scope, name, isArray(value) ? value.map(unsure) : unsure(value));
    else if (old === undefined) scope.variables.delete(name);
    else scope.variables.set(name, old);
  });
}

/** `bash`, `exec zsh -l`, `sudo -E bash`: what is typed next is read by it. */
function startsShell(fields: readonly Field[], { frame }: StartFacts): boolean {
  if (frame.stdin !== undefined || frame.stage !== undefined) return false;
  const last = fields.findLast((one) => !one.text.startsWith("-"))?.text ?? "";
  return SHELLS.has(last.slice(last.lastIndexOf("/") + 1));
}

/** `$_` is the last word of the command before. */
function noteLastWord(fields: readonly Field[], scope: Scope): void {
  const last = fields.at(-1);
  if (last !== undefined) scope.lastWord = unsure(last);
}

interface AssignmentValue {
  readonly name: string;
  readonly value: Variable;
}

function isAssignedProcess({ prefix, name }: Command): boolean {
  const last = prefix.at(-1);
  return name !== undefined && last?.type === "Assignment" && last.end === name.pos;
}

function readAssignments(node: Command, gathering: Gathering): AssignmentValue[] {
  const out: AssignmentValue[] = [];
  for (const prefix of node.prefix) {
    if (prefix.type !== "Assignment") continue;
    const values = assignedValues(prefix, gathering);
    out.push(...values);
    // `a=r b=${a}m`: each sees the one before. In front of a command they are set while it runs.
    if (node.name === undefined)
      for (const { name, value } of values) assign(gathering.scope, name, value);
  }
  return out;
}

function assignedValues(node: Assignment, gathering: Gathering): readonly AssignmentValue[] {
  const { name } = node;
  // A subscript is expanded too: what it substitutes runs.
  const index = node.index === undefined ? undefined : evaluateText(node.index, gathering);
  const before = readVariable(gathering.scope, name);
  if (node.value.type === "ArrayValue") return arrayValues(node, before, gathering);
  // `c="$c more"`: what was not set before is most likely empty.
  const fresh = !isArray(before) && !before.known && before.text === "" && before.likely !== true;
  if (fresh && new RegExp(`\\$\\{?${name}\\b`).test(node.value.text))
    setVariable(gathering.scope, name, PROBABLY_EMPTY);
  const value = evaluateText(node.value, gathering);
  if (index !== undefined) return [elementOf(name, index, { before, value })];
  if (node.append !== true) return [{ name, value: shaped(gathering.scope, name, value) }];
  const start = isArray(before) ? (before[0] ?? UNKNOWN) : before;
  if (start.text.length + value.text.length > VALUE_CHARS_MAX) return [{ name, value: UNKNOWN }];
  return [{ name, value: weigh(start.text + value.text, [start, value]) }];
}

function arrayValues(
  node: Assignment,
  before: Variable,
  gathering: Gathering,
): readonly AssignmentValue[] {
  const { name, value } = node;
  if (value.type !== "ArrayValue") return [];
  const keyed: AssignmentValue[] = [];
  const values: Text[] = [];
  for (const word of value.elements) {
    const key = /^\[([^\]]*)\]=/.exec(word.text);
    if (key === null) {
      values.push(...evaluateWord(word, gathering));
      continue;
    }
    const whole = evaluateText(word, gathering);
    const equals = whole.text.indexOf("]=");
    const element = { ...whole, text: whole.text.slice(equals + 2) };
    keyed.push({ name: `${name}[${whole.text.slice(1, equals)}]`, value: element });
    if (/^\d+$/.test(key[1] ?? "")) values[Number(key[1])] = element;
  }
  const all = node.append === true && isArray(before) ? [...before, ...values] : values;
  // Elements between those that are set do not exist: that is the same as empty here.
  const dense = Array.from(all.slice(0, ELEMENTS_MAX), (one: Text | undefined) => one ?? known(""));
  return [{ name, value: dense }, ...keyed];
}

/** Elements of one array that are followed. */
const ELEMENTS_MAX = 1024;

function elementOf(
  name: string,
  index: Text,
  { before, value }: { before: Variable; value: Text },
): AssignmentValue {
  const at = /^\d+$/.test(index.text) ? Number(index.text) : -1;
  if (at < 0 || at >= ELEMENTS_MAX) return { name: `${name}[${index.text}]`, value };
  const values: Text[] = isArray(before) ? [...before] : [];
  while (values.length < at) values.push(known(""));
  values[at] = index.known ? value : unsure(value);
  return { name, value: values };
}

/** `export NAME=value`, `alias ll='ls -l'`, `declare a=(1 2)`: the words of declaration commands. */
function argumentAssignment(node: Assignment, gathering: Gathering): readonly Field[] {
  if (node.value.type !== "Word") {
    for (const { name, value } of assignedValues(node, gathering))
      setVariable(gathering.scope, name, value);
    return [{ ...fieldOf(UNKNOWN), text: node.name }];
  }
  if (node.index !== undefined) evaluateText(node.index, gathering);
  const value = evaluateText(node.value, gathering);
  const name = node.text.slice(0, node.value.pos - node.pos);
  return [fieldOf(weigh(name + value.text, [value]))];
}
