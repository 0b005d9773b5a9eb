import { FOREIGN_CALLS_MAX, FOREIGN_FUEL } from "../limits.js";
import { isSign, readArguments, readExpression, readList, type Reader } from "./expression.js";
import { DELETERS } from "./deleters.js";
import { spelledGlobs } from "./perl-globs.js";
import { bindLoop, bindLoops, forEachRound } from "./loops.js";
import { LANGUAGES, type Language, type LanguageName } from "./language.js";
import type { Surroundings } from "./shell-calls.js";
import { tokenize, type Token } from "./tokens.js";
import { fillFormat, textOf, type Value } from "./values.js";

/** What a program of another language does by itself that matters to the shell around it. */
export type FileAct =
  | { readonly act: "delete"; readonly path: string | null; readonly recursive: boolean }
  /** The text is null where it is computed. */
  | {
      readonly act: "write";
      readonly path: string;
      readonly text: string | null;
      readonly append: boolean;
    }
  | { readonly act: "print"; readonly text: string | null };

/**
 * Files that a program of another language deletes and writes, and what it prints, as far as constants
 * tell: `shutil.rmtree("/x")`, `open("f", "w").write("id")`, `print("id")`. Loops and branches are not
 * followed: what stands there is taken to happen once.
 */
export function fileCalls(
  code: string,
  name: LanguageName,
  given: Surroundings = NOTHING,
): readonly FileAct[] {
  if (!WORTH_READING.test(code)) return [];
  const language: Language = LANGUAGES[name];
  const tokens = tokenize(name === "perl" ? spelledGlobs(code) : code, language);
  const all: FileAct[] = [];
  forEachRound((loops) => {
    const variables = new Map<string, Value>(given);
    const look: Look = {
      tokens,
      language,
      variables,
      aliases: new Map(),
      handles: new Map(),
      out: [],
      unnamed: false,
    };
    bindLoops(readerAt(look, 0), variables, loops);
    for (let at = 0; at < tokens.length && all.length + look.out.length < FOREIGN_CALLS_MAX; at++) {
      const token = tokens[at];
      if (token?.type === "text") lookAtText(look, token.value, at);
      if (token?.type !== "name") continue;
      const reader = readerAt(look, at + 1);
      if (!bindLoop(token.value, at, { reader, variables, loops }))
        lookAtName(look, token.value, at);
    }
    if (look.unnamed) look.out.push(...walkedTrees(look));
    // Later rounds say again what does not depend on the loop: that is written and printed once.
    all.push(...(loops.round === 0 ? look.out : look.out.filter((one) => one.act === "delete")));
  });
  return all;
}

const NOTHING: Surroundings = new Map();
const WORTH_READING =
  /\b(?:rm|del|unlink|remove|open|write|put_contents|append|print|puts|say|echo|log|destroy)/i;

interface Handle {
  readonly path: string;
  readonly append: boolean;
}

interface Look {
  readonly tokens: readonly Token[];
  readonly language: Language;
  readonly variables: Map<string, Value>;
  /** Other names of functions that delete: `from shutil import rmtree as r`. */
  readonly aliases: Map<string, string>;
  readonly handles: Map<string, Handle>;
  readonly out: FileAct[];
  /** Something is deleted whose name is found while the program runs. */
  unnamed: boolean;
}

/** Functions that go through a folder: what is deleted without a name is what they find. */
const WALKERS: ReadonlySet<string> = new Set(
  (
    "walk fwalk glob iglob rglob scandir listdir readdir readdirSync opendir opendirSync find finddepth " +
    "iterdir entries children each_child foreach each_entry each_file dir RecursiveDirectoryIterator " +
    "DirectoryIterator file_name scan_dir ReadDir WalkDir directory_files directory-files glob_files"
  ).split(" "),
);

