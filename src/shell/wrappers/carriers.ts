import { foldText } from "../fold/output.js";
import { fileCalls, type FileAct } from "../foreign/file-calls.js";
import { BARE_SHELL } from "../foreign/fed-shells.js";
import { shellCalls, type Surroundings } from "../foreign/shell-calls.js";
import { nameSurroundings, type NamedSurroundings } from "../foreign/surroundings-names.js";
import type { LanguageName } from "../foreign/language.js";
import { standsInBrought } from "../walk/brought.js";
import { readFile, writeFile } from "../walk/files.js";
import { processPath, quotedWord } from "../walk/gathering.js";
import { isStdin } from "../walk/redirects.js";
import { inputOf, restOf } from "../walk/output.js";
import { copyScope, isArray, locate, readVariable } from "../walk/scope.js";
import type { Frame, Walk } from "../walk/walk.js";
import {
  field,
  guessed,
  isLikely,
  known,
  UNKNOWN,
  unsure,
  weigh,
  type Field,
  type Text,
} from "../words/text.js";
import { CARRIERS } from "./carrier-table.js";
import type { Carrier } from "./carrier.js";
import { holdsCommand, OPTION_VARIABLES, PROMPT_VARIABLES } from "./command-variables.js";
import { environmentPrograms, MODULE_ENDINGS } from "./early-programs.js";
import { runGit } from "./git.js";
import { INTERPRETERS, type Interpreter } from "./interpreters.js";
import {
  inside,
  optionValue,
  quiet,
  runScriptText,
  runUnknown,
  type Unwrapping,
} from "./run-script.js";
import { filledMakefile, scriptsOf, usualFiles } from "./build-files.js";
import { runByEnvironment } from "./openers.js";
import { surroundingsOf } from "./surroundings.js";
import { unitCommands } from "./unit-files.js";

/**
 * Options, arguments, variables and input that carry shell text into programs that are no wrappers.
 * Answers what a program of another language most likely prints.
 */
export function runCarriers(walk: Walk, given: Unwrapping): Text | undefined {
  const { draft, facts } = given;
  if (facts.assignments.length > 0) runVariables(walk, given);
  const name = draft.exec ?? "";
  if (name === "git") {
    const base = given.fields.findIndex((one) => one.text === "-C");
    const moved = given.fields[base + 1];
    if (base > 0 && moved !== undefined) return runCarriersIn(walk, movedTo(given, moved));
  }
  return runCarriersIn(walk, given);
}

/** `git -C DIR`: what it runs, it runs there. */
function movedTo(given: Unwrapping, directory: Field): Unwrapping {
  const { facts } = given;
  const scope = copyScope(facts.frame.scope);
  scope.place = directory.known
    ? locate(scope, directory.text)
    : `?${String(++scope.places.count)}`;
  return { ...given, facts: { ...facts, frame: { ...facts.frame, scope } } };
}

function runCarriersIn(walk: Walk, given: Unwrapping): Text | undefined {
  const name = given.draft.exec ?? "";
  if (SETS_VARIABLES.has(name)) runSetVariables(walk, given);
  const carriers = CARRIERS.get(name);
  if (carriers !== undefined) for (const carrier of carriers) runCarrier(walk, carrier, given);
  if (name === "git") runGit(walk, given);
  if (name === "systemctl")
    for (const text of unitCommands(given.fields, given.facts.frame.scope))
      runScriptText(walk, text, given, quiet(given));
  if (runsUnknownFiles(name, given)) noteUnknown(walk, given);
  if (name === "fc" && !given.fields.some((one) => /^-\w*[lW]/.test(one.text)))
    runUnknown(walk, given, quiet(given));
  const interpreter = INTERPRETERS.get(name.replace(/[\d.]+$/, ""));
  const printed = interpreter && runInterpreter(walk, interpreter, given);
  runByEnvironment(walk, given);
  return printed;
}

/** What it is started on came from elsewhere, or was written and is not known. */
function runsUnknownFiles(name: string, { fields, facts }: Unwrapping): boolean {
  const { scope } = facts.frame;
  if (BUILDING.has(name) && standsInBrought(scope)) return true;
  if (!SCRIPTED.has(name)) return false;
  return fields.slice(1).some((one) => {
    const file = one.text.startsWith("-") ? undefined : readFile(scope, one.text);
    return file !== undefined && file.text === "" && !isLikely(file);
  });
}

