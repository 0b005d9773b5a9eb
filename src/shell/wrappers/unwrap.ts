import { field, UNKNOWN, type Field, type Text } from "../words/text.js";
import { copyScope, setVariable } from "../walk/scope.js";
import { addInvocation, type Draft, type Frame, type StartFacts, type Walk } from "../walk/walk.js";
import { readWrapper, type WrapperReading } from "./options.js";
import { DEFERRED, SHELLS, wrapperRows, type WrapperRow } from "./table.js";

export interface Unwrapping {
  readonly draft: Draft;
  /** The invocation's words, the name first. */
  readonly fields: readonly Field[];
  readonly facts: StartFacts;
  /** Notes a further invocation with everything it starts. */
  readonly start: (walk: Walk, fields: readonly Field[], facts: StartFacts) => void;
}

/** Follows a program that starts another one; everything that is none is left alone. */
export function unwrap(walk: Walk, given: Unwrapping): void {
  const name = given.draft.exec ?? "";
  const rows = wrapperRows(name);
  if (rows !== undefined) {
    for (const row of rows) unwrapRow(walk, row, given);
    return;
  }
  if (SHELLS.has(name)) unwrapShell(walk, given);
  else if (DEFERRED.has(name)) runStdin(walk, given);
  else if (name === "source" || name === ".") unwrapSource(walk, given);
  else if (name === "find") unwrapFind(walk, given);
  else if (name === "xargs" || name === "parallel") unwrapXargs(walk, given);
  else unwrapFile(walk, given);
}

function inside({ draft, facts }: Unwrapping, change: Partial<Frame> = {}): StartFacts {
  const { frame } = facts;
  const via = [...frame.via, draft.exec ?? ""];
  return {
    frame: { ...frame, via, ...change },
    assignments: [],
    redirects: [],
    stdin: facts.stdin,
    processes: facts.processes,
  };
}

function scriptFrame(given: Unwrapping, change: Partial<Frame> = {}): Frame {
  const { frame } = inside(given, change);
  return {
    ...frame,
    scope: change.scope ?? copyScope(frame.scope),
    context: "script",
    stdin: given.facts.stdin,
  };
}

