import type { Descriptor, Link, ShellKnowledge, WrittenFile } from "../analyse.js";
import { REMEMBERED_MAX } from "../limits.js";
import { resolvePath } from "../words/path.js";
import { guessed, known, UNKNOWN, unsure, type Text } from "../words/text.js";

export type Variable = Text | readonly Text[];

/** What is true of the shell at one point of the line. Subshells get a copy. */
export interface Scope {
  readonly knowledge: ShellKnowledge;
  readonly variables: Map<string, Variable>;
  /** Aliases made (text) or removed (null) by this line; those of the session are in `knowledge`. */
  readonly aliases: Map<string, string | null>;
  readonly functions: Map<string, string | null>;
  /** By located path; null: removed, which is like never written. */
  readonly files: Map<string, WrittenFile | null>;
  /** By located path; null: taken away, or it leads to itself. Shared like the files. */
  readonly links: Map<string, Link | null>;
  hashed: ReadonlyMap<string, string>;
  /** Files and texts behind numbered descriptors (`exec 3> f`). */
  descriptors: ReadonlyMap<number, Descriptor>;
  /** `$1`..; undefined where they can not be known. */
  positional: readonly Text[] | undefined;
  /** `$_` */
  lastWord: Text;
  /** The current directory: absolute, `~...`, or `?n/...` below the n-th place that is not known. */
  place: string;
  /** Where an unknown place may be: a branch that may have run went there. */
  supposed: string | null;
  before: string | null;
  stack: readonly string[];
  /** Counts unknown places; shared by all copies. */
  readonly places: { count: number };
  /** What `local` hid while a function runs, to be put back. */
  locals: Map<string, Variable | undefined> | undefined;
  /** Names that a new process sees for certain. */
  exported: ReadonlySet<string>;
  /** What becomes of the shell that reads the line. A process beside it has a door of its own. */
  readonly door: Door;
  /** Another process than the shell of the session: what that one knows may not have been exported. */
  foreign: boolean;
}

/** The line leaves its shell, or starts one that reads the lines behind it. */
export interface Door {
  left: boolean;
  entered: { readonly scope: Scope; readonly elsewhere: boolean } | null;
}

// Rarely used tables are shared, and replaced when something is put into them.
const NO_PATHS: ReadonlyMap<string, string> = new Map();
const NO_DESCRIPTORS: ReadonlyMap<number, Descriptor> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

export function exportName(scope: Scope, name: string): void {
  scope.exported = new Set([...scope.exported, name]);
}

export function openDescriptor(scope: Scope, fd: number, opened: Descriptor): void {
  scope.descriptors = new Map([...scope.descriptors, [fd, opened]]);
}

export function createScope(knowledge: ShellKnowledge): Scope {
  const { shell } = knowledge;
  return {
    knowledge,
    variables: new Map(),
    aliases: new Map(),
    functions: new Map(),
    files: new Map(),
    links: new Map(),
    hashed: shell?.hashed ?? NO_PATHS,
    descriptors: shell?.descriptors ?? NO_DESCRIPTORS,
    positional: shell?.positional ?? [],
    lastWord: shell?.lastWord ?? UNKNOWN,
    place: knowledge.cwd ?? shell?.place ?? "?0",
    supposed: shell?.supposed ?? null,
    before: shell?.before ?? null,
    stack: shell?.stack ?? [],
    places: { count: shell?.places ?? 0 },
    locals: undefined,
    door: { left: false, entered: null },
    exported: NO_NAMES,
    foreign: false,
  };
}

/** What a subshell or a new process starts with; files are the same for all of them. */
export function copyScope(scope: Scope): Scope {
  return {
    ...scope,
    door: { left: false, entered: null },
    variables: new Map(scope.variables),
    aliases: new Map(scope.aliases),
    functions: new Map(scope.functions),
  };
}