/** Folders that the program goes through, as deleted: a text behind the name, or the one in front of it. */
function walkedTrees({ tokens }: Look): readonly FileAct[] {
  const out: FileAct[] = [];
  tokens.forEach((token, at) => {
    if (token.type !== "name" || !WALKERS.has(token.value) || out.length >= PATHS_MAX) return;
    const near = [
      ...tokens.slice(at + 1, at + WALKED_TOKENS),
      ...tokens.slice(Math.max(0, at - 4), at),
    ];
    const root = near.find((one) => one.type === "text" && /^[/~.]/.test(one.value));
    if (root?.type !== "text") return;
    const path = root.value.replace(/\/\*\*.*$/s, "") || "/";
    out.push({ act: "delete", path, recursive: true });
  });
  return out;
}

/** Tokens behind a name among which its folder stands. */
const WALKED_TOKENS = 24;

function readerAt({ tokens, language, variables }: Look, at: number): Reader {
  return { tokens, language, variables, at, fuel: FOREIGN_FUEL };
}

function lookAtName(look: Look, name: string, at: number): void {
  const reader = readerAt(look, at + 1);
  if (isSign(reader, "=")) {
    reader.at += 1;
    look.variables.set(name, readExpression(reader));
    return;
  }
  const renamed = nameAt(look, at + 1) === "as" ? nameAt(look, at + 2) : undefined;
  if (renamed !== undefined && DELETERS.has(name)) look.aliases.set(renamed, name);
  if (isDefinition(look.tokens[at - 1])) return;
  const deleter = look.aliases.get(name) ?? name.replace(/[?!]$/, "");
  if (DELETERS.has(deleter)) lookAtDeleter(look, deleter, at);
  else if (OPENERS.has(name) || (name === "new" && nameAt(look, at - 2) === "File"))
    openFile(look, at);
  else if (look.handles.has(name)) appendTo(look, name, at);
  else if (WRITERS.has(name)) lookAtWriter(look, name, at);
  else if (PRINTERS.has(name)) lookAtPrinter(look, name, at);
}

/** `array_map("unlink", glob("/x/*"))`. */
function lookAtText(look: Look, value: string, at: number): void {
  const reader = readerAt(look, at + 1);
  if (!DELETERS.has(value) || !isSign(reader, ",")) return;
  reader.at += 1;
  deleted(look, [readExpression(reader)], DELETERS.get(value) === true);
}

const nameAt = (look: Look, at: number): string | undefined => {
  const token = look.tokens[at];
  return token?.type === "name" ? token.value : undefined;
};
const signAt = (look: Look, at: number): string | undefined => {
  const token = look.tokens[at];
  return token?.type === "sign" ? token.value : undefined;
};

function isDefinition(token: Token | undefined): boolean {
  return (
    token?.type === "name" &&
    ["def", "function", "sub", "defun", "import", "fn"].includes(token.value)
  );
}

/** Values of a call, in brackets or behind the name; null when it is no call. */
function callAt(look: Look, at: number): { values: readonly Value[]; end: number } | null {
  const reader = readerAt(look, at);
  if (isSign(reader, "(")) {
    reader.at += 1;
    return { values: readArguments(reader, ")"), end: reader.at };
  }
  if (look.language.lisp) return wordsAt(look, at);
  const next = look.tokens[at];
  const isValue =
    next?.type === "text" ||
    next?.type === "words" ||
    (next?.type === "sign" && next.value === "[") ||
    (next?.type === "name" && (next.value === "glob" || look.variables.has(next.value)));
  if (!isValue) return null;
  if (nameAt(look, at) === "glob") reader.at += signAt(look, at + 1) === "(" ? 0 : 1;
  return { values: readList(reader), end: reader.at };
}

/** `(f "a" nil "b")`: texts up to the closing bracket. */
function wordsAt(look: Look, at: number): { values: readonly Value[]; end: number } | null {
  const values: Value[] = [];
  let end = at;
  for (; end < look.tokens.length && signAt(look, end) !== ")"; end++) {
    const token = look.tokens[end];
    if (token?.type === "text") values.push(token.value);
  }
  return values.length === 0 ? null : { values, end };
}

