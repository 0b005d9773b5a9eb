import type { Analysis } from "../model/index.js";
import type { ShellKnowledge, ShellState, WrittenFile } from "./analyse.js";
import { scopeBehind } from "./analyse-line.js";
import { FILE_CHARS_MAX, FILES_CHARS_MAX, REMEMBERED_MAX, VALUE_CHARS_MAX } from "./limits.js";
import { resolvePath } from "./words/path.js";
import { known, UNKNOWN, unsure } from "./words/text.js";
import { directoryOf, isArray, type Door, type Scope, type Variable } from "./walk/scope.js";

/**
 * What a line that was released teaches us about the shell it ran in: directory, variables, aliases,
 * functions, what files hold now. Bounded: when a table is full the oldest entries are forgotten, and
 * remembered is that something was, so that what is not found is unknown and not harmless. A line that
 * could not be understood takes the current directory with it.
 */
export function learnFromLine(knowledge: ShellKnowledge, released: Analysis): ShellKnowledge {
  const scope = released.unparsed === undefined ? scopeBehind(released, knowledge) : null;
  if (scope === null) return withoutDirectory(knowledge);
  const { entered, left } = scope.door;
  const learnt = knowledgeOf(knowledge, scope);
  if (left) return leaveShell(learnt);
  return entered === null ? learnt : enterShell(learnt, knowledge, entered);
}

function knowledgeOf(knowledge: ShellKnowledge, scope: Scope): ShellKnowledge {
  const variables = merge(knowledge.variables, scope.variables, {
    read: plainOf,
    max: REMEMBERED_MAX,
  });
  const names = { read: nonEmpty, max: REMEMBERED_MAX };
  const aliases = merge(knowledge.aliases, scope.aliases, names);
  const functions = merge(knowledge.functions, scope.functions, names);
  const files = boundFiles(
    merge(knowledge.files, scope.files, { read: plainFile, max: REMEMBERED_MAX }),
  );
  const cwd = directoryOf(scope);
  const before = stateOf(knowledge);
  const { forgot } = before;
  return {
    ...(knowledge.home === undefined ? {} : { home: knowledge.home }),
    ...(cwd === null ? {} : { cwd }),
    variables: variables.table,
    aliases: aliases.table,
    functions: functions.table,
    files: files.table,
    shell: {
      place: scope.place,
      places: scope.places.count,
      supposed: scope.supposed,
      before: scope.before,
      stack: scope.stack,
      positional: scope.positional ?? [UNKNOWN],
      lastWord: scope.lastWord,
      hashed: scope.hashed,
      descriptors: new Map([...scope.descriptors].slice(-DESCRIPTORS_MAX)),
      links: merge(before.links, scope.links, { read: (link) => link, max: REMEMBERED_MAX }).table,
      outer: before.outer,
      forgot: {
        names: forgot.names || aliases.forgot || functions.forgot,
        files: forgot.files || files.forgot,
      },
    },
  };
}

/**
 * Knowledge of a shell inside of another one. Whether it came up can not be seen, so what was known
 * stays: of another machine as a guess, and where it stands there is not known.
 */
function enterShell(
  outside: ShellKnowledge,
  before: ShellKnowledge,
  { scope, elsewhere }: NonNullable<Door["entered"]>,
): ShellKnowledge {
  const inside = knowledgeOf(before, scope);
  const state = stateOf(inside);
  const outer = [{ knowledge: outside, elsewhere }, ...state.outer].slice(0, OUTER_MAX);
  if (!elsewhere) return { ...inside, shell: { ...state, outer } };
  const moved = withoutDirectory(inside);
  const variables = new Map(
    Array.from(inside.variables ?? [], ([name, value]): [string, string | Variable] => [
      name,
      typeof value === "string" ? unsure(known(value)) : value,
    ]),
  );
  const supposed = inside.cwd ?? state.supposed;
  return { ...moved, variables, shell: { ...stateOf(moved), supposed, outer } };
}