/** Their operands are programs of their own kind. */
const SCRIPTED = new Set(
  "ansible-playbook expect tclsh logrotate crontab puppet salt-call chef-client terraform dpkg rpm apt apt-get yum dnf pip pip3 java dotnet".split(
    " ",
  ),
);
/** They run what lies in the folder where they are started. */
const BUILDING = new Set(
  (
    "make gmake bmake just task npm yarn pnpm bun pip pip3 cargo go mvn gradle rake bundle cmake ant tox nox " +
    "meson ninja scons docker-compose vagrant terraform composer bazel sbt mix stack cabal poetry hatch"
  ).split(" "),
);
const SETS_VARIABLES = new Set(["export", "declare", "typeset", "readonly", "env", "local"]);

function runVariables(walk: Walk, given: Unwrapping): void {
  const { scope } = given.facts.frame;
  for (const { name } of given.facts.assignments) {
    const value = readVariable(scope, name);
    for (const one of isArray(value) ? value : [value]) runVariable(walk, name, one, given);
  }
}

function runSetVariables(walk: Walk, given: Unwrapping): void {
  for (const word of given.fields.slice(1)) {
    const match = /^([A-Za-z_]\w*)\+?=(.*)$/s.exec(word.text);
    if (match !== null) runVariable(walk, match[1] ?? "", { ...word, text: match[2] ?? "" }, given);
  }
}

