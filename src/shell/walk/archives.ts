import type { WrittenFile } from "../analyse.js";
import { UNKNOWN, unsure, type Field, type Text } from "../words/text.js";
import { lettersOf, type FileEffect } from "./file-call.js";
import { bringInto, pathsBelow, readFile, writeFile } from "./files.js";
import { locate, type Scope } from "./scope.js";

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
/** Programs that pack files of the session, and give them back. */
export const ARCHIVERS: readonly (readonly [string, FileEffect])[] = [
  ["tar", tar],
  ["bsdtar", tar],
  ["gtar", tar],
  ["star", tar],
  ["zip", zip],
  ["unzip", unzip],
  ["cpio", cpio],
  ["7z", archiver],
  ["7za", archiver],
  ["7zr", archiver],
  ["rar", archiver],
  ["unrar", archiver],
];
