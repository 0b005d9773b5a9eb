import {
  copyScope,
  distrust,
  exportName,
  isArray,
  locate,
  readVariable,
  setVariable,
  type Scope,
} from "../walk/scope.js";
import { pathsBelow } from "../walk/files.js";
import type { Frame, Walk } from "../walk/walk.js";
import { fieldOf, UNKNOWN, weigh, type Field } from "../words/text.js";
import { unwrapFd, unwrapFind } from "./find.js";
import { readWrapper, type WrapperReading } from "./options.js";
import { runFile } from "./run-file.js";
import { isProgram } from "./known-programs.js";
import { mountedScope } from "./mounts.js";
import {
  enterShell,
  inside,
  joinFields,
  optionValue,
  quoteFields,
  runScriptText,
  runStdin,
  scriptScope,
  stdinText,
  type Unwrapping,
} from "./run-script.js";
import type { WrapperRow } from "./row.js";
import { behindSubcommand } from "./subcommand.js";
import { rowsOf, SHELLS } from "./table.js";
import { unwrapEntr, unwrapXargs } from "./xargs.js";

export type { Unwrapping } from "./run-script.js";

/**
 * Follows a program that starts another one; everything that is none is left alone. Answers whether
 * something was followed: then that is what writes the output.
 */
export function unwrap(walk: Walk, given: Unwrapping): boolean {
  const name = given.draft.exec ?? "";
  const rows = rowsOf(name);
  if (rows !== undefined) {
    let followed = false;
    for (const row of rows) if (unwrapRow(walk, row, given)) followed = true;
    return followed;
  }
  const own = OWN_FORMS.get(name);
  if (own !== undefined) return own(walk, given);
  return SHELLS.has(name) && unwrapShell(walk, given);
}

const OWN_FORMS: ReadonlyMap<string, (walk: Walk, given: Unwrapping) => boolean> = new Map<
  string,
  (walk: Walk, given: Unwrapping) => boolean
>([
  ["source", unwrapSource],
  [".", unwrapSource],
  ["find", unwrapFind],
  ["gfind", unwrapFind],
  ["bfs", unwrapFind],
  ["coreutils", unwrapCoreutils],
  ["fd", unwrapFd],
  ["fdfind", unwrapFd],
  ["run-parts", unwrapFolder],
  ["xargs", unwrapXargs],
  ["parallel", unwrapXargs],
  ["rust-parallel", unwrapXargs],
  ["entr", unwrapEntr],
]);

function unwrapRow(walk: Walk, row: WrapperRow, given: Unwrapping): boolean {
  const words = behindSubcommand(given.fields.slice(1), row);
  if (words === null) return false;
  const reading = readWrapper(words, row);
  if (row.inert?.some((name) => reading.options.has(name)) === true) return false;
  if (row.needs?.some((name) => reading.options.has(name)) === false) return false;
  const change = frameOf(row, reading, given);
  let carried = false;
  for (const name of row.text ?? []) {
    const value = reading.options.get(name);
    if (value === undefined) continue;
    carried = true;
    // `env -S "cmd arg" more`: the further words are arguments of the command.
    const rest = row.form === "argv" ? reading.rest : [];
    const more = rest.length === 0 ? [] : [fieldOf(quoteFields(rest))];
    const text = joinFields([value ?? fieldOf(UNKNOWN), ...more]);
    const spelt =
      row.underlined === true ? { ...text, text: text.text.replaceAll("\\_", " ") } : text;
    runScriptText(walk, spelt, given, change);
  }
  const ran = runProgramOption(walk, { row, reading, given, change });
  // `hyperfine -p CMD CMD`: what the operands say is run as well.
  if ((carried && (row.form !== "text" || reading.rest.length === 0)) || ran) return true;
  if (row.form === "option") return runAsShell(walk, { row, reading, given, change });
  return runRest(walk, { row, reading, given, change });
}

/** `su root -- -c CMD`: what stands behind `--` goes to the shell that is started. */
function runAsShell(walk: Walk, { row, reading, given, change }: RowCase): boolean {
  if (row.stdin !== true) return false;
  const [first, text] = reading.rest;
  if (first === undefined) return runStdin(walk, given, change);
  if (first.text !== "-c" || text === undefined) return false;
  runScriptText(walk, text, given, change);
  return true;
}

