import { FOREIGN_CALLS_MAX, FOREIGN_FUEL } from "../limits.js";
import {
  interpolated,
  isSign,
  readArguments,
  readExpression,
  readList,
  type Reader,
} from "./expression.js";
import { BARE_SHELL, fedTexts } from "./fed-shells.js";
import { bindLoop, bindLoops, chainStart, forEachRound } from "./loops.js";
import { LANGUAGES, type Language, type LanguageName } from "./language.js";
import { tokenize, type Token } from "./tokens.js";
import { fillFormat, isFunctionName, textOf, type Value } from "./values.js";

/** What a program finds when it starts: its words, what it reads, the fields of a line. */
export type Surroundings = ReadonlyMap<string, Value>;

/**
 * Shell commands that a program of another language starts, as shell text: `os.system("id")`,
 * `subprocess.run(["rm", "-rf", "/"])`, `exec 'sh'`, `"id" | getline`, with their texts put together
 * where all parts are constant. A command that is computed otherwise yields null: it can not be known.
 */
export function shellCalls(
  code: string,
  name: LanguageName,
  given: Surroundings = NOTHING,
): readonly (string | null)[] {
  return callsOf(code, { name, given, depth: 0 });
}

interface Program {
  readonly name: LanguageName;
  readonly given: Surroundings;
  /** Programs inside of programs: `exec("exec(...)")`. */
  readonly depth: number;
}

function callsOf(code: string, { name, given, depth }: Program): readonly (string | null)[] {
  const language: Language = LANGUAGES[name];
  const tokens = tokenize(
    name === "perl" ? code.replace(/<(?:STDIN)?>/g, " STDIN ") : code,
    language,
  );
  const aliases = new Map<string, string>();
  // Their functions are too many for a list: a name that says it, and a text that is a command.
  const loose = name === "other" || name === "lisp" || name === "node";
  const all: (string | null)[] = [];
  forEachRound((loops) => {
    const variables = new Map<string, Value>(given);
    const out: (string | null)[] = [];
    const place = { directory: null };
    bindLoops({ tokens, language, variables, at: 0, fuel: FOREIGN_FUEL }, variables, loops);
    for (let i = 0; i < tokens.length && all.length + out.length < FOREIGN_CALLS_MAX; i++) {
      const token = tokens[i];
      if (token === undefined) break;
      const reader: Reader = { tokens, language, variables, at: i + 1, fuel: FOREIGN_FUEL };
      const looking: Looking = { reader, variables, out, at: i, aliases, place, loose };
      if (token.type === "text") lookAtText(token.value, looking);
      if (token.type === "command") out.push(filledCommand(token.value, reader));
      else if (token.type === "name" && bindLoop(token.value, i, { reader, variables, loops }))
        continue;
      else if (token.type === "name" && EVALUATORS[name]?.includes(token.value) === true)
        out.push(...evaluated(looking, { name, given: variables, depth }));
      else if (token.type === "name") lookAt(token.value, looking);
      const piped = pipedText(i, { ...reader, at: i });
      if (piped !== undefined) out.push(piped);
    }
    const shell = out.find((one) => one !== null && BARE_SHELL.test(one));
    const reader: Reader = { tokens, language, variables, at: 0, fuel: FOREIGN_FUEL };
    if (typeof shell === "string" && language !== LANGUAGES.awk)
      for (const text of fedTexts(reader)) out.push(`printf %s ${quoted(text)} | ${shell}`);
    all.push(...(loops.round === 0 ? out : out.filter((one) => !all.includes(one))));
  });
  return all;
}

/** Functions that take text as a program of the same language. */
const EVALUATORS: Partial<Readonly<Record<LanguageName, readonly string[]>>> = {
  python: ["exec", "eval"],
  perl: ["eval"],
  ruby: ["eval", "instance_eval"],
  php: ["eval", "assert"],
  node: ["eval", "Function", "runInNewContext", "runInThisContext"],
  lua: ["load", "loadstring"],
};
/** Programs inside of programs that are followed. */
const DEPTH_MAX = 4;