/** The scope of a new process: variables that were not exported are not there. */
export function enterProcess(scope: Scope): Scope {
  // A shell that it starts reads the terminal, too.
  const inner: Scope = { ...copyScope(scope), door: scope.door };
  inner.foreign = true;
  for (const [name, value] of inner.variables) {
    if (!inner.exported.has(name))
      inner.variables.set(name, isArray(value) ? value.map(unsure) : unsure(value));
  }
  return inner;
}

/** The current directory as rules may compare it; null when it is not known. */
export function directoryOf(scope: Scope): string | null {
  return scope.place.startsWith("?") ? null : scope.place;
}

export function readVariable(scope: Scope, name: string): Variable {
  // `declare -n r=x`: r is another name for x.
  const target = readOwn(scope, `${name}[&]`);
  if (!isArray(target) && target.known) return readNamed(scope, target.text);
  const value = readOwn(scope, name);
  // A new process sees what was exported: whether a variable was is not followed.
  return scope.foreign && !isArray(value) && !scope.variables.has(name) ? unsure(value) : value;
}

/** `x`, or `x[1]`: an element has a name of its own, or stands in a list. */
function readNamed(scope: Scope, name: string): Variable {
  const element = /^(\w+)\[(\d+)\]$/.exec(name);
  if (element === null) return readOwn(scope, name);
  const own = readOwn(scope, name);
  if (!isArray(own) && own.known) return own;
  const list = readOwn(scope, element[1] ?? "");
  return isArray(list) ? (list[Number(element[2])] ?? known("")) : UNKNOWN;
}

/** Sets what a name stands for: `declare -n r=x; r=1` sets x. */
export function assignVariable(scope: Scope, name: string, value: Variable): void {
  const target = readOwn(scope, `${name}[&]`);
  setVariable(scope, !isArray(target) && target.known ? target.text : name, value);
}

function readOwn(scope: Scope, name: string): Variable {
  const own = scope.variables.get(name);
  if (own !== undefined) return own;
  const learnt = scope.knowledge.variables?.get(name);
  if (learnt !== undefined) return typeof learnt === "string" ? known(learnt) : learnt;
  if (name === "HOME") return homeOf(scope);
  if (name === "PWD" || name === "OLDPWD") return directoryText(scope, name);
  if (name === "_") return scope.lastWord;
  if (name === "IFS") return known(" \t\n");
  return USUAL.get(name) ?? UNKNOWN;
}

function homeOf(scope: Scope): Text {
  const { home } = scope.knowledge;
  return home === undefined ? guessed("/root") : known(home);
}

function directoryText(scope: Scope, name: "PWD" | "OLDPWD"): Text {
  const place = name === "PWD" ? scope.place : scope.before;
  if (place === null) return guessed("");
  // A place without a name is still the same place: `$OLDPWD/x` is the file x that was written there.
  if (place.startsWith("?")) return guessed(name === "PWD" ? "." : place);
  return place.startsWith("/") ? known(place) : guessed(place);
}

export function isArray(variable: Variable): variable is readonly Text[] {
  return Array.isArray(variable);
}

export function setVariable(scope: Scope, name: string, value: Variable): void {
  if (scope.variables.size >= REMEMBERED_MAX && !scope.variables.has(name)) scope.variables.clear();
  scope.variables.set(name, value);
}

/** `declare -l x`: the value changes its case; the attribute is kept as a variable of its own. */
export function shaped(scope: Scope, name: string, value: Text): Text {
  const attribute = readOwn(scope, `${name}[-]`);
  if (isArray(attribute) || !attribute.known) return value;
  const text = attribute.text === "l" ? value.text.toLowerCase() : value.text.toUpperCase();
  return { ...value, text };
}

/** Something ran in this shell that can not be read: what we know of its variables is a guess now. */
export function distrust(scope: Scope): void {
  for (const [name, value] of scope.knowledge.variables ?? []) {
    if (!scope.variables.has(name) && typeof value === "string")
      scope.variables.set(name, unsure(known(value)));
  }
  for (const [name, value] of scope.variables)
    scope.variables.set(name, isArray(value) ? value.map(unsure) : unsure(value));
}