function lookAtDeleter(look: Look, name: string, at: number): void {
  const kind = DELETERS.get(name);
  const call = callAt(look, at + 1);
  if (call !== null && call.values.length > 0) {
    const recursive = kind === true || (kind === "option" && saysRecursive(look, at, call.end));
    // tcl: `file delete -force /x`; vim: `delete('/x', 'rf')`.
    const flag = textOf(call.values[1]) ?? "";
    const isVim = name === "delete" && /^r?f?$/.test(flag) && flag !== "";
    // What else is given along (`true`, an object, a mode) is no path.
    const paths = call.values.filter((one, i) => i === 0 || typeof one === "string");
    deleted(look, isVim ? paths.slice(0, 1) : paths, recursive || (isVim && flag.includes("r")));
    return;
  }
  // `Path("/x").unlink()`: the path stands in front of the dot.
  // `map(shutil.rmtree, ["/x"])`: the function is handed on with its words.
  const handed = signAt(look, at + 1) === "," ? handedPath(look, at) : undefined;
  if (handed !== undefined) {
    deleted(look, [handed], kind === true);
    return;
  }
  const before = look.tokens[at - 3];
  const isMethod = signAt(look, at - 1) === "." && signAt(look, at - 2) === ")";
  if (isMethod && before?.type === "text") deleted(look, [before.value], kind === true);
  else look.unnamed = true;
}

function handedPath({ tokens }: Look, at: number): string | undefined {
  const near = tokens.slice(at + 2, at + 8);
  const text = near.find((one) => one.type === "text" && /^[/~.]/.test(one.value));
  return text?.type === "text" ? text.value : undefined;
}

function saysRecursive(look: Look, at: number, end: number): boolean {
  return look.tokens
    .slice(at, end)
    .some((token) => token.type === "name" && /^recursive$/.test(token.value));
}

function deleted(look: Look, values: readonly Value[], recursive: boolean): void {
  const listed = values.flatMap((one) => (Array.isArray(one) ? (one as readonly Value[]) : [one])); // isArray does not narrow readonly lists
  for (const one of listed.slice(0, PATHS_MAX)) {
    const path = textOf(one);
    if (path === null && !recursive) {
      look.unnamed = true;
      continue;
    }
    look.out.push({ act: "delete", path, recursive });
  }
}

/** Paths of one call that are followed. */
const PATHS_MAX = 16;

const OPENERS = new Set(["open", "fopen", "openSync", "createWriteStream"]);

/** `f = open("x", "w")`, `with open(..) as f`, `open(F, ">x")`, `File.open("x", "w") { |f| .. }`. */
function openFile(look: Look, at: number): void {
  const own = perlHandle(look, at);
  const call = own === null ? callAt(look, at + 1) : own;
  if (call === null) return;
  const texts = call.values.map(textOf);
  const isStream = nameAt(look, at) === "createWriteStream";
  const moded = isStream ? [texts[0] ?? null, "w"] : texts;
  const opened = own === null ? openedByMode(moded) : openedByPerl(texts);
  if (opened === null) return;
  const name = own?.name ?? handleName(look, at, call.end);
  if (name !== undefined) look.handles.set(name, opened);
  const method = nameAt(look, call.end + 1);
  const isChained = /^[.:]$/.test(signAt(look, call.end) ?? "") && method !== undefined;
  if (!isChained || !WRITERS.has(method)) return;
  const written = callAt(look, call.end + 2);
  if (written !== null) wrote(look, opened, textOf(written.values[0]));
}

/** ruby: `f << "id"`. */
function appendTo(look: Look, name: string, at: number): void {
  const handle = look.handles.get(name);
  if (handle === undefined || signAt(look, at + 1) !== "<" || signAt(look, at + 2) !== "<") return;
  wroteOn(look, handle, textOf(readExpression(readerAt(look, at + 3))));
}

function openedByMode([path, mode]: readonly (string | null)[]): Handle | null {
  if (path === null || path === undefined) return null;
  return /^[rbt]*[wax]/.test(mode ?? "r") ? { path, append: /a/.test(mode ?? "") } : null;
}

/** `">x"`, or `">"` and `"x"` behind it. */
function openedByPerl(texts: readonly (string | null)[]): Handle | null {
  const [first, second] = texts;
  const match = /^\s*\+?(>{1,2})\s*(?::\S+)?\s*(.*)$/s.exec(first ?? "");
  const path = match?.[2] === "" ? second : match?.[2];
  if (match === null || path === null || path === undefined) return null;
  return { path, append: match[1] === ">>" };
}

