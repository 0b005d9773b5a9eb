import { foldText } from "../fold/output.js";
import type { Unwrapping } from "../wrappers/unwrap.js";
import {
  fieldOf,
  guessed,
  isLikely,
  known,
  UNKNOWN,
  unsure,
  type Field,
  type Text,
} from "../words/text.js";
import { linkTo, mountAt, movedTo, unlinkAt } from "./links.js";
import { copyFile, readFile, removeFile, writeFile } from "./files.js";
import { isStdin } from "./redirects.js";
import { restOf } from "./output.js";
import type { Scope } from "./scope.js";

interface FileCall {
  readonly words: readonly Field[];
  /** Words that are no options; options that take a value are listed with the program. */
  readonly operands: readonly Field[];
  readonly options: ReadonlyMap<string, Field>;
  readonly flags: string;
  readonly stdin: Text;
  readonly scope: Scope;
}

interface FileEffect {
  /** Options that take the next word as their value. */
  readonly valued?: readonly string[];
  readonly apply: (call: FileCall) => void;
}

/** What a program does to files that matter because they may be executed later. */
export function applyFileEffect({ draft, fields, facts }: Unwrapping): void {
  const effect = FILE_EFFECTS.get(draft.exec ?? "");
  if (effect === undefined) return;
  const { scope, stdin } = facts.frame;
  const words = fields.slice(1);
  const fed = stdin === undefined ? UNKNOWN : restOf(stdin);
  effect.apply({ ...sortWords(words, effect.valued ?? []), words, stdin: fed, scope });
}

/** `-t`, also as the last of several letters: `ln -st DIR`. */
function valuedOption(text: string, valued: readonly string[]): string | undefined {
  if (valued.includes(text)) return text;
  return /^-[a-zA-Z]+t$/.test(text) && valued.includes("-t") ? "-t" : undefined;
}

function sortWords(
  words: readonly Field[],
  valued: readonly string[],
): Pick<FileCall, "operands" | "options" | "flags"> {
  const operands: Field[] = [];
  const options = new Map<string, Field>();
  let flags = "";
  let ended = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    const { text } = word;
    const equals = /^(--[a-z-]+)=(.*)$/s.exec(text);
    if (ended || text === "-" || !text.startsWith("-")) operands.push(word);
    else if (text === "--") ended = true;
    else if (equals !== null) options.set(equals[1] ?? "", { ...word, text: equals[2] ?? "" });
    else if (valuedOption(text, valued) !== undefined) {
      const name = valuedOption(text, valued) ?? text;
      if (name !== text) flags += text.slice(1, -1);
      const value = words[++i];
      if (value !== undefined) options.set(name, value);
    } else flags += text.startsWith("--") ? ` ${text} ` : text.slice(1);
  }
  return { operands, options, flags };
}

/** `cp A B`, `cp A.. DIR`, `cp -t DIR A..`. */
function copyAll(
  { operands, options, scope, stdin }: FileCall,
  after?: (from: Field) => void,
): void {
  const directory = options.get("-t") ?? options.get("--target-directory");
  const target = directory ?? operands.at(-1);
  const sources = directory === undefined ? operands.slice(0, -1) : operands;
  if (target === undefined) return;
  const into = directory !== undefined || sources.length > 1 || target.text.endsWith("/");
  for (const from of sources) {
    const name = from.text.slice(from.text.lastIndexOf("/") + 1);
    const to = into ? { ...target, text: `${target.text.replace(/\/+$/, "")}/${name}` } : target;
    if (isStdin(from.text)) writeFile(scope, to, stdin, false);
    else copyFile(scope, from, to);
    // `cp f dir`: whether the target is a directory can not be seen.
    if (!into) copyInto(scope, from, { target, name });
    after?.(from);
  }
}

function linkAll(call: FileCall): void {
  const { scope, flags } = call;
  const symbolic = lettersOf(flags).includes("s") || flags.includes(" --symbolic ");
  const pairs = pairsOf(call);
  copyAll(call);
  if (symbolic) for (const { from, to } of pairs) linkTo(scope, from, to);
}

function lettersOf(flags: string): string {
  return flags.replace(/ --\S+ /g, "");
}

function moveAll(call: FileCall): void {
  const pairs = pairsOf(call);
  copyAll(call, (from) => removeFile(call.scope, from.text));
  for (const { from, to } of pairs) movedTo(call.scope, from, to);
}

/** What goes where; where to a folder, its name says so by the slash behind it. */
function pairsOf({ operands, options }: FileCall): readonly { from: Field; to: Field }[] {
  const directory = options.get("-t") ?? options.get("--target-directory");
  const [only] = operands;
  if (directory === undefined && operands.length === 1 && only !== undefined)
    return [{ from: only, to: { ...only, text: "." } }];
  const target = directory ?? operands.at(-1);
  const sources = directory === undefined ? operands.slice(0, -1) : operands;
  if (target === undefined) return [];
  const into = directory !== undefined || sources.length > 1;
  const to = into ? { ...target, text: `${target.text}/` } : target;
  return sources.map((from) => ({ from, to }));
}

