import { foldText } from "../fold/output.js";
import type { Unwrapping } from "../wrappers/unwrap.js";
import { fieldOf, guessed, isLikely, known, UNKNOWN, unsure, type Field } from "../words/text.js";
import { isFolder, linkTo, mountAt, movedTo, unlinkAt } from "./links.js";
import { ARCHIVERS } from "./archives.js";
import { BRINGING_PROGRAMS, copyFromElsewhere, isElsewhere } from "./brought.js";
import { bringInto, copyBelow, copyFile, readFile, removeFile, writeFile } from "./files.js";
import { isStdin } from "./redirects.js";
import { lettersOf, sortWords, type FileCall, type FileEffect } from "./file-call.js";
import { restOf } from "./output.js";
import { locate, type Scope } from "./scope.js";

/** What a program does to files that matter because they may be executed later. */
export function applyFileEffect({ draft, fields, facts }: Unwrapping): void {
  const effect = FILE_EFFECTS.get(draft.exec ?? "");
  if (effect === undefined) return;
  const { scope, stdin } = facts.frame;
  const words = fields.slice(1);
  const fed = stdin === undefined ? UNKNOWN : restOf(stdin);
  effect.apply({ ...sortWords(words, effect.valued ?? []), words, stdin: fed, scope });
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
  if (isElsewhere(target.text) && readFile(scope, target.text) === undefined) return;
  const into = directory !== undefined || sources.length > 1 || isFolder(scope, target.text);
  for (const from of sources) {
    if (isElsewhere(from.text) && readFile(scope, from.text) === undefined) {
      copyFromElsewhere(scope, from, into ? { ...target, text: `${target.text}/` } : target);
      continue;
    }
    const name = from.text.replace(/\/+$/, "").replace(/^.*\//s, "");
    const to = into ? { ...target, text: `${target.text.replace(/\/+$/, "")}/${name}` } : target;
    if (isStdin(from.text)) writeFile(scope, to, stdin, false);
    else copyFile(scope, from, to);
    copyBelow(scope, from.text, from.text.endsWith("/") ? target.text : to.text);
    if (!into) copyBelow(scope, from.text, `${target.text}/${name}`);
    // `cp f dir`: whether the target is a directory can not be seen.
    if (!into) copyInto(scope, from, { target, name });
    after?.(from);
  }
}

/** A hard link is followed as a link: what is written to one name is found under the other. */
function linkAll(call: FileCall): void {
  const pairs = pairsOf(call);
  copyAll(call);
  for (const { from, to } of pairs) linkTo(call.scope, from, to);
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

const editInPlace = (call: FileCall): void => {
  editWith("sed", call);
  writeBySed(call);
};

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
  valued: [option, ...more, "-H", "-X", "-d", "-u", "-A", "-e", "-P", "--output-dir"],
  apply({ operands, options, flags, words, scope }) {
    const attached = words.find((one) => one.text.startsWith(option) && one.text !== option);
    const named =
      options.get(option) ?? options.get(more[0] ?? "") ?? valueBehind(attached, option);
    const fetches = option === "-O";
    const remote = fetches || /O| --remote-name/.test(flags);
    const folder = ["-P", "--directory-prefix", "--output-dir"].flatMap(
      (name) => options.get(name) ?? [],
    )[0];
    const file = named ?? (remote ? nameOfAddress(operands) : undefined);
    const placed = folder && file ? { ...file, text: `${folder.text}/${file.text}` } : file;
    if (named?.text !== "-") writeUnknown([placed], scope);
    // Whole trees, or files of which the names are not in the line.
    const many = fetches
      ? /[rmxpi]| --(?:recursive|mirror|input-file) /.test(flags)
      : /J| --remote-name-all /.test(flags);
    if (many && named === undefined) bringInto(scope, folder?.text ?? ".");
  },
});

/** `-oFILE` */
function valueBehind(word: Field | undefined, option: string): Field | undefined {
  return word === undefined || word.text.startsWith("--")
    ? undefined
    : { ...word, text: word.text.slice(option.length) };
}