/** `open(F, ...)`, `open my $h, ...`: the handle is the first word. */
function perlHandle(
  look: Look,
  at: number,
): { name: string; values: readonly Value[]; end: number } | null {
  if (look.language !== LANGUAGES.perl) return null;
  let i = at + 1;
  if (signAt(look, i) === "(") i += 1;
  if (nameAt(look, i) === "my") i += 1;
  const name = nameAt(look, i);
  if (name === undefined || signAt(look, i + 1) !== ",") return null;
  const reader = readerAt(look, i + 2);
  return { name, values: readList(reader), end: reader.at };
}

function handleName(look: Look, at: number, end: number): string | undefined {
  let first = at;
  while ([".", "::"].includes(signAt(look, first - 1) ?? "")) first -= 2;
  if (signAt(look, first - 1) === "(" && nameAt(look, first - 2) === "assert") first -= 2;
  if (signAt(look, first - 1) === "=") return nameAt(look, first - 2);
  if (nameAt(look, end) === "as") return nameAt(look, end + 1);
  const block = signAt(look, end) === "{" || nameAt(look, end) === "do";
  return block && signAt(look, end + 1) === "|" ? nameAt(look, end + 2) : undefined;
}

/** Whole files at once: where the path stands among the arguments, and where the text. */
const WRITERS: ReadonlyMap<string, { path: number; text: number; append?: true } | "method"> =
  new Map<string, { path: number; text: number; append?: true } | "method">([
    ["writeFileSync", { path: 0, text: 1 }],
    ["writeFile", { path: 0, text: 1 }],
    ["appendFileSync", { path: 0, text: 1, append: true }],
    ["appendFile", { path: 0, text: 1, append: true }],
    ["file_put_contents", { path: 0, text: 1 }],
    ["writefile", { path: 1, text: 0 }],
    ["write_file", { path: 0, text: 1 }],
    ["write-region", { path: 1, text: 0 }],
    ["write_text", "method"],
    ["write_bytes", "method"],
    ["write", "method"],
    ["writelines", "method"],
    ["puts", "method"],
    ["fwrite", "method"],
    ["fputs", "method"],
  ]);

function lookAtWriter(look: Look, name: string, at: number): void {
  const shape = WRITERS.get(name);
  const call = callAt(look, at + 1);
  if (shape === undefined || call === null) return;
  const texts = call.values.map(joinedText);
  if (shape === "method") lookAtMethod(look, { name, at, texts });
  else {
    // sqlite: `writefile('f', 'text')`; vim: `writefile(['text'], 'f')`.
    const swapped = name === "writefile" && !Array.isArray(call.values[0]);
    const [to, text] = swapped ? texts : [texts[shape.path], texts[shape.text]];
    if (typeof to === "string")
      wrote(look, { path: to, append: shape.append === true }, text ?? null);
  }
}

function joinedText(value: Value): string | null {
  if (!Array.isArray(value)) return textOf(value);
  return (value as readonly Value[]).map((one) => textOf(one) ?? "").join("\n"); // isArray does not narrow readonly lists
}

interface MethodCall {
  readonly name: string;
  readonly at: number;
  readonly texts: readonly (string | null)[];
}

/** `f.write("id")`, `File.write("f", "id")`, `Path("f").write_text("id")`. */
function lookAtMethod(look: Look, { name, at, texts }: MethodCall): void {
  const receiver = signAt(look, at - 1) === undefined ? undefined : nameAt(look, at - 2);
  const handle =
    look.handles.get(receiver ?? "") ??
    look.handles.get(nameAt(look, at + 2) ?? "") ??
    openedInside(look, at + 2);
  const [first] = texts;
  if (handle !== null) {
    wroteOn(look, handle, texts.at(-1) ?? null);
    return;
  }
  if (receiver === "File" || receiver === "IO") {
    if (typeof first === "string") wrote(look, { path: first, append: false }, texts[1] ?? null);
    return;
  }
  const before = look.tokens[at - 3];
  const isOfPath = signAt(look, at - 2) === ")" && before?.type === "text";
  if (isOfPath && name.startsWith("write_"))
    wrote(look, { path: before.value, append: false }, first ?? null);
  else if (isScreen(receiver, name))
    look.out.push({ act: "print", text: withLine(first ?? null, name) });
}