function runVariable(walk: Walk, name: string, value: Text, given: Unwrapping): void {
  if (value.text.trim() === "") return;
  if (holdsCommand(name)) runLater(walk, value, given);
  // The file that each shell reads first: `BASH_ENV=<(...)`.
  const file = name === "BASH_ENV" || name === "ENV" ? given.facts.processes : NO_TEXTS;
  const process = file.find((_one, index) => processPath(index) === value.text);
  if (process !== undefined) runLater(walk, process, given);
  // `GIT_CONFIG_VALUE_0`: what setting it is stands elsewhere, and most that run something say so.
  const setting = /^GIT_CONFIG_VALUE_\d+$/.test(name)
    ? /^!?(.+)$/s.exec(value.text)?.[1]
    : undefined;
  if (setting !== undefined) runLater(walk, weigh(setting, [value]), given);
  const option = OPTION_VARIABLES.get(name)?.exec(value.text)?.[1];
  if (option !== undefined) runLater(walk, weigh(option, [value]), given);
  else if (PROMPT_VARIABLES.has(name) && /[$`]/.test(value.text))
    runLater(walk, { ...value, text: quotedWord(value.text) }, given);
}

const NO_TEXTS: readonly Text[] = [];

/** It runs in the shell that sets it, later. */
function runLater(walk: Walk, text: Text, given: Unwrapping): void {
  const { scope } = given.facts.frame;
  const { left, entered } = scope.door;
  runScriptText(walk, text, given, { ...quiet(given), scope });
  // Leaving the shell is for later, too.
  Object.assign(scope.door, { left, entered });
}

function runCarrier(walk: Walk, carrier: Carrier, given: Unwrapping): void {
  for (const value of carried(carrier, given)) {
    if (!isLikely(value) && value.text === "") {
      // What a program reads as data may be unknown; its own files may not.
      const isData = carrier.read ?? (carrier.lines === true && carrier.files === undefined);
      if (!isData) noteUnknown(walk, given);
      continue;
    }
    const whole = carrier.lines !== true || carrier.language !== undefined;
    const texts = whole ? [value.text] : value.text.split("\n").slice(0, LINES_MAX);
    for (const text of texts) {
      const part = carrier.pattern === undefined ? [text, text] : carrier.pattern.exec(text);
      const found = part?.[2] ?? part?.[1];
      if (found === undefined || found.trim() === "") continue;
      if (carrier.spelt !== undefined) {
        const words = SPELT[carrier.spelt](found).map(field);
        given.start(walk, words, inside(given, quiet(given)));
      } else if (carrier.fills === true) runFed(walk, found, given);
      else runCarried(walk, weigh((carrier.before ?? "") + found, [value]), carrier, given);
    }
  }
}

const SPELT = {
  commas: (text: string) => text.split(","),
  percent: (text: string) => text.split(/(?<!%) /).map((one) => one.replaceAll("% ", " ")),
} as const satisfies Readonly<Record<string, (text: string) => readonly string[]>>;

/** Once for a program that has several ways to carry a command. */
function noteUnknown(walk: Walk, given: Unwrapping): void {
  const last = walk.found.at(-1);
  const noted =
    last?.dynamic === true && last.exec === null && last.via.at(-1) === given.draft.exec;
  if (!noted) runUnknown(walk, given, quiet(given));
}

/** Lines of one input that are looked at. */
const LINES_MAX = 512;

function runCarried(walk: Walk, text: Text, carrier: Carrier, given: Unwrapping): void {
  if (carrier.language !== undefined) runProgram(walk, text, carrier.language, given);
  else if (carrier.feeds === true)
    runScriptText(walk, text, given, { ...quiet(given), stdin: inputOf(heldBy(given)) });
  else runScriptText(walk, text, given, quiet(given));
}

/** What a program has in its hands: what its operands name or what it is fed, when that is known. */
function heldBy(given: Unwrapping): Text {
  return inputsOf(given.fields.slice(1), given)[0] ?? UNKNOWN;
}

/** Each line that is read is a command, edited by what stands in front of sed's `e`. */
function runFed(walk: Walk, script: string, given: Unwrapping): void {
  const held = heldBy(given);
  const edited = script === "e" ? held : foldText("sed", [field(script)], held);
  const fed = isLikely(held) ? (edited ?? UNKNOWN) : held;
  if (isLikely(fed)) runScriptText(walk, fed, given, quiet(given));
  else {
    runUnknown(walk, given, quiet(given));
    // `s/.*/rm x/e`: whatever the line says, this becomes of it.
    const any = script === "e" ? null : foldText("sed", [field(script)], known(ANY_LINE));
    if (any !== null && !any.text.includes(ANY_LINE.trim()))
      runScriptText(walk, unsure(any), given, quiet(given));
  }
}

/** A line that nobody wrote. */
const ANY_LINE = "any line\n";

function carried(carrier: Carrier, given: Unwrapping): readonly Text[] {
  const words = given.fields;
  if (carrier.scripts === true)
    return filesOf(carrier, given).flatMap((one) => scriptsOf(one, given));
  if (carrier.files !== undefined) {
    const texts = filesOf(carrier, given);
    return carrier.filled === true
      ? texts.map((one) => filledMakefile(one, words, texts.length === 1))
      : texts;
  }
  if (carrier.fed === true) return inputsOf([], given);
  if (carrier.lines === true || carrier.read === true) return inputsOf(words.slice(1), given);
  const out: Text[] = [];
  for (let i = 1; i < words.length; i++) {
    const value = carrier.options === undefined ? words[i] : optionValue(carrier.options, words, i);
    if (value !== undefined) out.push(value);
  }
  return out;
}

/** Files that options name, or those that the program reads by itself. */
function filesOf(carrier: Carrier, given: Unwrapping): readonly Text[] {
  const { fields } = given;
  const named: Field[] = [];
  for (let i = 1; i < fields.length; i++) {
    const value = optionValue(carrier.files ?? [], fields, i);
    if (value !== undefined) named.push(value);
  }
  if (named.length > 0) return named.flatMap((one) => textAt(one, given) ?? []);
  return usualFiles(carrier.usual ?? [], given);
}

/** Text of a file that this session wrote, of a process substitution, or of standard input. */
function textAt(path: Field, { facts }: Unwrapping): Text | undefined {
  const { stdin, scope } = facts.frame;
  if (isStdin(path.text)) return stdin && restOf(stdin);
  const process = facts.processes.find((_one, index) => processPath(index) === path.text);
  const text = process ?? (path.text === "" ? undefined : readFile(scope, path.text));
  return text === undefined || path.known ? text : unsure(text);
}

/** What the operands name, when it is known; else what is fed. */
function inputsOf(words: readonly Field[], given: Unwrapping): readonly Text[] {
  const files = words
    .filter((one) => !one.text.startsWith("-") || one.text === "-")
    .flatMap((one) => textAt(one, given) ?? []);
  const { stdin } = given.facts.frame;
  if (stdin === undefined || files.some((one) => one.text !== "" || one.known)) return files;
  return [...files, restOf(stdin)];
}

function runInterpreter(walk: Walk, interpreter: Interpreter, given: Unwrapping): Text | undefined {
  let printed: Text | undefined;
  for (const code of programsOf(interpreter, given)) {
    if (!isLikely(code) && code.text === "") runUnknown(walk, given, quiet(given));
    else printed = runProgram(walk, code, interpreter.language, given);
  }
  return printed;
}

/** Program texts given by options, as the first operand, in a file, or on standard input. */
function programsOf(interpreter: Interpreter, given: Unwrapping): readonly Text[] {
  return [...environmentPrograms(interpreter, given), ...ownPrograms(interpreter, given)];
}

function ownPrograms(interpreter: Interpreter, given: Unwrapping): readonly Text[] {
  const { fields } = given;
  const programs: Field[] = [];
  const operands: Field[] = [];
  for (let i = 1; i < fields.length; i++) {
    const word = fields[i];
    if (word === undefined) break;
    const { role, value: attached } = roleOf(word.text, interpreter);
    if (role === "program" || role === "file") {
      const value = attached === undefined ? fields[++i] : { ...word, text: attached };
      if (role === "file") return value === undefined ? [] : [textAt(value, given) ?? UNKNOWN];
      if (value !== undefined) programs.push(value);
    } else if (role === "valued") {
      i += 1;
      const texts = word.text === "-m" ? moduleTexts(i, given) : [];
      if (texts.length > 0) return texts;
    } else if (role === "operand") operands.push(word);
  }
  return programs.length > 0 ? programs : fromOperands(interpreter, operands, given);
}

/** `python -m NAME`: the module NAME.py, when this session wrote it. */
function moduleTexts(at: number, { fields, facts }: Unwrapping): readonly Text[] {
  const name = fields[at]?.text ?? "";
  // What follows these modules is a program itself.
  if (/^(?:timeit|cProfile|profile)$/.test(name))
    return fields.slice(at + 1).filter((one) => /\(/.test(one.text));
  const path = `${name.replaceAll(".", "/")}.py`;
  const text = name === "" ? undefined : readFile(facts.frame.scope, path);
  return text === undefined ? [] : [unsure(text)];
}

/** What an option word of an interpreter is, and the value that is attached to it. */
interface Role {
  readonly role: "program" | "file" | "valued" | "operand" | "option";
  readonly value?: string;
}

function roleOf(word: string, interpreter: Interpreter): Role {
  if (!word.startsWith("-") || word === "-") return { role: "operand" };
  const long = /^--(?:eval|execute|run|print)(?:=(.*))?$/s.exec(word);
  if (long !== null) return { role: "program", ...valueOf(long[1]) };
  if (interpreter.operand === true) {
    const file = /^(?:-f|--file=?)(.*)$/s.exec(word);
    if (file !== null) return { role: "file", ...valueOf(file[1]) };
  }
  if (word.startsWith("--")) return { role: "option" };
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const rest = word.slice(at + 1);
    if (interpreter.letters.includes(letter)) return { role: "program", ...valueOf(rest) };
    if (interpreter.valued?.includes(letter) === true)
      return { role: rest === "" ? "valued" : "option" };
    if (interpreter.attached?.includes(letter) === true || !/[a-zA-Z0-9]/.test(letter)) break;
  }
  return { role: "option" };
}

function valueOf(text: string | undefined): { readonly value?: string } {
  return text === undefined || text === "" ? {} : { value: text };
}

function fromOperands(
  interpreter: Interpreter,
  operands: readonly Field[],
  given: Unwrapping,
): readonly Text[] {
  const first = operands[0];
  const { stdin } = given.facts.frame;
  if (interpreter.operand === true) return first === undefined ? [] : [first];
  if (first === undefined || isStdin(first.text)) {
    if (stdin !== undefined) return [restOf(stdin)];
    return [];
  }
  const text = textAt(first, given);
  return text === undefined ? [] : [text];
}

function runProgram(
  walk: Walk,
  code: Text,
  language: LanguageName,
  given: Unwrapping,
): Text | undefined {
  const change: Partial<Frame> = { ...quiet(given), context: "interpreter" };
  if (!code.known) runUnknown(walk, given, change);
  const rounds = surroundingsOf(code.text, language, given).map((one) =>
    named(code.text, one, given),
  );
  const calls = new Set(rounds.flatMap((one) => shellCalls(one.code, language, one.values)));
  for (const call of calls) {
    if (call === null) runUnknown(walk, given, change);
    else if (call !== "")
      runScriptText(walk, weigh(call, [code]), given, {
        ...change,
        ...inherited(call, code, given),
      });
  }
  runModules(walk, code, language, given);
  noteDownloads(code, given);
  return applyFileActs(
    rounds.flatMap((one) => fileCalls(one.code, language, one.values)),
    given,
  );
}

/** A bare shell that the program starts reads on where the program's own input is not its text. */
function inherited(call: string, code: Text, { facts }: Unwrapping): Partial<Frame> {
  const { stdin } = facts.frame;
  if (stdin === undefined || !BARE_SHELL.test(call) || restOf(stdin).text === code.text) return {};
  return { stdin };
}

/** A round with what the program asks its environment and its words for. */
function named(code: string, found: Surroundings, { facts }: Unwrapping): NamedSurroundings {
  const asked = nameSurroundings(code, {
    words: found,
    file(path) {
      const text = readFile(facts.frame.scope, path);
      return text === undefined || !isLikely(text) ? null : text.text;
    },
    variable(name) {
      const value = readVariable(facts.frame.scope, name);
      return isArray(value) || !isLikely(value) ? null : value.text;
    },
  });
  return { code: asked.code, values: new Map([...found, ...asked.values]) };
}

/** `import m`, `require("./m")`: a module that this session wrote. */
function runModules(walk: Walk, code: Text, language: LanguageName, given: Unwrapping): void {
  const ending = MODULE_ENDINGS[language];
  if (ending === undefined || (given.facts.frame.scope.files.size === 0 && !hasFiles(given)))
    return;
  const names = [...code.text.matchAll(MODULE)].slice(0, MODULES_MAX);
  for (const [, plain, quoted] of names) {
    const name = plain?.replaceAll(".", "/") ?? quoted ?? "";
    const path = name.endsWith(ending) ? name : name + ending;
    const text = name === "" ? undefined : readFile(given.facts.frame.scope, path);
    // Once: a module that names itself is read no second time.
    if (text !== undefined && text.text !== code.text && walk.budget.rounds-- > 0)
      runProgram(walk, unsure(text), language, given);
  }
}

function hasFiles({ facts }: Unwrapping): boolean {
  return facts.frame.scope.knowledge.files !== undefined;
}

const MODULE =
  /\b(?:import|from)\s+([\w.]+)|\b(?:require|import|require_relative)\s*\(?\s*["']([\w./-]+)["']/g;
const MODULES_MAX = 8;

/** What it fetches from elsewhere lies in a file then. */
function noteDownloads({ text }: Text, { facts }: Unwrapping): void {
  for (const match of [...text.matchAll(DOWNLOAD)].slice(0, MODULES_MAX))
    writeFile(facts.frame.scope, known(match[1] ?? ""), UNKNOWN, false);
}

const DOWNLOAD =
  /\b(?:urlretrieve|getstore|mirror|copy|download|download_file|save)\s*\(\s*["'][a-z]+:\/\/[^"']*["']\s*,\s*(?:\w+\s*=\s*)?["']([^"']+)["']/g;

/** What it deletes is noted with it; what it writes is remembered. Answers what it prints. */
function applyFileActs(acts: readonly FileAct[], { draft, facts }: Unwrapping): Text | undefined {
  let printed: string | null = "";
  const { scope } = facts.frame;
  for (const one of acts) {
    if (one.act === "delete")
      draft.deletes = [...(draft.deletes ?? []), { path: one.path, recursive: one.recursive }];
    else if (one.act === "write")
      writeFile(
        scope,
        known(one.path),
        one.text === null ? UNKNOWN : guessed(one.text),
        one.append,
      );
    else printed = printed === null || one.text === null ? null : printed + one.text;
  }
  return printed === null || printed === "" ? undefined : guessed(printed);
}
