import { UNKNOWN, unsure, weigh, type Field, type Text } from "../words/text.js";
import { lettersOf, type FileCall, type FileEffect } from "./file-call.js";
import { foldText } from "../fold/output.js";
import { bringInto, doubtBelow, isBrought, readFile, writeFile } from "./files.js";
import { isFolder } from "./links.js";
import { patchedFiles } from "./patches.js";
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
  apply({ operands, options, stdin, scope }) {
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
    } else if (verb.text === "apply" || verb.text === "am") {
      bringInto(scope, inside("."));
      const texts = operands.slice(1).map((one) => readFile(scope, one.text) ?? UNKNOWN);
      for (const text of texts.length === 0 ? [stdin] : texts) writePatched(scope, text, inside);
    } else if (BRINGING.has(verb.text)) bringInto(scope, inside("."));
    else if (verb.text === "worktree" && second !== undefined) bringInto(scope, second.text);
    else if (REPLACING.has(verb.text)) {
      for (const path of operands.slice(1))
        writeFile(scope, { ...path, text: inside(path.text), known: false }, UNKNOWN, false);
      if (doubtBelow(scope, locate(scope, inside(".")))) bringInto(scope, inside("."));
    }
  },
};
const BRINGING = new Set("pull submodule subtree bundle lfs svn p4".split(" "));
const REPLACING = new Set(
  "checkout switch restore reset stash merge rebase cherry-pick revert read-tree checkout-index sparse-checkout".split(
    " ",
  ),
);

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
    const [target] = operands;
    if (target !== undefined) writeFile(scope, target, UNKNOWN, false);
    else if (!writePatched(scope, text ?? UNKNOWN, (path) => path))
      bringInto(scope, options.get("-d")?.text ?? ".");
  },
};

/** Files that a patch makes hold what it says; those that it changes are not known. */
function writePatched(scope: Scope, diff: Text, at: (path: string) => string): boolean {
  const files = patchedFiles(diff.text);
  for (const { path, text } of files)
    writeFile(
      scope,
      { text: at(path), known: true },
      text === null ? UNKNOWN : weigh(text, [diff]),
      false,
    );
  return files.length > 0;
}

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

/** `go install X`: the program lies where its kind puts them. */
function installInto(scope: Scope, operands: readonly Field[], folder: string): void {
  if (operands[0]?.text === "install" || operands[0]?.text === "get") bringInto(scope, folder);
}

/** Databases write what they are asked for into files: `.output F`, `\\o F`, `INTO OUTFILE 'F'`. */
function writeByQuery({ words, stdin, scope }: FileCall): void {
  const asked = [...words, stdin].map((one) => one.text).join("\n");
  for (const match of [...asked.matchAll(QUERIED_FILE)].slice(0, QUERIED_MAX)) {
    const path = match[1] ?? "";
    if (path !== "stdout" && !path.startsWith("|"))
      writeFile(scope, { text: path, known: true }, UNKNOWN, false);
  }
}

const QUERIED_FILE =
  /(?:^\s*(?:\.(?:output|once|backup|dump|save)|\\o|\\g|\\w)\s+|\b(?:OUTFILE|DUMPFILE|TO)\s+)['"]?([^\s'";]+)/gim;
/** Files of one query that are noted. */
const QUERIED_MAX = 8;

export const BRINGING_PROGRAMS: readonly (readonly [string, FileEffect])[] = [
  ["git", git],
  [
    "gh",
    {
      apply({ operands, scope }) {
        const [, verb, from, to] = operands;
        if (verb?.text === "clone" && from !== undefined)
          bringInto(scope, to?.text ?? from.text.replace(/\/+$/, "").replace(/^.*\//s, ""));
        else if (operands.length > 1) bringInto(scope, ".");
      },
    },
  ],
  ["cargo", { apply: ({ operands, scope }) => installInto(scope, operands, "~/.cargo/bin") }],
  ["sqlite3", { apply: writeByQuery }],
  ["psql", { apply: writeByQuery }],
  ["mysql", { apply: writeByQuery }],
  ["mariadb", { apply: writeByQuery }],
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
  [
    "pax",
    {
      apply: ({ flags, scope }) =>
        lettersOf(flags).includes("r") ? bringInto(scope, ".") : undefined,
    },
  ],
  ["ar", ar],
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
  [
    "go",
    {
      valued: ["-o"],
      apply(call) {
        outputOf("-o").apply(call);
        installInto(call.scope, call.operands, "~/go/bin");
      },
    },
  ],
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
