import { UNKNOWN, unsure, type Field, type Text } from "../words/text.js";
import type { WrittenFile } from "../analyse.js";
import { lettersOf, type FileEffect } from "./file-call.js";
import { foldText } from "../fold/output.js";
import { bringInto, doubtBelow, isBrought, pathsBelow, readFile, writeFile } from "./files.js";
import { isFolder } from "./links.js";
import { isStdin } from "./redirects.js";
import { locate, type Scope } from "./scope.js";

/** `host:path`, `user@host:path`, `rsync://`, `s3://bucket/x`, `container:/x`: it lies on another machine. */
export function isElsewhere(text: string): boolean {
  return /^[\w.@-]+:(?!$)|^\[[\da-fA-F:]+\]:|^\w+:\/\//.test(text);
}

/** `scp host:x .`, `docker cp c:/x y`: what comes is not known, nor what lies in it if it is a folder. */
export function copyFromElsewhere(scope: Scope, from: Field, to: Field): void {
  const name = from.text.replace(/\/+$/, "").replace(/^.*[/:]/s, "");
  const folder = isFolder(scope, to.text);
  const many = /[*?[{]/.test(from.text) || from.text.endsWith("/") || name === "" || name === ".";
  if (many) bringInto(scope, to.text);
  for (const path of folder ? [`${to.text}/${name}`] : [to.text, `${to.text}/${name}`])
    if (!many) bring(scope, path, to.known);
}

/** A file or a folder, and which of them is not known. */
function bring(scope: Scope, path: string, known: boolean): void {
  writeFile(scope, { text: path, known }, UNKNOWN, false);
  scope.files.set(locate(scope, path), { ...UNKNOWN, brought: true });
}

/** `git clone URL [DIR]`, and what changes the files of a repository. */
const git: FileEffect = {
  valued: ["-C", "-c", "-b", "-B", "-o", "-j", "-m", "-s", "-X", "--branch", "--depth", "--origin"],
  apply({ operands, options, flags, scope }) {
    const [verb, first, second] = operands;
    const start = options.get("-C");
    const inside = (path: string): string =>
      start === undefined || /^[/~]/.test(path) ? path : `${start.text}/${path}`;
    if (verb === undefined) return;
    if (verb.text === "clone" && first !== undefined) {
      const name = first.text
        .replace(/\/+$/, "")
        .replace(/\.git$/, "")
        .replace(/^.*[/:]/s, "");
      bringInto(scope, inside(second?.text ?? name));
    } else if (BRINGING.has(verb.text)) bringInto(scope, inside("."));
    else if (verb.text === "worktree" && second !== undefined) bringInto(scope, second.text);
    else if (REPLACING.has(verb.text)) {
      for (const path of operands.slice(1))
        if (/[./]/.test(path.text) || operands.length > 2 || /--/.test(flags))
          writeFile(scope, { ...path, text: inside(path.text), known: false }, UNKNOWN, false);
      if (doubtBelow(scope, locate(scope, inside(".")))) bringInto(scope, inside("."));
    }
  },
};
const BRINGING = new Set("pull submodule am apply subtree bundle lfs svn p4".split(" "));
const REPLACING = new Set(
  "checkout switch restore reset stash merge rebase cherry-pick revert read-tree checkout-index sparse-checkout".split(
    " ",
  ),
);

/** Members of one archive that are remembered. */
const MEMBERS_MAX = 32;

/** What tar is told, also in the old way without a dash: `tar xzf F`. */
interface TarWords {
  readonly letters: string;
  readonly file: Field | undefined;
  readonly folder: Field | undefined;
  readonly names: readonly Field[];
}

function tarWords(words: readonly Field[]): TarWords {
  let letters = "";
  let file: Field | undefined;
  let folder: Field | undefined;
  const names: Field[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(word.text);
    if (long !== null) {
      const value = long[2] === undefined ? undefined : { ...word, text: long[2] };
      letters += LONG_LETTERS[long[1] ?? ""] ?? "";
      if (long[1] === "file") file = value ?? words[++i];
      if (long[1] === "directory") folder = value ?? words[++i];
    } else if (i === 0 ? /^-?[a-zA-Z]+$/.test(word.text) : /^-[a-zA-Z]/.test(word.text)) {
      for (const letter of word.text.replace(/^-/, "")) {
        letters += letter;
        if (letter === "f") file = words[++i];
        else if (letter === "C") folder = words[++i];
        else if ("TXbIHVgK".includes(letter)) i += 1;
      }
    } else names.push(word);
  }
  return { letters, file, folder, names };
}

const LONG_LETTERS: Readonly<Record<string, string>> = {
  create: "c",
  extract: "x",
  get: "x",
  append: "r",
  update: "u",
  list: "t",
  "to-stdout": "O",
};

const tar: FileEffect = {
  apply({ words, scope, stdin }) {
    const { letters, file, folder, names } = tarWords(words);
    const from = file === undefined || file.text === "-" ? undefined : file;
    if (/[cru]/.test(letters) && from !== undefined)
      pack(scope, from, { names, folder: folder?.text ?? "." });
    if (!letters.includes("x") || letters.includes("O")) return;
    const source = from === undefined ? stdin : readFile(scope, from.text);
    unpack(scope, source, folder?.text ?? ".");
  },
};

/** Notes what an archive holds, as far as this session wrote it. */
function pack(
  scope: Scope,
  archive: Field,
  { names, folder }: { readonly names: readonly Field[]; readonly folder: string },
): void {
  const members = new Map<string, WrittenFile>();
  for (const { text } of names) {
    const path = /^[/~]/.test(text) ? text : `${folder}/${text}`;
    const file = readFile(scope, path);
    if (file !== undefined) members.set(text.replace(/^\/+|\/+$/g, ""), file);
    for (const below of pathsBelow(scope, path, "*")) {
      const found = readFile(scope, below);
      const rest = below.slice(locate(scope, path).replace(/\/+$/, "").length);
      const name = `${text.replace(/^\/+|\/+$/g, "")}${rest}`;
      if (found !== undefined && members.size < MEMBERS_MAX) members.set(name, found);
    }
  }
  writeFile(scope, archive, UNKNOWN, false);
  const at = locate(scope, archive.text);
  if (members.size > 0) scope.files.set(at, { ...UNKNOWN, members });
}

/** Puts what an archive holds into a folder; what else it holds is not known. */
function unpack(scope: Scope, archive: WrittenFile | undefined, folder: string): void {
  const members = archive?.members;
  bringInto(scope, folder);
  for (const [name, file] of members ?? [])
    writeFile(scope, { text: `${folder}/${name}`, known: true }, unsure(file), false);
}

const zip: FileEffect = {
  valued: ["-n", "-t", "-tt", "-b", "-i", "-x", "-P"],
  apply({ operands, scope }) {
    const [archive, ...names] = operands;
    if (archive === undefined || names.length === 0) return;
    const named = /\.\w+$/.test(archive.text)
      ? archive
      : { ...archive, text: `${archive.text}.zip` };
    pack(scope, named, { names, folder: "." });
  },
};

const unzip: FileEffect = {
  valued: ["-d", "-P", "-x"],
  apply({ operands, options, flags, scope }) {
    if (/[pcltvZ]/.test(lettersOf(flags))) return;
    unpack(scope, readFile(scope, operands[0]?.text ?? ""), options.get("-d")?.text ?? ".");
  },
};

/** Text of all members: what `tar xO` and `unzip -p` write. */
export function packedText(scope: Scope, fields: readonly Field[]): Text | null {
  const [name, ...words] = fields;
  const isZip = /(?:^|\/)unzip$/.test(name?.text ?? "");
  const { letters, file } = isZip
    ? { letters: words[0]?.text ?? "", file: words.find((one) => !one.text.startsWith("-")) }
    : tarWords(words);
  if (!(isZip ? /^-\w*p/ : /O/).test(letters) || file === undefined) return null;
  const members = readFile(scope, file.text)?.members;
  if (members === undefined) return null;
  const texts = [...members.values()].map((one) => one.text);
  return unsure({ text: texts.join("").slice(0, TEXT_CHARS_MAX), known: true });
}

const TEXT_CHARS_MAX = 16 * 1024;

/** `gzip F` leaves `F.gz`, and `gunzip F.gz` what was packed. */
const packer =
  (ending: string): FileEffect["apply"] =>
  ({ operands, flags, scope }) => {
    const letters = lettersOf(flags);
    if (/[ctl]/.test(letters)) return;
    const unpacks = ending === "" || letters.includes("d") || / --(?:un|de)compress /.test(flags);
    for (const path of operands) {
      const to = unpacks ? path.text.replace(/\.\w+$/, "") : `${path.text}.${ending}`;
      const text = readFile(scope, path.text);
      if (text === undefined || to === path.text) continue;
      const turned = foldText(unpacks ? "gunzip" : "gzip", [], text);
      writeFile(scope, { ...path, text: to }, turned === null ? UNKNOWN : unsure(turned), false);
      if (!letters.includes("k")) scope.files.set(locate(scope, path.text), null);
    }
  };

/** Programs that put what they bring into the folder where they are started. */
const here: FileEffect = { apply: ({ scope }) => bringInto(scope, ".") };
const into = (option: string, ...more: string[]): FileEffect => ({
  valued: [option, ...more],
  apply: ({ options, scope }) => bringInto(scope, options.get(option)?.text ?? "."),
});
/** The last operand is where it goes. */
const toLast: FileEffect = {
  apply({ operands, scope }) {
    const to = operands.at(-1);
    const copies = operands.slice(0, 3).some((one) => COPYING.has(one.text));
    if (to === undefined || !copies || isElsewhere(to.text)) return;
    for (const from of operands.slice(0, -1))
      if (isElsewhere(from.text)) copyFromElsewhere(scope, from, to);
  },
};
const COPYING = new Set("cp copy copyto mv move moveto sync rsync pull download".split(" "));
const archiver: FileEffect = {
  valued: ["-o", "-d"],
  apply({ operands, scope, words }) {
    const verb = operands[0]?.text ?? "";
    const folder = words.find((one) => /^-o./.test(one.text))?.text.slice(2);
    if (/^-?[xe]/.test(verb)) bringInto(scope, folder ?? ".");
    else if (/^-?a/.test(verb) && operands[1] !== undefined)
      pack(scope, operands[1], { names: operands.slice(2), folder: "." });
  },
};
const cpio: FileEffect = {
  apply({ flags, scope }) {
    if (/[ip]/.test(lettersOf(flags)) || / --(?:extract|pass-through) /.test(flags))
      bringInto(scope, ".");
  },
};
const ar: FileEffect = {
  apply({ operands, scope, flags }) {
    if (/x/.test(`${operands[0]?.text ?? ""}${lettersOf(flags)}`)) bringInto(scope, ".");
  },
};

/** `patch < F`: the files are named in what it reads. */
const patch: FileEffect = {
  valued: ["-i", "-o", "-d", "-p"],
  apply({ operands, options, stdin, scope }) {
    const named = options.get("-i");
    const text = named === undefined ? stdin : readFile(scope, named.text);
    const paths = [...(text?.text.matchAll(/^\+\+\+ (?:[ab]\/)?(\S+)/gm) ?? [])].map(
      (match) => match[1] ?? "",
    );
    const targets = operands.length > 0 ? [operands[0]?.text ?? ""] : paths;
    if (targets.length === 0) bringInto(scope, options.get("-d")?.text ?? ".");
    for (const path of targets) writeFile(scope, { text: path, known: true }, UNKNOWN, false);
  },
};

/** True where what a build or a start of the folder's own files runs is not known. */
export function standsInBrought(scope: Scope): boolean {
  return isBrought(scope, locate(scope, "./x"));
}

/** What a file holds that was encrypted, encoded or made otherwise is not known: `gpg -o F`. */
const outputOf = (...names: readonly string[]): FileEffect => ({
  valued: names,
  apply({ options, scope }) {
    for (const name of names) {
      const path = options.get(name);
      if (path !== undefined && !isStdin(path.text)) writeFile(scope, path, UNKNOWN, false);
    }
  },
});

export const BRINGING_PROGRAMS: readonly (readonly [string, FileEffect])[] = [
  ["git", git],
  ["hg", here],
  ["svn", here],
  ["bzr", here],
  ["sftp", here],
  ["ftp", here],
  ["lftp", here],
  ["tftp", here],
  ["ncftpget", here],
  ["rz", here],
  ["unshar", here],
  ["uupick", here],
  ["tar", tar],
  ["bsdtar", tar],
  ["gtar", tar],
  ["star", tar],
  ["zip", zip],
  ["unzip", unzip],
  ["cpio", cpio],
  [
    "pax",
    {
      apply: ({ flags, scope }) =>
        lettersOf(flags).includes("r") ? bringInto(scope, ".") : undefined,
    },
  ],
  ["ar", ar],
  ["7z", archiver],
  ["7za", archiver],
  ["7zr", archiver],
  ["rar", archiver],
  ["unrar", archiver],
  ["unar", into("-o")],
  ["cabextract", into("-d")],
  ["unsquashfs", into("-d")],
  ["docker", toLast],
  ["podman", toLast],
  ["kubectl", toLast],
  ["aws", toLast],
  ["gsutil", toLast],
  ["gcloud", toLast],
  ["rclone", toLast],
  ["mc", toLast],
  ["lxc", toLast],
  ["gpg", outputOf("-o", "--output")],
  ["gpg2", outputOf("-o", "--output")],
  ["age", outputOf("-o", "--output")],
  ["openssl", outputOf("-out")],
  ["sort", outputOf("-o", "--output")],
  ["aria2c", outputOf("-o", "--out")],
  ["axel", outputOf("-o", "--output")],
  ["http", outputOf("-o", "--output")],
  ["gcc", outputOf("-o")],
  ["cc", outputOf("-o")],
  ["tcc", outputOf("-o")],
  ["clang", outputOf("-o")],
  ["g++", outputOf("-o")],
  ["go", outputOf("-o")],
  ["rustc", outputOf("-o")],
  ["gzip", { apply: packer("gz") }],
  ["pigz", { apply: packer("gz") }],
  ["bzip2", { apply: packer("bz2") }],
  ["xz", { apply: packer("xz") }],
  ["lzma", { apply: packer("lzma") }],
  ["zstd", { apply: packer("zst") }],
  ["lz4", { apply: packer("lz4") }],
  ["compress", { apply: packer("Z") }],
  ...["gunzip", "bunzip2", "unxz", "unzstd", "unlz4", "uncompress", "unlzma"].map(
    (name): [string, FileEffect] => [name, { apply: packer("") }],
  ),
  ["patch", patch],
];