/** php: `fwrite(fopen("f", "w"), "id")`. */
function openedInside(look: Look, at: number): Handle | null {
  if (!OPENERS.has(nameAt(look, at) ?? "")) return null;
  const call = callAt(look, at + 1);
  return call === null ? null : openedByMode(call.values.map(textOf));
}

function isScreen(receiver: string | undefined, name: string): boolean {
  return receiver === "stdout" || receiver === "io" || (receiver === undefined && name === "puts");
}

/** What is written first takes the place of what was there, what follows stands behind it. */
function wroteOn(look: Look, handle: Handle, text: string | null): void {
  wrote(look, { ...handle, append: handle.append || isWritten(look, handle) }, text);
}

function isWritten(look: Look, { path }: Handle): boolean {
  return look.out.some((one) => one.act === "write" && one.path === path);
}

function wrote(look: Look, { path, append }: Handle, text: string | null): void {
  look.out.push({ act: "write", path, text, append });
}

const PRINTERS = new Set(["print", "say", "echo", "log", "printf", "println", "p"]);

function lookAtPrinter(look: Look, name: string, at: number): void {
  if (name === "log" && nameAt(look, at - 2) !== "console") return;
  const own = handleInFront(look, at + 1);
  const call = callAt(look, own?.end ?? at + 1);
  if (call === null) return;
  const texts = call.values.map(textOf);
  const isPerl = look.language === LANGUAGES.perl && name === "print";
  const [format, ...rest] = call.values;
  const text =
    name === "printf" && typeof format === "string"
      ? textOf(fillFormat(format, rest))
      : texts.some((one) => one === null)
        ? null
        : texts.join(isPerl ? "" : " ");
  const shown = withLine(text, isPerl ? "printf" : name);
  const handle = fileArgument(look, at) ?? own?.handle;
  if (look.language === LANGUAGES.awk && printedAway(look, call.end, shown)) return;
  if (handle !== undefined) wroteOn(look, handle, shown);
  else look.out.push({ act: "print", text: shown });
}

/** awk: `print "id" > "f"`, `print "id" | "sh"`. */
function printedAway(look: Look, end: number, shown: string | null): boolean {
  if (signAt(look, end) === "|") return true;
  const append = signAt(look, end + 1) === ">";
  const named = look.tokens[end + (append ? 2 : 1)];
  if (signAt(look, end) !== ">" || named?.type !== "text") return false;
  wrote(look, { path: named.value, append }, shown);
  return true;
}

function withLine(text: string | null, name: string): string | null {
  return text === null || name === "printf" || name === "write" ? text : `${text}\n`;
}

/** perl: `print F "x"`, `print {$h} "x"`. */
function handleInFront(look: Look, at: number): { handle: Handle; end: number } | null {
  const braced = signAt(look, at) === "{";
  const handle = look.handles.get(nameAt(look, braced ? at + 1 : at) ?? "");
  return handle === undefined ? null : { handle, end: at + (braced ? 3 : 1) };
}

/** python: `print("id", file=open("f", "w"))`, `file=f`. */
function fileArgument(look: Look, at: number): Handle | undefined {
  for (let i = at + 1; i < Math.min(look.tokens.length, at + ARGUMENT_TOKENS_MAX); i++) {
    if (nameAt(look, i) !== "file" || signAt(look, i + 1) !== "=") continue;
    const value = nameAt(look, i + 2) ?? "";
    if (!OPENERS.has(value)) return look.handles.get(value);
    const call = callAt(look, i + 3);
    return call === null ? undefined : (openedByMode(call.values.map(textOf)) ?? undefined);
  }
  return undefined;
}

/** Tokens of one call that are looked through for its named arguments. */
const ARGUMENT_TOKENS_MAX = 64;