function evaluated(looking: Looking, program: Program): readonly (string | null)[] {
  const { reader, at } = looking;
  if (isDefinition(reader.tokens[at - 1])) return [];
  const values = readCall(reader);
  const text = textOf(values?.[0]);
  if (values === null || values.length === 0) return [];
  if (text === null || program.depth >= DEPTH_MAX) return [null];
  return callsOf(text, { ...program, depth: program.depth + 1 });
}

/** What stands in backquotes is filled in like a text in double quotes. */
function filledCommand(text: string, reader: Reader): string {
  const filled = interpolated({ type: "text", value: text, raw: false, formatted: true }, reader);
  return typeof filled === "string" ? filled : text;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const NOTHING: Surroundings = new Map();

/** Where the program went, or was told to start a command: a shell would go there first. */
function movedCommand(command: string | null, directory: string | null): string | null {
  if (command === null || command === "" || directory === null) return command;
  return `cd ${quoted(directory)}\n${command}`;
}

/** `chdir("/")`, `Dir.chdir "/"`. */
const MOVERS: ReadonlySet<string> = new Set(["chdir", "SetCurrentDirectory", "set_cwd", "fchdir"]);

/** `cwd="/"`, `{ cwd: "/" }`, `chdir: "/"` among the words of a call. */
function namedDirectory({ tokens }: Reader, from: number, to: number): string | null {
  for (let i = from; i + 2 < to; i++) {
    const [name, sign, value] = [tokens[i], tokens[i + 1], tokens[i + 2]];
    if (name?.type !== "name" || !/^(?:cwd|chdir|dir)$/.test(name.value)) continue;
    if (sign?.type === "sign" && /^[=:]$/.test(sign.value) && value?.type === "text")
      return value.value;
  }
  return null;
}

interface Looking {
  /** What is called like a starter, and is given a command, is one. */
  readonly loose: boolean;
  /** Where the program went. */
  readonly place: { directory: string | null };
  readonly reader: Reader;
  readonly variables: Map<string, Value>;
  readonly out: (string | null)[];
  readonly at: number;
  /** Other names of functions that start programs. */
  readonly aliases: Map<string, string>;
}

function lookAt(name: string, looking: Looking): void {
  const { reader, variables, out, at, place } = looking;
  if (MOVERS.has(name) && !isDefinition(reader.tokens[at - 1])) {
    place.directory = textOf(readCall(reader)?.[0]);
    return;
  }
  if (isSign(reader, "=")) {
    reader.at += 1;
    variables.set(name, readExpression(reader));
    return;
  }
  if (addsTo(reader)) {
    reader.at += 2;
    const [before, more] = [textOf(variables.get(name)), textOf(readExpression(reader))];
    variables.set(name, before === null || more === null ? null : before + more);
    return;
  }
  if (name === "getattr" && lookAtAttribute(reader, out)) return;
  lookAtStarter(name, looking);
}

/** `"rm -rf /".!` of scala, and `Bun.$`rm -rf /``. */
function lookAtText(text: string, looking: Looking): void {
  const { reader, out, at, loose } = looking;
  const { tokens } = reader;
  const [before, dot, next] = [tokens[at - 1], tokens[at + 1], tokens[at + 2]];
  // `array_map("system", ["id"])`, `cp["exec"]("id")`: the function by its name.
  const isHanded = isSign(reader, ",") || (isSign(reader, "]") && signOf(next) === "(");
  if (isHanded && STARTERS.has(text) && text !== "open") lookBehind(looking);
  if (!loose || !LITERAL_COMMAND.test(text)) return;
  const isTagged = before?.type === "name" && before.value === "";
  const isRun = isDot(dot) && next?.type === "sign" && next.value === "!";
  if (isTagged || isRun) out.push(text);
}

/** `map(os.system, ["id"])`, `Thread(target=system, args=("id",))`: what is handed on with the function. */
function lookBehind({ reader, out, at }: Looking): void {
  const near = reader.tokens.slice(at + 1, at + HANDED_TOKENS);
  const text = near.find((one) => one.type === "text" && LITERAL_COMMAND.test(one.value));
  if (text?.type === "text") out.push(text.value);
}

/** Tokens behind the name of a function among which its words stand. */
const HANDED_TOKENS = 12;

const signOf = (token: Token | undefined): string | undefined =>
  token?.type === "sign" ? token.value : undefined;

/** A call of something that is named like what starts programs, with a command in its hands. */
function lookAtLikely(name: string, { reader, out, at }: Looking): void {
  if (!LIKELY_STARTER.test(name) || isDefinition(reader.tokens[at - 1])) return;
  const values = readCall(reader);
  const command = values === null || values.length === 0 ? null : commandOf(values, name);
  if (command !== null && LITERAL_COMMAND.test(command.replace(/^'([^']*)'/, "$1")))
    out.push(command);
}

const LIKELY_STARTER =
  /system|exec|shell|command|cmd|^run|Run|spawn|process|popen|proc|^sh$|call|launch|start|invoke|subprocess|escape|pipe/i;
const LITERAL_COMMAND =
  /^\s*(?:\S*\/)?(?:rm|unlink|rmdir|shred|truncate|dd|mkfs\S*|chmod|chown|mv|find|\w{0,3}sh|busybox|sudo|doas|su|env|nohup|xargs)\s+\S/;

function lookAtStarter(name: string, looking: Looking): void {
  const { reader, out, at, aliases, place, loose } = looking;
  if (STARTERS.has(name)) noteAlias(name, at, { reader, aliases });
  const starter = aliases.get(name) ?? name;
  if (loose && !STARTERS.has(starter)) {
    lookAtLikely(name, looking);
    return;
  }
  if (!STARTERS.has(starter) || isDefinition(reader.tokens[at - 1])) return;
  const values = readCall(reader);
  if (values === null) {
    if (isSign(reader, ",")) lookBehind(looking);
    // `"rm -rf /".execute()`: the command stands in front of the dot.
    const before = reader.tokens[at - 2];
    if (isDot(reader.tokens[at - 1]) && before?.type === "text") out.push(before.value);
    return;
  }
  const before = reader.tokens[at - 2];
  if (values.length === 0 && before?.type === "text" && isDot(reader.tokens[at - 1]))
    out.push(before.value);
  else if (values.length > 0) {
    const directory = namedDirectory(reader, at, reader.at) ?? place.directory;
    out.push(movedCommand(commandOf(values, starter), directory));
  }
}

/** `x += "more"`, in perl and php `.=`. */
function addsTo({ tokens, at }: Reader): boolean {
  const [first, second] = [tokens[at], tokens[at + 1]];
  if (first?.type !== "sign" || second?.type !== "sign" || second.value !== "=") return false;
  return first.value === "+" || first.value === ".";
}

/** `import system as s`, `{ execSync: e }`, `s = os.system`: another name for what starts programs. */
function noteAlias(
  name: string,
  at: number,
  { reader, aliases }: Pick<Looking, "reader" | "aliases">,
): void {
  const { tokens } = reader;
  const next = tokens[at + 1];
  const behind = tokens[at + 2];
  const renames =
    (next?.type === "name" && next.value === "as") || (next?.type === "sign" && next.value === ":");
  if (renames && behind?.type === "name") aliases.set(behind.value, name);
  if (isSign(reader, "(")) return;
  const first = chainStart(tokens, at);
  const equals = tokens[first - 1];
  const named = tokens[first - 2];
  if (equals?.type === "sign" && equals.value === "=" && named?.type === "name")
    aliases.set(named.value, name);
}

/** `getattr(os, "sys" + "tem")("id")`. */
function lookAtAttribute(reader: Reader, out: (string | null)[]): boolean {
  if (!isSign(reader, "(")) return false;
  reader.at += 1;
  const name = textOf(readArguments(reader, ")").at(-1));
  if (!isSign(reader, "(") || (name !== null && !STARTERS.has(name))) return false;
  reader.at += 1;
  const values = readArguments(reader, ")");
  out.push(name === null ? null : commandOf(values, name));
  return true;
}

const isDot = (token: Token | undefined): boolean => token?.type === "sign" && token.value === ".";

function isDefinition(token: Token | undefined): boolean {
  return (
    token?.type === "name" &&
    ["def", "function", "sub", "defun", "import", "fn"].includes(token.value)
  );
}

/** Arguments in brackets, or behind the name; null when it is no call. */
function readCall(reader: Reader): readonly Value[] | null {
  if (isSign(reader, "(")) {
    reader.at += 1;
    return readArguments(reader, ")");
  }
  if (reader.language.lisp) return readWords(reader);
  // `exec *ARGV`, `exec { "/bin/rm" } "x", ...`: what stands in front of the list is passed over.
  if (isSign(reader, "*")) reader.at += 1;
  const program = bracedText(reader);
  if (program !== null) {
    reader.at += 3;
    return [program, ...readList(reader).slice(1)];
  }
  const next = reader.tokens[reader.at];
  const listed =
    next?.type === "name" && (reader.variables.has(next.value) || isFunctionName(next.value));
  // perl: `open F, "cmd|"`.
  const behind = reader.tokens[reader.at + 1];
  const handled =
    reader.language === LANGUAGES.perl &&
    next?.type === "name" &&
    behind?.type === "sign" &&
    behind.value === ",";
  return next?.type === "text" || next?.type === "words" || listed || handled
    ? readList(reader)
    : null;
}

function bracedText(reader: Reader): string | null {
  const inner = reader.tokens[reader.at + 1];
  const closed = reader.tokens[reader.at + 2];
  if (!isSign(reader, "{") || inner?.type !== "text") return null;
  return closed?.type === "sign" && closed.value === "}" ? inner.value : null;
}

/** `(call-process "rm" nil nil nil "-rf" "/etc")`. */
function readWords(reader: Reader): readonly Value[] {
  const out: Value[] = [];
  for (; reader.at < reader.tokens.length && !isSign(reader, ")"); reader.at++) {
    const token = reader.tokens[reader.at];
    if (token?.type === "text") out.push(token.value);
  }
  return out;
}

/** awk: `print | "sh"` and `"id" | getline`; perl: `open(F, "id|")`. */
function pipedText(at: number, reader: Reader): string | null | undefined {
  const token = reader.tokens[at];
  const next = reader.tokens[at + 1];
  if (reader.language !== LANGUAGES.awk || token?.type !== "sign" || !/^\|&?$/.test(token.value))
    return undefined;
  if (next?.type === "name" && next.value === "getline") {
    const before = reader.tokens[at - 1];
    if (before?.type === "text") return before.value;
    return before?.type === "name" ? textOf(reader.variables.get(before.value)) : null;
  }
  reader.at = at + 1;
  const command = textOf(readExpression(reader));
  return command !== null && SHELL_TEXT.test(command) ? feeding(at, command, reader) : command;
}

const SHELL_TEXT = /^\s*(?:\S*\/)?(?:ba|da|z|k|mk|a|c|tc|fi)?sh\b/;

/** `print x | "sh"`: what is printed is what the shell runs. */
function feeding(at: number, command: string, reader: Reader): string | null {
  let first = at - 1;
  while (first >= 0 && !isPrint(reader.tokens[first])) first -= 1;
  const words: Reader = { ...reader, at: first + 1 };
  const printed =
    first + 1 === at
      ? textOf(reader.variables.get("0"))
      : printedText(readList(words), reader.tokens[first]);
  return printed === null ? null : `printf %s '${printed.replaceAll("'", "'\\''")}' | ${command}`;
}

/** `print a, b` puts a blank between them, `printf` fills its first text. */
function printedText(values: readonly Value[], by: Token | undefined): string | null {
  const [format, ...rest] = values;
  if (by?.type === "name" && by.value === "printf" && typeof format === "string")
    return textOf(fillFormat(format.replaceAll("\\n", "\n"), rest));
  const texts = values.map(textOf);
  return texts.every((one) => one !== null) ? texts.join(" ") : null;
}

const isPrint = (token: Token | undefined): boolean =>
  token?.type === "name" && (token.value === "print" || token.value === "printf");

/**
 * One text is shell text. Several, or a list, are the words of a command; a path or mode in front of
 * them (`execv("/bin/rm", ["rm", ...])`, `spawnlp(P_WAIT, ...)`, `open(F, "-|", ...)`) is passed over.
 */
function commandOf(values: readonly Value[], name: string): string | null {
  if (name === "open") return openedCommand(values);
  const own = values[0] === null && /^spawn[vl]/.test(name) ? values.slice(1) : values;
  const [first, ...rest] = own;
  if (first === null || first === undefined) return null;
  if (typeof first === "object") return wordsOf(first);
  const listed = rest.flatMap((one) => (typeof one === "object" && one !== null ? one : []));
  const texts = rest.filter((one) => typeof one === "string");
  if (listed.length === 0 && (texts.length === 0 || ONE_TEXT.has(name))) return textOf(first);
  return wordsOf([first, ...(listed.length > 0 ? listed : rest)]);
}

/** Functions that take one text; what follows it is something else. */
const ONE_TEXT = new Set([
  "popen",
  "popen2",
  "popen3",
  "shell_exec",
  "proc_open",
  "getoutput",
  "getstatusoutput",
]);

/** perl: `open(F, "cmd |")`, `open(F, "| cmd")`, `open(F, "-|", "cmd", "arg")`. */
function openedCommand(values: readonly Value[]): string | null {
  const texts = values.filter((one) => typeof one === "string");
  const mode = texts.findIndex((one) => one === "-|" || one === "|-");
  if (mode >= 0)
    return texts.length === mode + 2 ? (texts[mode + 1] ?? null) : wordsOf(texts.slice(mode + 1));
  const piped = texts.find((one) => /^\s*\||\|\s*$/.test(one));
  return piped === undefined ? "" : piped.replace(/^\s*\||\|\s*$/g, "");
}

/** `execlp("sh", "sh", "-c", ...)` repeats the name as argument zero. */
function wordsOf(values: readonly Value[]): string {
  const baseOf = (value: Value | undefined): string => (textOf(value) ?? "").replace(/^.*\//, "");
  const repeats = values.length > 1 && baseOf(values[1]) === baseOf(values[0]);
  const words = repeats ? values.slice(1) : values;
  return words
    .map((word) => {
      const text = textOf(word);
      // A word that can not be known stays one: an expansion of nothing that the shell knows.
      return text === null ? '"${_unknown_word_}"' : `'${text.replaceAll("'", "'\\''")}'`;
    })
    .join(" ");
}

/** Functions that start programs, in the languages that we meet. */
const STARTERS: ReadonlySet<string> = new Set(
  (
    "system popen popen2 popen3 popen4 exec execv execve execvp execvpe execl execle execlp execlpe execSync " +
    "execFile execFileSync execute spawn spawnv spawnve spawnvp spawnl spawnlp spawnle spawnSync posix_spawn " +
    "posix_spawnp startfile shell_exec passthru proc_open pcntl_exec getoutput getstatusoutput run call " +
    "check_call check_output Popen create_subprocess_shell create_subprocess_exec open capture2 capture2e " +
    "capture3 syscall readpipe " +
    "cmd run-program shellExec rawSystem callCommand readProcess Shell sh-run run_command spawn_shell " +
    "shell-command shell-command-to-string call-process start-process async-shell-command system* term ansi-term"
  ).split(" "),
);
