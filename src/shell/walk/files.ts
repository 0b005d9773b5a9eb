import type { WrittenFile } from "../analyse.js";
import { FILE_CHARS_MAX } from "../limits.js";
import { compileGlob, matchesSteps } from "../words/glob.js";
import { known, UNKNOWN, unsure, weigh, type Text } from "../words/text.js";
import { throughLinks } from "./links.js";
import { locate, type Scope } from "./scope.js";

/** Notes what a file holds now. */
export function writeFile(scope: Scope, path: Text, text: Text, append: boolean): void {
  if (path.text === "" || path.text.startsWith("/dev/")) return;
  const at = throughLinks(scope, path.text, true);
  const before = append ? fileAt(scope, at) : undefined;
  // Without a memory of what was there before, what is appended is all that we can judge.
  const whole = before === undefined ? text : weigh(before.text + text.text, [before, text]);
  const file = append && before === undefined ? unsure(whole) : whole;
  const certain = path.known ? file : unsure(file);
  const kept = certain.text.length > FILE_CHARS_MAX ? UNKNOWN : certain;
  const pipe = fileAt(scope, at)?.pipe;
  scope.files.set(at, pipe === undefined ? kept : { ...kept, pipe });
}

/** What lies below a folder is not what it was: it came from elsewhere, or was brought back. */
export function bringInto(scope: Scope, folder: string): void {
  const at = locate(scope, folder);
  doubtBelow(scope, at);
  scope.files.set(at, { ...UNKNOWN, brought: true });
}

/** What this session wrote below a folder may have been replaced. Answers whether there was something. */
export function doubtBelow(scope: Scope, at: string): boolean {
  const below = at === "/" ? at : `${at}/`;
  let found = false;
  const doubt = (path: string, file: WrittenFile): void => {
    found = true;
    scope.files.set(path, { ...file, ...unsure(file) });
  };
  for (const [path, file] of [...scope.files])
    if (file !== null && path.startsWith(below)) doubt(path, file);
  for (const [path, file] of scope.knowledge.files ?? [])
    if (!scope.files.has(path) && path.startsWith(below))
      doubt(path, typeof file === "string" ? known(file) : file);
  return found;
}

/** True where the path lies in a folder into which something was brought. */
export function isBrought(scope: Scope, at: string): boolean {
  if (programAt(at) !== undefined) return false;
  for (let end = at.lastIndexOf("/"); end >= 0; end = at.lastIndexOf("/", end - 1)) {
    const folder = end === 0 ? "/" : at.slice(0, end);
    const own = scope.files.get(folder);
    const file = own === undefined ? scope.knowledge.files?.get(folder) : own;
    if (typeof file === "object" && file?.brought === true) return true;
    if (end === 0) return false;
  }
  return false;
}

/** `cp`, `mv`, `ln`: the second path holds what the first one holds. */
export function copyFile(scope: Scope, from: Text, to: Text): void {
  const file = readFile(scope, from.text);
  const program = file === undefined ? programAt(from.text) : undefined;
  const at = locate(scope, to.text);
  if (file !== undefined) scope.files.set(at, file);
  else if (program !== undefined) scope.files.set(at, { ...UNKNOWN, program });
  else scope.files.set(at, null);
}

/** `cp -r A B`, `mv A B`: what this session wrote below the first path lies below the second one, too. */
export function copyBelow(scope: Scope, from: string, to: string): void {
  const at = locate(scope, from).replace(/\/+$/, "");
  const target = locate(scope, to).replace(/\/+$/, "");
  if (at === target || at === "") return;
  for (const path of pathsWhere(scope, (one) => one.startsWith(`${at}/`))) {
    const file = fileAt(scope, path);
    if (file !== undefined) scope.files.set(target + path.slice(at.length), file);
  }
}

/** `/bin/rm`: a program that was there before. */
export function programAt(path: string): string | undefined {
  return /^(?:\/(?:usr\/)?(?:local\/)?s?bin\/([\w.+-]+)|\/\w+\/(?:busybox|toybox))$/.exec(
    path,
  )?.[1];
}

export function removeFile(scope: Scope, path: string): void {
  scope.files.set(locate(scope, path), null);
}