/** Moves the shell; `null`: to where can not be known. */
export function moveTo(scope: Scope, path: string | null): void {
  scope.before = scope.place;
  // Where it was set by hand, that ends here.
  if (scope.variables.has("OLDPWD") || scope.knowledge.variables?.has("OLDPWD") === true)
    setVariable(scope, "OLDPWD", directoryText(scope, "OLDPWD"));
  const relative = path !== null && !/^[/~]/.test(path);
  scope.supposed =
    relative && scope.supposed !== null ? resolvePath(path, { cwd: scope.supposed }) : null;
  scope.place = path === null ? `?${String(++scope.places.count)}` : locate(scope, path);
}

/** A path as the tables name it: absolute, `~/...`, or below a place that has a name of ours. */
export function locate(scope: Scope, path: string): string {
  if (/^\?\d/.test(path)) return path;
  return resolvePath(path, { cwd: scope.place, home: scope.knowledge.home });
}

/** The scope of a branch that may not run at all: its files are its own until they are merged. */
export function branchScope(scope: Scope): Scope {
  return { ...copyScope(scope), files: new Map(scope.files), links: new Map(scope.links) };
}

/**
 * Variables that a branch or a loop body may have set are unknown behind it, unless both ways agree.
 * What the branch gave them stays as the guess.
 */
export function mergeBranch(scope: Scope, branch: Scope): void {
  mergeVariables(scope, branch);
  for (const [name, body] of branch.functions) scope.functions.set(name, body);
  for (const [name, text] of branch.aliases) scope.aliases.set(name, text);
  if (branch.hashed !== scope.hashed) scope.hashed = new Map([...scope.hashed, ...branch.hashed]);
  for (const [path, file] of branch.files) {
    if (scope.files.get(path) === file) continue;
    scope.files.set(path, file === null ? UNKNOWN : { ...file, ...unsure(file) });
  }
  for (const [path, link] of branch.links) {
    // A link that may not have been taken away is better followed.
    if (link !== null || !scope.links.has(path)) scope.links.set(path, link);
  }
  passThrough(branch.door, scope);
  if (scope.place === branch.place) return;
  moveTo(scope, null);
  scope.supposed = directoryOf(branch) ?? branch.supposed;
}

function mergeVariables(scope: Scope, branch: Scope): void {
  for (const [name, value] of branch.variables) {
    if (scope.variables.get(name) === value) continue;
    const before = readVariable(scope, name);
    if (!isArray(before) && !isArray(value) && before.known && before.text === value.text) continue;
    // What a branch may have left without a value is better taken to have kept the one it had.
    const kept = !isArray(value) && value.text === "" && !isArray(before) && before.text !== "";
    if (kept) setVariable(scope, name, unsure(before));
    else setVariable(scope, name, isArray(value) ? value.map(unsure) : unsure(value));
  }
}

/** A shell that a branch starts is the one that is typed into next. */
function passThrough({ entered }: Door, scope: Scope): void {
  if (entered !== null) scope.door.entered ??= { scope, elsewhere: entered.elsewhere };
}

/** What these usually hold on Linux: enough to see through `${PATH:0:1}`, never certain. */
const USUAL: ReadonlyMap<string, Text> = new Map(
  Object.entries({
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    SHELL: "/bin/bash",
    BASH: "/bin/bash",
    "0": "bash",
    EDITOR: "vi",
    PAGER: "less",
    TERM: "xterm-256color",
    OSTYPE: "linux-gnu",
    MACHTYPE: "x86_64-pc-linux-gnu",
    HOSTTYPE: "x86_64",
    LANG: "en_US.UTF-8",
    "-": "himBHs",
  }).map(([name, value]) => [name, guessed(value)] as const),
);