function removeAll({ operands, scope }: FileCall): void {
  for (const { text } of operands) {
    removeFile(scope, text);
    unlinkAt(scope, text);
  }
}

/** `mount --bind A B`, `mount -o rbind,ro A B`. */
function mountBound({ operands, options, flags, scope }: FileCall): void {
  const named = options.get("--bind") ?? options.get("-B");
  const [from, to] = named === undefined ? operands : [named, ...operands];
  const binds =
    named !== undefined ||
    /[RM]/.test(lettersOf(flags)) ||
    / --(?:rbind|move) /.test(flags) ||
    /\br?bind\b/.test(options.get("-o")?.text ?? "");
  if (binds && from?.known === true && to?.known === true) mountAt(scope, from.text, to.text);
}

function copyInto(scope: Scope, from: Field, to: { target: Field; name: string }): void {
  if (readFile(scope, from.text) === undefined) return;
  const path = { ...to.target, text: `${to.target.text}/${to.name}`, known: false };
  writeFile(scope, path, readFile(scope, from.text) ?? UNKNOWN, false);
}

function writeUnknown(operands: readonly (Field | undefined)[], scope: Scope): void {
  for (const path of operands) if (path !== undefined) writeFile(scope, path, UNKNOWN, false);
}

/** The last part of an address is the name of the file. */
function nameOfAddress(words: readonly Field[]): Field | undefined {
  const address = words.find((one) => /^(?:https?|ftp):\/\//.test(one.text)) ?? words.at(-1);
  if (address === undefined) return undefined;
  return { ...address, text: address.text.replace(/[?#].*$/, "").replace(/^.*\//, "") };
}

const editInPlace = (call: FileCall): void => editWith("sed", call);

/** `perl -pi -e 's/a/b/' f` */
function editByPerl(call: FileCall): void {
  if (call.words.some((one) => /^-[a-z0]*p/.test(one.text))) editWith("perl", call);
}

function editWith(name: string, { words, operands, flags, options, scope }: FileCall): void {
  const inPlace =
    /i/.test(flags) ||
    / --in-place /.test(flags) ||
    options.has("--in-place") ||
    options.has("-pie");
  if (!inPlace) return;
  const script = options.get("-e") ?? options.get("-pie") ?? operands[0];
  const files =
    options.has("-e") || options.has("-pie") || options.has("-f") ? operands : operands.slice(1);
  for (const file of files) {
    const before = readFile(scope, file.text);
    const filter = words.filter(
      (one) =>
        one !== file &&
        (name === "perl" ? !/^-i/.test(one.text) : !/^-[a-zA-Z]*i|^--in-place/.test(one.text)),
    );
    const edited =
      before === undefined || script === undefined || !isLikely(script)
        ? null
        : foldText(name, filter, before);
    writeFile(scope, file, edited ?? UNKNOWN, false);
  }
}

const copy: FileEffect = { valued: ["-t", "-S", "-m", "-o", "-g"], apply: (call) => copyAll(call) };
const download = (option: string, ...more: string[]): FileEffect => ({
  valued: [option, ...more, "-H", "-X", "-d", "-u", "-A", "-e"],
  apply({ options, operands, flags, scope }) {
    const named = options.get(option) ?? options.get(more[0] ?? "");
    const remote = option === "-O" || flags.includes("O") || flags.includes("--remote-name");
    writeUnknown([named ?? (remote ? nameOfAddress(operands) : undefined)], scope);
  },
});
const editor: FileEffect = {
  valued: ["-c", "--cmd", "-u", "-S", "-s", "-w", "-W"],
  apply: ({ operands, scope }) =>
    writeUnknown(
      operands.filter((one) => !one.text.startsWith("+")),
      scope,
    ),
};

const EDITORS: readonly string[] = (
  "nano pico emacs emacsclient mg jed zile micro joe jmacs ne hx helix kak mcedit vis nvi elvis gvim rvim " +
  "vim.tiny vim.basic gedit kate pluma xed mousepad leafpad featherpad tilde dte sudoedit"
).split(" ");

const FILE_EFFECTS: ReadonlyMap<string, FileEffect> = new Map<string, FileEffect>([
  ["cp", copy],
  ["install", copy],
  ["rsync", { ...copy, valued: ["-e", "--rsh", "-f", "-B", "-M", "-T"] }],
  ["ditto", copy],
  ["gcp", copy],
  ["rcp", copy],
  ["ln", { ...copy, valued: ["-t", "-S"], apply: linkAll }],
  ["mount", { valued: ["-o", "-t", "-O", "-L", "-U", "--bind", "-B"], apply: mountBound }],
  [
    "umount",
    { apply: ({ operands, scope }) => operands.forEach((one) => unlinkAt(scope, one.text)) },
  ],
  ["scp", { ...copy, valued: ["-i", "-P", "-o", "-c", "-F", "-l", "-S", "-J"] }],
  ["mv", { ...copy, apply: moveAll }],
  ["rm", { apply: removeAll }],
  ["unlink", { apply: removeAll }],
  [
    "tee",
    {
      apply: ({ operands, flags, stdin, scope }) => {
        for (const path of operands) writeFile(scope, path, stdin, /a| --append /.test(flags));
      },
    },
  ],
  [
    "sponge",
    {
      apply: ({ operands, flags, stdin, scope }) => {
        for (const path of operands) writeFile(scope, path, stdin, flags.includes("a"));
      },
    },
  ],
  [
    "dd",
    {
      apply({ words, stdin, scope }) {
        const named = (key: string): Field | undefined => {
          const word = words.find((one) => one.text.startsWith(`${key}=`));
          return word && { ...word, text: word.text.slice(key.length + 1) };
        };
        const from = named("if");
        const to = named("of");
        if (to === undefined) return;
        if (from === undefined || isStdin(from.text)) writeFile(scope, to, stdin, false);
        else copyFile(scope, from, to);
      },
    },
  ],
  ["touch", { apply: ({ operands, scope }) => operands.forEach((one) => touch(scope, one)) }],
  ["truncate", { valued: ["-s"], apply: truncate }],
  ["sed", { valued: ["-e", "-f", "-l"], apply: editInPlace }],
  ["perl", { valued: ["-e", "-pe", "-pie", "-I"], apply: editByPerl }],
  ["patch", { apply: ({ operands, scope }) => writeUnknown(operands.slice(0, 1), scope) }],
  ["curl", download("-o", "--output")],
  ["wget", download("-O", "--output-document")],
  ["vi", editor],
  ["vim", editor],
  ["nvim", editor],
  ...EDITORS.map((name): [string, FileEffect] => [name, editor]),
  ["ed", { apply: editByScript }],
  ["red", { apply: editByScript }],
  ["ex", { valued: ["-c", "-sc", "--cmd"], apply: editByScript }],
  ["xxd", { valued: ["-s", "-l", "-c", "-g", "-o"], apply: writeSecond }],
  ["uudecode", { valued: ["-o"], apply: writeNamed }],
  ["script", { valued: ["-c", "--command", "-O", "-T"], apply: writeAll }],
  ["split", { valued: ["-b", "-l", "-n", "-a", "-C", "--filter"], apply: writePieces }],
]);

/** `ed f` with `a`, lines, `.`, `w`; `ex -c 'a|text' -cx f`. What else it does to the text is not followed. */
function editByScript({ words, operands, stdin, scope }: FileCall): void {
  const commands = [
    ...words.flatMap((one) => /^(?:-c)?[$\d]*[aic]\|(.*)$/s.exec(one.text)?.[1] ?? []),
  ];
  let target = operands.find(
    (one) => !one.text.startsWith("+") && !/^[$\d]*[aic]\|/.test(one.text),
  );
  let isText = false;
  for (const line of stdin.text.split("\n").slice(0, EDITED_LINES_MAX)) {
    if (isText && line !== ".") commands.push(line);
    else if (isText) isText = false;
    else if (/^[$\d,.]*[aic]$/.test(line)) isText = true;
    const name = /^[\d,%$]*wq?!?\s+(\S+)$/.exec(line)?.[1];
    if (!isText && name !== undefined) target = fieldOf(known(name));
  }
  if (target === undefined) return;
  const text = commands.length === 0 ? UNKNOWN : guessed(`${commands.join("\n")}\n`);
  writeFile(scope, target, text, false);
}

/** Lines of one editor's script that are read. */
const EDITED_LINES_MAX = 512;

/** `xxd -r -p FROM TO`. */
function writeSecond({ operands, scope }: FileCall): void {
  writeUnknown(operands.slice(1, 2), scope);
}

function writeNamed({ options, scope }: FileCall): void {
  writeUnknown([options.get("-o")], scope);
}

function writeAll({ operands, scope }: FileCall): void {
  writeUnknown(operands, scope);
}

/** `split - x`: `xaa` holds the first part, and most often all. */
function writePieces({ operands, stdin, scope }: FileCall): void {
  const [from, prefix] = operands;
  const name = prefix ?? fieldOf(known("x"));
  const text = from === undefined || isStdin(from.text) ? stdin : readFile(scope, from.text);
  writeFile(scope, { ...name, text: `${name.text}aa` }, unsure(text ?? UNKNOWN), false);
}

/** A file that was not there is empty now. */
function touch(scope: Scope, path: Field): void {
  if (readFile(scope, path.text) === undefined)
    writeFile(
      scope,
      { ...path, known: path.known },
      { ...known(""), known: false, likely: true },
      false,
    );
}

function truncate({ operands, options, scope }: FileCall): void {
  const size = options.get("-s") ?? options.get("--size");
  for (const path of operands)
    writeFile(scope, path, size?.text === "0" ? known("") : UNKNOWN, false);
}
