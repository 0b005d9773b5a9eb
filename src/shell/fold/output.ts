import { VALUE_CHARS_MAX } from "../limits.js";
import { pathsMatching, readFile } from "../walk/files.js";
import { printedPaths } from "../wrappers/find.js";
import { packedText } from "../walk/archives.js";
import { throughLinks } from "../walk/links.js";
import { isStdin } from "../walk/redirects.js";
import { directoryOf, isArray, locate, readVariable, type Scope } from "../walk/scope.js";
import { processPath } from "../walk/gathering.js";
import { guessed, isLikely, known, UNKNOWN, weigh, type Field, type Text } from "../words/text.js";
import { DECODERS } from "./decoders.js";
import type { Folder, Read } from "./folder.js";
import { printedAliases, printedDeclarations } from "./printed-state.js";
import { SOURCES } from "./sources.js";
import { TEXT_TOOLS } from "./text-tools.js";

/** What surrounds the command whose output is asked for. */
interface FoldContext {
  readonly stdin: Text | undefined;
  readonly scope: Scope;
  readonly processes: readonly Text[];
}

/**
 * What a command writes when that can be known without running it: `echo`, `printf`, and the usual
 * filters and decoders over text that is known. Unknown for everything else.
 */
export function foldCommand(fields: readonly Field[], context: FoldContext): Text {
  const name = fields[0]?.text ?? "";
  const exec = name.slice(name.lastIndexOf("/") + 1);
  const special = SHOWN.get(exec)?.(fields, context);
  if (special !== undefined && special !== null) return special;
  const folder = FOLDERS.get(exec);
  return folder === undefined ? UNKNOWN : fold(folder, fields.slice(1), context);
}

/** The same for a program that edits what is given. */
export function foldText(name: string, words: readonly Field[], input: Text): Text | null {
  const folder = FOLDERS.get(name);
  if (folder === undefined || !words.every(isLikely)) return null;
  const output = folder(
    words.map((one) => one.text),
    () => input.text,
  );
  return output === null ? null : weigh(output, [...words, input]);
}

function fold(folder: Folder, words: readonly Field[], context: FoldContext): Text {
  const used: Text[] = [...words];
  const read: Read = (files) => {
    const texts = files.length === 0 ? [context.stdin] : files.map((one) => open(one, context));
    let all = "";
    for (const text of texts) {
      if (text === undefined || (!text.known && text.text === "")) return null;
      used.push(text);
      all += text.text;
    }
    return all;
  };
  const output = folder(
    words.map((one) => one.text),
    read,
  );
  if (output === null || output.length > VALUE_CHARS_MAX) return UNKNOWN;
  return weigh(output, used);
}

function open(path: string, { stdin, scope, processes }: FoldContext): Text | undefined {
  if (isStdin(path)) return stdin;
  const process = processes.findIndex((_one, index) => processPath(index) === path);
  return process < 0 ? readFile(scope, path) : processes[process];
}

/** Programs that show what only the target knows, but a good guess is at hand. */
const SHOWN: ReadonlyMap<string, (fields: readonly Field[], context: FoldContext) => Text | null> =
  new Map<string, (fields: readonly Field[], context: FoldContext) => Text | null>([
    ["which", located],
    [
      "whereis",
      (fields) => (located(fields) === null ? null : guessed(`x: /usr/bin/${lastName(fields)} `)),
    ],
    ["type", located],
    ["command", located],
    ["printenv", exported],
    ["alias", (fields, { scope }) => printedAliases(fields, scope)],
    ...["declare", "typeset", "export", "readonly", "set", "functions"].map(
      (name): [string, (fields: readonly Field[], context: FoldContext) => Text | null] => [
        name,
        (fields, { scope }) => printedDeclarations(fields, scope),
      ],
    ),
    ["pwd", (_fields, { scope }) => directoryText(scope)],
    ["find", (fields, { scope }) => linesText(printedPaths(fields.slice(1), scope))],
    ["ls", listed],
    ["dir", listed],
    ["realpath", resolved],
    ["readlink", resolved],
    ["tar", (fields, { scope }) => packedText(scope, fields)],
    ["bsdtar", (fields, { scope }) => packedText(scope, fields)],
    ["unzip", (fields, { scope }) => packedText(scope, fields)],
    ["whoami", () => guessed("root\n")],
  ]);

/** `$(which rm)` is most likely rm, wherever it lives. */
function located(fields: readonly Field[]): Text | null {
  const words = fields.map((one) => one.text);
  const finds = words[0] !== "command" || /^-[vp]*v$/i.test(words[1] ?? "");
  const name = words.at(-1) ?? "";
  return finds && words.length > 1 && /^[\w./+-]+$/.test(name)
    ? guessed(`${name.includes("/") ? "" : "/usr/bin/"}${name}\n`)
    : null;
}

/** Where a path leads, as far as links of this session say. */
function resolved(fields: readonly Field[], { scope }: FoldContext): Text | null {
  if (fields.length < 2) return null;
  const path = lastName(fields);
  const real = throughLinks(scope, path, true);
  return guessed(`${real.startsWith("/") ? real : path}\n`);
}

/** `printenv NAME`. */
function exported(fields: readonly Field[], { scope }: FoldContext): Text | null {
  const value = fields.length === 2 ? readVariable(scope, lastName(fields)) : UNKNOWN;
  return isArray(value) || !isLikely(value) ? null : weigh(`${value.text}\n`, [value]);
}

function lastName(fields: readonly Field[]): string {
  return fields.at(-1)?.text ?? "";
}

function directoryText(scope: Scope): Text {
  const place = directoryOf(scope);
  if (place === null) return guessed(".\n");
  return place.startsWith("/") ? known(`${place}\n`) : guessed(`${place}\n`);
}

function linesText(lines: readonly string[]): Text {
  return guessed(lines.map((line) => `${line}\n`).join(""));
}

/** The names in a directory are what `*` stands for; with `-d`, the words themselves. */
function listed(fields: readonly Field[], { scope }: FoldContext): Text {
  const operands = fields.slice(1).filter((one) => !one.text.startsWith("-"));
  const written = operands
    .filter((one) => one.glob)
    .flatMap((one) => pathsMatching(scope, one.text));
  if (written.length > 0) return linesText(written);
  const [only] = operands;
  if (operands.length === 1 && only !== undefined && locate(scope, only.text) === "/")
    return guessed(ROOT_NAMES);
  const itself = fields.some((one) => /^-[a-zA-Z]*d/.test(one.text));
  return guessed(itself ? `${operands.map((one) => one.text).join("\n")}\n` : "*\n");
}

/** What stands in the root of most Linux systems. */
const ROOT_NAMES =
  "bin\nboot\ndev\netc\nhome\nlib\nlib64\nmedia\nmnt\nopt\nproc\nroot\nrun\nsbin\nsrv\nsys\ntmp\nusr\nvar\n";

const FOLDERS: ReadonlyMap<string, Folder> = new Map<string, Folder>([
  ...SOURCES,
  ...TEXT_TOOLS,
  ...DECODERS,
]);