interface RowCase {
  readonly row: WrapperRow;
  readonly reading: WrapperReading;
  readonly given: Unwrapping;
  readonly change: Partial<Frame>;
}

/** `docker run --entrypoint rm IMAGE -rf /`: an option names the program, the operands are its words. */
function runProgramOption(walk: Walk, { row, reading, given, change }: RowCase): boolean {
  for (const name of row.program ?? []) {
    const program = reading.options.get(name);
    if (program === undefined || program === null) continue;
    const words = reading.rest.filter((one, i) => i > 0 || one.text !== "--");
    given.start(walk, [program, ...words], inside(given, change));
    return true;
  }
  return false;
}

function frameOf(row: WrapperRow, reading: WrapperReading, given: Unwrapping): Partial<Frame> {
  const runas = accountOf(reading, row);
  const directory = row.directory
    ?.map((name) => reading.options.get(name))
    .find((one) => one !== undefined);
  const change: { -readonly [K in keyof Frame]?: Frame[K] } = runas === undefined ? {} : { runas };
  if (row.mounts === true) change.scope = mountedScope(given);
  if (directory !== undefined && directory !== null)
    change.scope = movedScope(change.scope ?? given.facts.frame.scope, directory);
  return change;
}

function movedScope(scope: Scope, directory: Field): Scope {
  const inner: Scope = { ...copyScope(scope), door: scope.door };
  inner.place = directory.known
    ? locate(scope, directory.text)
    : `?${String(++inner.places.count)}`;
  return inner;
}

function runRest(walk: Walk, { row, reading, given, change }: RowCase): boolean {
  const { rest } = reading;
  if (rest.length === 0) {
    // The image says what runs: with a terminal, a shell.
    if (row.mounts === true && ["i", "t"].some((name) => reading.options.has(name)))
      enterShell(given, change);
    return readsStdin(row, reading) && runStdin(walk, given, change);
  }
  if (row.form === "text" || (row.operands !== undefined && rest[0]?.text === "-c")) {
    runRestAsText(walk, { row, reading, given, change });
    return true;
  }
  const facts = inside(given, change);
  const assignments = reading.assignments.map((one) => {
    const equals = one.text.indexOf("=");
    return {
      name: one.text.slice(0, equals),
      value: one.known ? one.text.slice(equals + 1) : null,
    };
  });
  const { scope } = facts.frame;
  // `env X=1 bash`: the shell that is typed into next.
  const inner =
    reading.assignments.length === 0
      ? scope
      : exportTo({ ...copyScope(scope), door: scope.door }, reading.assignments);
  const inFrame = { ...facts, frame: { ...facts.frame, scope: inner }, assignments };
  given.start(walk, rest, inFrame);
  const behind = reading.unlisted ? commandBehindValues(rest, reading.operands) : undefined;
  if (behind !== undefined)
    given.start(walk, behind, { ...inFrame, frame: { ...inFrame.frame, doubtful: true } });
  return true;
}

function runRestAsText(walk: Walk, { row, reading, given, change }: RowCase): void {
  const { rest } = reading;
  const words = rest[0]?.text === "-c" ? rest.slice(1) : rest;
  const isWordwise =
    row.wordwise === true || row.wordwise?.some((name) => reading.options.has(name)) === true;
  if (isWordwise && words.length > 1) {
    given.start(walk, words, inside(given, change));
    return;
  }
  const behind = reading.unlisted ? commandBehindValues(words) : undefined;
  if (behind !== undefined)
    runScriptText(walk, joinFields(behind), given, { ...change, doubtful: true });
  // `eval` runs in this shell: what it sets stays set.
  const scope = given.draft.exec === "eval" ? given.facts.frame.scope : undefined;
  const joined = joinFields(words.filter((one, i) => i > 0 || one.text !== "--"));
  const text = row.typed === true ? { ...joined, text: enters(joined.text) } : joined;
  runScriptText(walk, text, given, scope === undefined ? change : { ...change, scope });
}