/** What runs is not in the line: an invocation without a name says so. */
function runUnknown(walk: Walk, given: Unwrapping, change: Partial<Frame> = {}): void {
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

function runScriptText(
  walk: Walk,
  text: Text,
  given: Unwrapping,
  change: Partial<Frame> = {},
): void {
  if (!text.known) runUnknown(walk, given, change);
  if (text.known || text.text.trim() !== "") {
    const frame = scriptFrame(given, change);
    walk.runText(text.text, { ...frame, doubtful: frame.doubtful || !text.known });
  }
}

function unwrapRow(walk: Walk, row: WrapperRow, given: Unwrapping): void {
  const words = behindSubcommand(given.fields.slice(1), row);
  if (words === null) return;
  const reading = readWrapper(words, row);
  if (row.inert?.some((name) => reading.options.has(name)) === true) return;
  const runas = accountOf(reading, row);
  const change: Partial<Frame> = runas === undefined ? {} : { runas };
  let carried = false;
  for (const name of row.text ?? []) {
    const value = reading.options.get(name);
    if (value === undefined) continue;
    carried = true;
    // `env -S "cmd arg" more`: the further words are arguments of the command.
    const rest = row.form === "argv" ? reading.rest : [];
    runScriptText(
      walk,
      joinFields([value ?? { ...UNKNOWN, glob: false }, ...rest.map(quoted)]),
      given,
      change,
    );
  }
  if (carried || row.form === "option") return;
  runRest(walk, { row, reading, given, change });
}

function runRest(
  walk: Walk,
  {
    row,
    reading,
    given,
    change,
  }: { row: WrapperRow; reading: WrapperReading; given: Unwrapping; change: Partial<Frame> },
): void {
  const { rest } = reading;
  if (rest.length === 0) return;
  if (row.form === "text" || (row.operands !== undefined && rest[0]?.text === "-c")) {
    const words = row.form === "text" ? rest : rest.slice(1);
    // `eval` runs in this shell: what it sets stays set.
    const scope = given.draft.exec === "eval" ? given.facts.frame.scope : undefined;
    runScriptText(
      walk,
      joinFields(words),
      given,
      scope === undefined ? change : { ...change, scope },
    );
    return;
  }
  const facts = inside(given, change);
  const assignments = reading.assignments.map((one) => {
    const equals = one.text.indexOf("=");
    return {
      name: one.text.slice(0, equals),
      value: one.known ? one.text.slice(equals + 1) : null,
    };
  });
  given.start(walk, rest, { ...facts, assignments });
}

function behindSubcommand(words: readonly Field[], row: WrapperRow): readonly Field[] | null {
  if (row.subcommand === undefined) return words;
  let wanted = 0;
  for (let i = 0; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    if (text === row.subcommand[wanted]) {
      wanted += 1;
      if (wanted === row.subcommand.length) return words.slice(i + 1);
    } else if (wanted > 0 && !text.startsWith("-")) return null;
  }
  return null;
}

function accountOf(reading: WrapperReading, row: WrapperRow): string | undefined {
  for (const name of row.runas ?? []) {
    const value = reading.options.get(name);
    if (value?.known === true) return value.text.replace(/^#0$/, "root");
  }
  const operand = row.runasOperand === undefined ? undefined : reading.operands[row.runasOperand];
  return operand?.text ?? row.runasDefault;
}

function joinFields(fields: readonly Field[]): Text {
  return {
    text: fields.map((one) => one.text).join(" "),
    known: fields.every((one) => one.known),
  };
}

function quoted(one: Field): Field {
  return { ...one, text: `'${one.text.replaceAll("'", "'\\''")}'` };
}

/** `sh -c TEXT name args`, `sh FILE args`, `sh < TEXT`. */
function unwrapShell(walk: Walk, given: Unwrapping): void {
  const words = given.fields.slice(1);
  const { flags, operands } = readShellOptions(words);
  const scope = copyScope(given.facts.frame.scope);
  if (flags.includes("c")) {
    const [text, name, ...rest] = operands;
    scope.positional = rest;
    if (name !== undefined) setVariable(scope, "0", name);
    if (text !== undefined) runScriptText(walk, text, given, { scope });
    return;
  }
  const file = operands[0];
  if (file === undefined || flags.includes("s") || isStdin(file)) {
    scope.positional = operands.slice(file !== undefined && isStdin(file) ? 1 : 0);
    runStdin(walk, given, { scope });
    return;
  }
  scope.positional = operands.slice(1);
  runFile(walk, file, given, { scope });
}

function isStdin(one: Field): boolean {
  return (
    one.text === "-" || one.text === "/dev/stdin" || /^\/(?:dev|proc\/self)\/fd\/0$/.test(one.text)
  );
}

function readShellOptions(words: readonly Field[]): { flags: string; operands: readonly Field[] } {
  let flags = "";
  let i = 0;
  for (; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    if (text === "--" || text === "-") {
      i += text === "--" ? 1 : 0;
      break;
    }
    if (/^--(?:rcfile|init-file)$/.test(text)) i += 1;
    else if (/^--/.test(text)) continue;
    else if (/^[-+][A-Za-z]+$/.test(text)) {
      if (text.startsWith("-")) flags += text.slice(1);
      if (/[oO]$/.test(text)) i += 1;
    } else break;
  }
  return { flags, operands: words.slice(i) };
}

/** A shell that reads its commands from a pipe, a here-document or a here-string. */
function runStdin(walk: Walk, given: Unwrapping, change: Partial<Frame> = {}): void {
  const { facts } = given;
  if (facts.stdin !== undefined) {
    runScriptText(walk, facts.stdin, given, { ...change, stdin: undefined });
    return;
  }
  if (facts.frame.stage?.from !== undefined) runUnknown(walk, given, change);
}

function unwrapSource(walk: Walk, given: Unwrapping): void {
  const [file, ...rest] = given.fields.slice(1).filter((one) => one.text !== "--");
  if (file === undefined) return;
  const scope = given.facts.frame.scope;
  const positional = scope.positional;
  if (rest.length > 0) scope.positional = rest;
  if (isStdin(file)) runStdin(walk, given, { scope });
  else runFile(walk, file, given, { scope });
  scope.positional = positional;
}

/** A script file: followed when this session wrote it or a process substitution stands for it. */
function runFile(walk: Walk, file: Field, given: Unwrapping, change: Partial<Frame>): void {
  if (file.text === "/dev/fd/63") {
    runScriptText(walk, given.facts.processes[0] ?? UNKNOWN, given, change);
    return;
  }
  if (!file.known) {
    runUnknown(walk, given, change);
    return;
  }
  const text = writtenText(given, file.text);
  if (text !== undefined) runScriptText(walk, text, given, change);
}

/** `./x` after `echo ... > x`. */
function unwrapFile(walk: Walk, given: Unwrapping): void {
  const path = given.draft.path;
  if (path === undefined) return;
  const text = writtenText(given, path);
  if (text?.known !== true) return;
  const scope = copyScope(given.facts.frame.scope);
  scope.positional = given.fields.slice(1);
  runScriptText(walk, text, given, { scope });
}

function writtenText(given: Unwrapping, path: string): Text | undefined {
  const { scope } = given.facts.frame;
  const plain = path.replace(/^\.\//, "");
  const own = scope.files.get(path) ?? scope.files.get(plain) ?? scope.files.get(`./${plain}`);
  if (own !== undefined) return own;
  const absolute = scope.cwd === null || path.startsWith("/") ? path : `${scope.cwd}/${plain}`;
  const learnt = scope.knowledge.files?.get(absolute);
  return learnt === undefined ? undefined : { text: learnt, known: true };
}

/** `find ... -exec CMD {} ;`: the path that was found is one of the starting points. */
function unwrapFind(walk: Walk, given: Unwrapping): void {
  const words = given.fields.slice(1);
  const roots = words.slice(
    0,
    words.findIndex((one) => /^[-(!]/.test(one.text)),
  );
  const found: Field = roots[0] === undefined ? field(".") : roots[0];
  for (let i = 0; i < words.length; i++) {
    if (!FIND_ACTIONS.has(words[i]?.text ?? "")) continue;
    const end = words.findIndex((one, at) => at > i && (one.text === ";" || one.text === "+"));
    const command = words.slice(i + 1, end < 0 ? undefined : end);
    const filled = command.map((one) =>
      one.text === "{}" ? found : { ...one, text: one.text.replaceAll("{}", found.text) },
    );
    if (filled.length > 0) given.start(walk, filled, inside(given));
    if (end > 0) i = end;
  }
}

const FIND_ACTIONS = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

const XARGS_ROW: WrapperRow = {
  names: ["xargs", "parallel"],
  form: "argv",
  valued: "adEIJLnPsjNSD",
  valuedLong: [
    "arg-file",
    "delimiter",
    "max-args",
    "max-procs",
    "max-lines",
    "max-chars",
    "replace",
    "jobs",
    "process-slot-var",
    "colsep",
    "results",
    "joblog",
    "delay",
    "timeout",
    "sshlogin",
  ],
};

/** `xargs` and `parallel` put what they read behind the command, or where `{}` stands. */
function unwrapXargs(walk: Walk, given: Unwrapping): void {
  const reading = readWrapper(given.fields.slice(1), XARGS_ROW);
  const listed = splitAtColons(reading.rest);
  const values = listed.values ?? stdinWords(given.facts.stdin);
  const mark = reading.options.get("I")?.text ?? reading.options.get("replace")?.text ?? "{}";
  const command = listed.command;
  const replaces = command.some((one) => one.text.includes(mark));
  const facts = inside(given);
  const clean: StartFacts = { ...facts, stdin: undefined };
  if (command.length === 0) {
    if (given.draft.exec === "parallel") runStdin(walk, given);
    return;
  }
  const isText = given.draft.exec === "parallel" && command.length === 1;
  if (!replaces) {
    const all = [...command, ...values];
    if (isText) runScriptText(walk, joinFields(all), given);
    else given.start(walk, all, clean);
    return;
  }
  for (const value of values.slice(0, XARGS_ROUNDS_MAX)) {
    const filled = command.map((one) =>
      one.text.includes(mark)
        ? { ...one, text: one.text.replaceAll(mark, value.text), known: one.known && value.known }
        : one,
    );
    if (isText) runScriptText(walk, joinFields(filled), given);
    else given.start(walk, filled, clean);
  }
}

/** Values that are put into the command one by one. */
const XARGS_ROUNDS_MAX = 16;

function splitAtColons(words: readonly Field[]): {
  command: readonly Field[];
  values: readonly Field[] | undefined;
} {
  const at = words.findIndex((one) => one.text === ":::");
  if (at < 0) return { command: words, values: undefined };
  return { command: words.slice(0, at), values: words.slice(at + 1) };
}

function stdinWords(stdin: Text | undefined): readonly Field[] {
  if (stdin?.known !== true) return [{ ...UNKNOWN, glob: false }];
  return stdin.text
    .split(/[\s\0]+/)
    .filter((text) => text !== "")
    .map(field);
}