/** What this session wrote into a file; undefined when it wrote nothing there. */
export function readFile(scope: Scope, path: string): WrittenFile | undefined {
  const descriptor = /^\/(?:dev|proc\/(?:self|thread-self))\/fd\/(\d+)$/.exec(path)?.[1];
  if (descriptor !== undefined) {
    const opened = scope.descriptors.get(Number(descriptor));
    return opened?.path === undefined ? opened?.input : readFile(scope, opened.path);
  }
  const at = locate(scope, path);
  const file = fileAt(scope, throughLinks(scope, path, true)) ?? fileAt(scope, at);
  if (file !== undefined) return file;
  if (/[*?[]/.test(path)) return undefined;
  // An upload names the home folder by its path, which is not known here.
  if (at.startsWith("~/") && scope.knowledge.home === undefined) return fileNamed(scope, at);
  return at.startsWith("?") || !/^[/~]/.test(path) ? fileNamed(scope, at) : undefined;
}

function fileAt(scope: Scope, at: string): WrittenFile | undefined {
  const own = scope.files.get(at);
  if (own !== undefined) return own ?? undefined;
  const learnt = scope.knowledge.files?.get(at);
  if (learnt === undefined) {
    const unknown = scope.knowledge.shell?.forgot.files === true || isBrought(scope, at);
    return unknown ? UNKNOWN : undefined;
  }
  return typeof learnt === "string" ? known(learnt) : learnt;
}

/** The directory is not known, on one side or the other: the name says most likely which file it is. */
function fileNamed(scope: Scope, at: string): WrittenFile | undefined {
  const name = at.slice(at.lastIndexOf("/"));
  for (const [path, file] of scope.files) {
    if (file !== null && mayBe(path, at, name)) return { ...file, ...unsure(file) };
  }
  for (const [path, file] of scope.knowledge.files ?? []) {
    if (!mayBe(path, at, name) || scope.files.get(path) === null) continue;
    return typeof file === "string" ? unsure(known(file)) : { ...file, ...unsure(file) };
  }
  return undefined;
}

function mayBe(path: string, at: string, name: string): boolean {
  // Wherever the home folder is, the path ends like that.
  if (at.startsWith("~/") && path.startsWith("/")) return path.endsWith(at.slice(1));
  return path.endsWith(name) && (/^[?~]/.test(path) || /^[?~]/.test(at));
}

/** Paths of files written here that one pattern is taken to mean. */
const PATHS_MAX = 8;

/** Located paths of files written here that a pattern matches, of which the text is known. */
export function pathsMatching(scope: Scope, pattern: string): readonly string[] {
  if (scope.files.size === 0 && scope.knowledge.files === undefined) return [];
  return pathsWhere(scope, globTest(locate(scope, pattern)));
}

/** The same for `find ROOT -name PATTERN`: at any depth below. */
export function pathsBelow(scope: Scope, root: string, pattern: string): readonly string[] {
  if (scope.files.size === 0 && scope.knowledge.files === undefined) return [];
  const at = locate(scope, root).replace(/\/+$/, "");
  const named = globTest(pattern);
  return pathsWhere(
    scope,
    (path) => path.startsWith(`${at}/`) && named(path.slice(path.lastIndexOf("/") + 1)),
  );
}

/** Files of this session of that name, wherever they lie. */
export function pathsNamed(scope: Scope, name: string): readonly string[] {
  return pathsWhere(scope, (path) => path.endsWith(`/${name}`));
}

function globTest(pattern: string): (text: string) => boolean {
  const steps = compileGlob(pattern);
  return (text) => matchesSteps(steps, text);
}

function pathsWhere(scope: Scope, matches: (path: string) => boolean): readonly string[] {
  const out: string[] = [];
  for (const [path, file] of scope.files) if (file !== null && matches(path)) out.push(path);
  for (const path of scope.knowledge.files?.keys() ?? [])
    if (!scope.files.has(path) && matches(path)) out.push(path);
  return out.slice(0, PATHS_MAX);
}

/** Files written here that a pattern matches (`sh /tmp/*`), the test given by the caller. */
export function filesMatching(
  scope: Scope,
  matches: (path: string) => boolean,
): readonly WrittenFile[] {
  const out: WrittenFile[] = [];
  for (const [path, file] of scope.files) if (file !== null && matches(path)) out.push(file);
  for (const [path, file] of scope.knowledge.files ?? []) {
    if (scope.files.has(path) || !matches(path)) continue;
    out.push(typeof file === "string" ? known(file) : file);
  }
  return out;
}