const editor: FileEffect = {
  valued: ["-c", "--cmd", "-u", "-S", "-s", "-w", "-W"],
  apply: ({ operands: plain, options, scope }) => {
    // `emacs -nw f`; what vim is told to write its keys to.
    const more = ["-w", "-W"].flatMap((name) => options.get(name) ?? []);
    const operands = [...plain, ...more];
    writeUnknown(
      operands.filter((one) => !one.text.startsWith("+")),
      scope,
    );
  },
};

const EDITORS: readonly string[] = (
  "nano pico emacs emacsclient mg jed zile micro joe jmacs ne hx helix kak mcedit vis nvi elvis gvim rvim " +
  "vim.tiny vim.basic gedit kate pluma xed mousepad leafpad featherpad tilde dte sudoedit"
).split(" ");

const FILE_EFFECTS: ReadonlyMap<string, FileEffect> = new Map<string, FileEffect>([
  ...BRINGING_PROGRAMS,
  ...ARCHIVERS,
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
  ["mkfifo", { valued: ["-m"], apply: makePipe }],
  ["mknod", { apply: (call) => makePipe({ ...call, operands: call.operands.slice(0, 1) }) }],
  [
    "history",
    {
      apply: ({ flags, operands, scope }) => {
        if (/[wa]/.test(flags)) writeUnknown(operands.slice(0, 1), scope);
      },
    },
  ],
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
function writeSecond({ words, operands, scope, stdin }: FileCall): void {
  const [from, to] = operands;
  if (from === undefined || to === undefined) return;
  const input = isStdin(from.text) ? stdin : (readFile(scope, from.text) ?? UNKNOWN);
  const text = foldText(
    "xxd",
    words.filter((one) => one !== from && one !== to),
    input,
  );
  writeFile(scope, to, text ?? UNKNOWN, false);
}

/** `mkfifo P`: what is written to it runs, once a shell reads it. */
function makePipe({ operands, scope }: FileCall): void {
  for (const path of operands) {
    writeFile(scope, path, UNKNOWN, false);
    scope.files.set(locate(scope, path.text), { ...UNKNOWN, pipe: "open" });
  }
}

/** `sed 'w F'` writes lines of what it reads. */
function writeBySed({ words, scope }: FileCall): void {
  for (const { text } of words)
    for (const match of text.matchAll(
      /(?:^|[;{}\s\d$!/]|\/[gpI\d]*)[wW]\s+([\w./~-]+)\s*(?=$|[\n}])/g,
    ))
      writeFile(scope, fieldOf(known(match[1] ?? "")), UNKNOWN, false);
}

function writeNamed({ options, scope }: FileCall): void {
  writeUnknown([options.get("-o")], scope);
}

function writeAll({ operands, scope }: FileCall): void {
  writeUnknown(operands, scope);
}

/** `split - x`: `xaa` holds the first part, by default of so many lines that it most often holds all. */
function writePieces({ operands, options, stdin, scope }: FileCall): void {
  const [from, prefix] = operands;
  const name = prefix ?? fieldOf(known("x"));
  const text = from === undefined || isStdin(from.text) ? stdin : readFile(scope, from.text);
  const whole = text ?? UNKNOWN;
  const chars = sizeOf(options.get("-b") ?? options.get("--bytes") ?? options.get("-C"));
  const lines = sizeOf(options.get("-l") ?? options.get("--lines")) ?? 1_000;
  const steps = chars === null ? whole.text.split(/(?<=\n)/) : Array.from(whole.text);
  const each = chars ?? lines;
  for (let i = 0; i === 0 || (i < PIECES_MAX && i * each < steps.length); i += 1) {
    const piece = steps.slice(i * each, (i + 1) * each).join("");
    const suffix = `a${String.fromCharCode("a".charCodeAt(0) + i)}`;
    writeFile(
      scope,
      { ...name, text: name.text + suffix },
      unsure({ ...whole, text: piece }),
      false,
    );
  }
}

/** Files of one `split` that are followed: `xaa` to `xaz`. */
const PIECES_MAX = 26;

function sizeOf(value: Field | undefined): number | null {
  const size = Number(value?.text);
  return Number.isInteger(size) && size > 0 ? size : null;
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