/**
 * `srun -w node7 rm -rf x`: an option that no row lists took the word in front of the command; or it stood
 * for the operand that was taken from it (`podman exec -l rm -rf x`).
 */
function commandBehindValues(
  rest: readonly Field[],
  operands: readonly Field[] = [],
): readonly Field[] | undefined {
  if (isProgram(rest[0])) return undefined;
  const words = [...operands.filter(isProgram).slice(-1), ...rest];
  const at = words
    .slice(0, VALUES_MAX)
    .findIndex((one, i) => (i > 0 || words.length > rest.length) && isProgram(one));
  return at < 0 ? undefined : words.slice(at);
}

/** Words between an option that is not known and the command. */
const VALUES_MAX = 6;

/** `^M`, `\015`, `\r`: Enter, as other programs are told to press it. */
function enters(text: string): string {
  return text.replace(/\^[MJ]|\\(?:015|012|[rn])|\r/g, "\n");
}

/** `env x=rm sh -c '$x'`. */
function exportTo(scope: Scope, assignments: readonly Field[]): Scope {
  for (const one of assignments) {
    const equals = one.text.indexOf("=");
    const name = one.text.slice(0, equals);
    const called = /^BASH_FUNC_(.+?)(?:%%|\(\))$/.exec(name)?.[1];
    const body = /^\(\)\s*(\{.*)$/s.exec(one.text.slice(equals + 1))?.[1];
    if (called !== undefined && body !== undefined) scope.functions.set(called, body);
    setVariable(scope, name, weigh(one.text.slice(equals + 1), [one]));
    exportName(scope, name);
  }
  return scope;
}

/** Without a command of its own it is a shell, or starts one. */
function readsStdin(row: WrapperRow, reading: WrapperReading): boolean {
  if (row.stdin === undefined) return false;
  return row.stdin === true || row.stdin.some((name) => reading.options.has(name));
}

function accountOf(reading: WrapperReading, row: WrapperRow): string | undefined {
  for (const name of row.runas ?? []) {
    const value = reading.options.get(name);
    if (value?.known === true) return value.text.replace(/^#0$/, "root");
  }
  const operand = row.runasOperand === undefined ? undefined : reading.operands[row.runasOperand];
  return operand?.text ?? row.runasDefault;
}

/** `sh -c TEXT name args`, `sh FILE args`, `sh < TEXT`. */
function unwrapShell(walk: Walk, given: Unwrapping): boolean {
  const { flags, operands, startFile } = readShellOptions(given.fields.slice(1));
  const { frame } = given.facts;
  // `bash -n`: read, and not run.
  if (flags.includes("n") && (flags.includes("c") || operands.length > 0)) return true;
  // What these set holds in the shell that is typed into next.
  const started = copyScope(frame.scope);
  if (startFile !== undefined) runFile(walk, startFile, given, { scope: started });
  if (given.draft.exec === "fish") runInitCommands(walk, given, started);
  runStartFiles(walk, { flags, operands }, { given, started });
  if (flags.includes("c")) {
    const [text, name, ...rest] = operands;
    const scope = scriptScope(frame.scope, rest);
    if (name !== undefined) setVariable(scope, "0", name);
    if (text !== undefined) runScriptText(walk, text, given, { scope });
    return true;
  }
  const file = operands[0];
  if (file === undefined || flags.includes("s")) {
    const scope = scriptScope(frame.scope, operands);
    const ran = runStdin(walk, given, { scope });
    const { entered } = frame.scope.door;
    if (entered?.scope === frame.scope) frame.scope.door.entered = { ...entered, scope: started };
    return ran;
  }
  return runFile(walk, file, given, { scope: scriptScope(frame.scope, operands.slice(1)) });
}

/** fish: `-C TEXT` runs before anything else. */
function runInitCommands(walk: Walk, given: Unwrapping, scope: Scope): void {
  const options = ["-C", "--init-command"];
  for (let i = 1; i < given.fields.length; i++) {
    const text = optionValue(options, given.fields, i);
    if (text !== undefined) runScriptText(walk, text, given, { scope });
  }
}

/** Files that a shell reads by itself before its commands, when this session wrote them. */
function runStartFiles(
  walk: Walk,
  { flags, operands }: Pick<ShellWords, "flags" | "operands">,
  { given, started }: { readonly given: Unwrapping; readonly started: Scope },
): void {
  const { scope } = given.facts.frame;
  for (const name of ["BASH_ENV", "ENV"]) {
    const value = readVariable(scope, name);
    if (!isArray(value) && value.text !== "") runFile(walk, fieldOf(value), given);
  }
  const interactive = operands.length === 0 && given.facts.frame.stdin === undefined;
  if (!interactive || !hasFiles(scope)) return;
  const login = flags.includes("l");
  for (const path of login ? LOGIN_FILES : START_FILES)
    runFile(walk, fieldOf({ text: path, known: true }), given, { scope: started });
}

const START_FILES = ["~/.bashrc", "~/.zshrc", "~/.config/fish/config.fish"];
const LOGIN_FILES = [
  "~/.bash_profile",
  "~/.bash_login",
  "~/.profile",
  "~/.zprofile",
  ...START_FILES,
];

function hasFiles(scope: Scope): boolean {
  return scope.files.size > 0 || scope.knowledge.files !== undefined;
}

interface ShellWords {
  readonly flags: string;
  readonly operands: readonly Field[];
  readonly startFile: Field | undefined;
}

function readShellOptions(words: readonly Field[]): ShellWords {
  let flags = "";
  let i = 0;
  let startFile: Field | undefined;
  for (; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    if (text === "--" || text === "-") {
      i += 1;
      break;
    }
    const command = /^--command(?:=(.*))?$/s.exec(text);
    if (command !== null) {
      const attached = command[1];
      const value =
        attached === undefined
          ? words.slice(i + 1)
          : [{ ...fieldOf(UNKNOWN), ...words[i], text: attached }];
      return { flags: `${flags}c`, operands: value, startFile };
    }
    if (/^--(?:rcfile|init-file)$/.test(text)) startFile = words[++i];
    else if (text === "--login") flags += "l";
    else if (/^--/.test(text)) continue;
    else if (/^[-+][A-Za-z]+$/.test(text)) {
      if (text.startsWith("-")) flags += text.slice(1);
      if (/[oO]$/.test(text)) i += 1;
    } else break;
  }
  return { flags, operands: words.slice(i), startFile };
}

/** `coreutils --coreutils-prog=rm -rf x`: all tools in one program. */
function unwrapCoreutils(walk: Walk, given: Unwrapping): boolean {
  const words = given.fields.slice(1);
  const at = words.findIndex((one) => !one.text.startsWith("-") || PROGRAM_OPTION.test(one.text));
  const word = words[at];
  if (word === undefined) return false;
  const program = { ...word, text: word.text.replace(PROGRAM_OPTION, "") };
  given.start(walk, [program, ...words.slice(at + 1)], inside(given));
  return true;
}

const PROGRAM_OPTION = /^--coreutils-prog(?:-shebang)?=/;

/** `run-parts DIR`: every program in it. */
function unwrapFolder(walk: Walk, given: Unwrapping): boolean {
  const folder = given.fields.slice(1).find((one) => !one.text.startsWith("-"));
  if (folder === undefined) return false;
  const paths = pathsBelow(given.facts.frame.scope, folder.text, "*");
  for (const path of paths)
    given.start(walk, [fieldOf({ text: path, known: true })], inside(given));
  return paths.length > 0;
}

function unwrapSource(walk: Walk, given: Unwrapping): boolean {
  const [file, ...rest] = given.fields.slice(1).filter((one) => one.text !== "--");
  const { scope, stdin } = given.facts.frame;
  if (file === undefined) {
    // fish: `echo TEXT | source`.
    if (stdin !== undefined) runScriptText(walk, stdinText(stdin), given, { scope });
    return stdin !== undefined;
  }
  const { positional } = scope;
  if (rest.length > 0) scope.positional = rest;
  const followed = runFile(walk, file, given, { scope });
  scope.positional = positional;
  // What it sets can not be read.
  if (!followed) distrust(scope);
  return followed;
}