/** Shells inside of shells that are followed: those further out are forgotten, with where they stand. */
const OUTER_MAX = 8;

/** The shell outside goes on as it was; files that were written on its machine stay written. */
function leaveShell(inside: ShellKnowledge): ShellKnowledge {
  const state = stateOf(inside);
  const [nearest, ...outer] = state.outer;
  if (nearest === undefined) return inside;
  const { knowledge, elsewhere } = nearest;
  const was = stateOf(knowledge);
  const places = Math.max(was.places, state.places);
  if (elsewhere) return { ...knowledge, shell: { ...was, places, outer } };
  return {
    ...knowledge,
    ...(inside.files === undefined ? {} : { files: inside.files }),
    shell: { ...was, places, outer, links: state.links, forgot: state.forgot },
  };
}

/**
 * As `learnFromLine`, of a line that was typed unseen: it may be a password. What it sets counts as not
 * known, so that no word of it can come up in what is told of later lines.
 */
export function learnFromUnseen(knowledge: ShellKnowledge, released: Analysis): ShellKnowledge {
  const learnt = learnFromLine(knowledge, released);
  if (learnt.shell === undefined) return learnt;
  const { variables: before } = knowledge;
  const variables = new Map(learnt.variables);
  for (const [name, value] of variables) if (before?.get(name) !== value) variables.delete(name);
  const positional = knowledge.shell?.positional ?? [];
  return { ...learnt, variables, shell: { ...learnt.shell, positional, lastWord: UNKNOWN } };
}

/** Open descriptors that are remembered of one shell. */
const DESCRIPTORS_MAX = 16;

/** A file of the target holds something else now. Paths are absolute, or `~/...`. */
export type FileChange =
  /** Its whole text, of which 64 KiB are followed; null: it is not known. */
  | { readonly path: string; readonly text: string | null }
  /** The same as another one. */
  | { readonly path: string; readonly file: string | WrittenFile }
  /** It is not there any more, or it is nothing that this session wrote. */
  | { readonly path: string; readonly gone: true };

/**
 * What is known when files of the target changed in another way than by a line of this shell: an upload,
 * or a line of another shell. `missed`: so did others, of which nothing is known.
 */
export function learnFiles(
  knowledge: ShellKnowledge,
  changes: readonly FileChange[],
  missed = false,
): ShellKnowledge {
  const at = { cwd: knowledge.home ?? "~", home: knowledge.home };
  const entries = new Map(changes.map((change) => [resolvePath(change.path, at), change]));
  const merged = merge(knowledge.files, entries, { read: fileOf, max: REMEMBERED_MAX });
  const files = boundFiles(merged);
  const state = stateOf(knowledge);
  const forgot = { ...state.forgot, files: state.forgot.files || files.forgot || missed };
  const outer = state.outer.map((one) => ({
    ...one,
    knowledge: learnFiles(one.knowledge, changes, missed),
  }));
  return { ...knowledge, files: files.table, shell: { ...state, outer, forgot } };
}

function fileOf(change: FileChange): string | WrittenFile | null {
  if ("gone" in change) return null;
  if ("file" in change) return change.file;
  const { text } = change;
  return text === null || text.length > FILE_CHARS_MAX ? UNKNOWN : text;
}

/** What a line changed in files whose place every shell of the session knows. */
export function changedFiles(before: ShellKnowledge, after: ShellKnowledge): readonly FileChange[] {
  if (before.files === after.files) return [];
  const made: FileChange[] = [];
  for (const [path, file] of after.files ?? []) {
    if (isPlaced(path) && before.files?.get(path) !== file) made.push({ path, file });
  }
  for (const path of before.files?.keys() ?? []) {
    if (isPlaced(path) && after.files?.has(path) !== true) made.push({ path, gone: true });
  }
  return made;
}

function isPlaced(path: string): boolean {
  return path.startsWith("/") || path.startsWith("~/");
}

