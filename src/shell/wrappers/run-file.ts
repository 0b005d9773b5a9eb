import type { WrittenFile } from "../analyse.js";
import { filesMatching, isBrought, readFile } from "../walk/files.js";
import { processPath } from "../walk/gathering.js";
import { isStdin } from "../walk/redirects.js";
import { isArray, locate, readVariable, type Scope } from "../walk/scope.js";
import type { Frame, Walk } from "../walk/walk.js";
import { compileGlob, matchesSteps } from "../words/glob.js";
import { field, UNKNOWN, unsure, type Field } from "../words/text.js";
import {
  inside,
  runScriptText,
  runStdin,
  runUnknown,
  scriptScope,
  type Unwrapping,
} from "./run-script.js";

/** A script file: followed when this session wrote it, or a process substitution stands for it. */
export function runFile(
  walk: Walk,
  file: Field,
  given: Unwrapping,
  change: Partial<Frame> = {},
): boolean {
  const { facts } = given;
  if (isStdin(file.text)) return runStdin(walk, given, change);
  const process = facts.processes.find((_one, index) => processPath(index) === file.text);
  if (process !== undefined) {
    runScriptText(walk, process, given, change);
    return true;
  }
  if (file.glob) return runMatching(walk, file, given, change);
  if (!file.known) runUnknown(walk, given, change);
  const text = file.text === "" ? undefined : readFile(facts.frame.scope, file.text);
  if (text === undefined) return false;
  runScriptText(walk, file.known ? text : unsure(text), given, change);
  return true;
}

/** `sh /tmp/*`: whichever it is, these are the ones that we know. */
function runMatching(walk: Walk, file: Field, given: Unwrapping, change: Partial<Frame>): boolean {
  runUnknown(walk, given, change);
  const { scope } = given.facts.frame;
  const steps = compileGlob(locate(scope, file.text));
  const found = filesMatching(scope, (path) => matchesSteps(steps, path)).slice(0, FILES_MAX);
  for (const text of found) runScriptText(walk, unsure(text), given, change);
  return found.length > 0;
}

/** Files that one pattern is taken to mean. */
const FILES_MAX = 8;

/** `./x` or `x` found in PATH, when this session wrote it, copied a program there or linked one. */
export function runNamedFile(walk: Walk, given: Unwrapping): boolean {
  const file = namedFile(given);
  if (file === undefined) return false;
  const rest = given.fields.slice(1);
  if (file.program !== undefined) {
    given.start(walk, [field(file.program), ...rest], inside(given));
    return true;
  }
  const scope = scriptScope(given.facts.frame.scope, rest);
  const interpreter = interpreterOf(file);
  const path = field(given.draft.path ?? given.fields[0]?.text ?? "");
  if (interpreter === null) runScriptText(walk, file, given, { scope });
  else given.start(walk, [...interpreter.map(field), path, ...rest], inside(given));
  return true;
}

/** `#!/usr/bin/env python3`, `#!/usr/bin/awk -f`: null where a shell reads the file. */
function interpreterOf(file: WrittenFile): readonly string[] | null {
  const words = /^#!\s*(\S.*)/.exec(file.text)?.[1]?.trim().split(/\s+/) ?? [];
  const named = /\/env$/.test(words[0] ?? "") ? words.slice(words[1] === "-S" ? 2 : 1) : words;
  const [path = "", ...options] = named;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "" || /^(?:ba|da|z|k|mk|a)?sh$/.test(name) ? null : [name, ...options];
}

function namedFile({ draft, facts }: Unwrapping): WrittenFile | undefined {
  const { scope } = facts.frame;
  if (scope.files.size === 0 && scope.knowledge.files === undefined) return undefined;
  if (draft.path !== undefined) return readFile(scope, draft.path);
  return draft.exec === null ? undefined : inPath(scope, draft.exec);
}

function inPath(scope: Scope, name: string): WrittenFile | undefined {
  // zsh keeps the same as a list in `path`.
  const listed = readVariable(scope, "path");
  const path = readVariable(scope, "PATH");
  const folders = [
    ...(isArray(listed) ? listed.map((one) => one.text) : []),
    // fish keeps them as a list in `PATH` itself.
    ...(isArray(path) ? path.map((one) => one.text) : [path.text]).flatMap((one) => one.split(":")),
  ];
  for (const directory of folders.slice(0, DIRECTORIES_MAX)) {
    const at = locate(scope, `${directory === "" ? "." : directory}/${name}`);
    const own = scope.files.get(at);
    if (own !== undefined && own !== null) return own;
    const learnt = own === null ? undefined : scope.knowledge.files?.get(at);
    if (learnt !== undefined)
      return typeof learnt === "string" ? { text: learnt, known: true } : learnt;
    if (own === undefined && isBrought(scope, at)) return UNKNOWN;
  }
  return undefined;
}

/** Directories of one PATH that are looked into. */
const DIRECTORIES_MAX = 32;