/**
 * As `learnFromLine`, of a line that was judged with its long texts left out: what it wrote into files
 * is not known.
 */
export function learnFromShortened(knowledge: ShellKnowledge, released: Analysis): ShellKnowledge {
  const learnt = learnFromLine(knowledge, released);
  if (learnt.files === knowledge.files || learnt.files === undefined) return learnt;
  const files = new Map(learnt.files);
  for (const [path, file] of files)
    if (knowledge.files?.get(path) !== file) files.set(path, UNKNOWN);
  return { ...learnt, files };
}

function stateOf(knowledge: ShellKnowledge): ShellState {
  return knowledge.shell ?? { ...NEW_SHELL, place: knowledge.cwd ?? NEW_SHELL.place };
}

const NEW_SHELL: ShellState = {
  place: "?0",
  places: 0,
  supposed: null,
  before: null,
  stack: [],
  positional: [],
  lastWord: UNKNOWN,
  hashed: new Map(),
  descriptors: new Map(),
  links: new Map(),
  outer: [],
  forgot: { names: false, files: false },
};

/** Where the shell is now can not be known: an unknown place, of which there is a new one each time. */
function withoutDirectory(knowledge: ShellKnowledge): ShellKnowledge {
  const rest: { -readonly [K in keyof ShellKnowledge]: ShellKnowledge[K] } = { ...knowledge };
  delete rest.cwd;
  const state = stateOf(knowledge);
  const places = state.places + 1;
  rest.shell = { ...state, place: `?${String(places)}`, places, supposed: null };
  return rest;
}

/** Certain texts are kept as they are; of what is not known nothing is kept. */
function plainOf(value: Variable): string | Variable | null {
  if (isArray(value)) return value.length > 0 ? value : null;
  if (value.text.length > VALUE_CHARS_MAX) return null;
  if (value.known) return value.text;
  return value.likely === true && value.text !== "" ? value : null;
}

function plainFile(file: WrittenFile | null): string | WrittenFile | null {
  if (file?.known !== true || file.program !== undefined) return file;
  return file.members === undefined && file.pipe === undefined ? file.text : file;
}

function nonEmpty(text: string | null): string | null {
  return text === null || text.length > VALUE_CHARS_MAX ? null : text;
}

interface Merged<T> {
  readonly table: ReadonlyMap<string, T>;
  /** Entries had to go that are not known to be wrong. */
  readonly forgot: boolean;
}

/** `read` answers null for what is no longer known. The newest entries stand last. */
function merge<Change, Entry>(
  before: ReadonlyMap<string, Entry> | undefined,
  changes: ReadonlyMap<string, Change>,
  { read, max }: { read: (value: Change) => Entry | null; max: number },
): Merged<Entry> {
  if (changes.size === 0) return { table: before ?? new Map<string, Entry>(), forgot: false };
  const out = new Map(before);
  let forgot = false;
  for (const [name, value] of changes) {
    const entry = read(value);
    out.delete(name);
    if (entry !== null) out.set(name, entry);
  }
  for (const name of out.keys()) {
    if (out.size <= max) break;
    out.delete(name);
    forgot = true;
  }
  return { table: out, forgot };
}

function boundFiles(merged: Merged<string | WrittenFile>): Merged<string | WrittenFile> {
  let held = 0;
  for (const file of merged.table.values()) held += sizeOf(file);
  if (held <= FILES_CHARS_MAX) return merged;
  const out = new Map(merged.table);
  for (const [path, file] of out) {
    if (held <= FILES_CHARS_MAX) break;
    out.delete(path);
    held -= sizeOf(file);
  }
  return { table: out, forgot: true };
}

/** Characters that are held of a file, or of an archive and what is in it. */
function sizeOf(file: string | WrittenFile): number {
  if (typeof file === "string") return file.length;
  let held = file.text.length;
  for (const member of file.members?.values() ?? []) held += sizeOf(member);
  return held;
}
