import { REMEMBERED_MAX } from "../limits.js";
import type { ShellKnowledge } from "../analyse.js";
import { guessed, known, UNKNOWN, type Text } from "../words/text.js";

export type Variable = Text | readonly Text[];

/** What is true of the shell at one point of the line. Subshells get a copy. */
export interface Scope {
  readonly knowledge: ShellKnowledge;
  readonly variables: Map<string, Variable>;
  /** Aliases made (text) or removed (null) by this line; those of the session are in `knowledge`. */
  readonly aliases: Map<string, string | null>;
  readonly functions: Map<string, string | null>;
  readonly files: Map<string, Text>;
  /** `$1`..; undefined at the prompt, where there are usually none. */
  positional: readonly Text[] | undefined;
  cwd: string | null;
}

export function createScope(knowledge: ShellKnowledge): Scope {
  return {
    knowledge,
    variables: new Map(),
    aliases: new Map(),
    functions: new Map(),
    files: new Map(),
    positional: undefined,
    cwd: knowledge.cwd ?? null,
  };
}

export function copyScope(scope: Scope): Scope {
  return {
    knowledge: scope.knowledge,
    variables: new Map(scope.variables),
    aliases: new Map(scope.aliases),
    functions: new Map(scope.functions),
    files: new Map(scope.files),
    positional: scope.positional,
    cwd: scope.cwd,
  };
}

export function readVariable(scope: Scope, name: string): Variable {
  const own = scope.variables.get(name);
  if (own !== undefined) return own;
  const learnt = scope.knowledge.variables?.get(name);
  if (learnt !== undefined) return known(learnt);
  if (name === "HOME" && scope.knowledge.home !== undefined) return known(scope.knowledge.home);
  if (name === "PWD" && scope.cwd !== null) return known(scope.cwd);
  if (name === "IFS") return known(" \t\n");
  return USUAL.get(name) ?? UNKNOWN;
}

export function isArray(variable: Variable): variable is readonly Text[] {
  return Array.isArray(variable);
}

export function setVariable(scope: Scope, name: string, value: Variable): void {
  if (scope.variables.size < REMEMBERED_MAX || scope.variables.has(name))
    scope.variables.set(name, value);
  else scope.variables.clear();
}

/**
 * Variables that a branch or a loop body may have set are unknown behind it, unless both ways agree.
 * What the branch gave them stays as the guess.
 */
export function mergeBranch(scope: Scope, branch: Scope): void {
  for (const [name, value] of branch.variables) {
    if (scope.variables.get(name) === value) continue;
    const before = readVariable(scope, name);
    if (!isArray(before) && !isArray(value) && before.known && before.text === value.text) continue;
    setVariable(scope, name, isArray(value) ? value.map(unsure) : unsure(value));
  }
  for (const [name, body] of branch.functions) scope.functions.set(name, body);
  for (const [name, text] of branch.aliases) scope.aliases.set(name, text);
  for (const [path, text] of branch.files) scope.files.set(path, text);
  if (scope.cwd !== branch.cwd) scope.cwd = null;
}

const unsure = (text: Text): Text => guessed(text.text);

/** What these usually hold on Linux: enough to see through `${PATH:0:1}`, never certain. */
const USUAL: ReadonlyMap<string, Text> = new Map(
  Object.entries({
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    PWD: "/root",
    SHELL: "/bin/bash",
    BASH: "/bin/bash",
    "0": "bash",
    EDITOR: "vi",
    PAGER: "less",
    TERM: "xterm-256color",
    OSTYPE: "linux-gnu",
    "-": "himBHs",
  }).map(([name, value]) => [name, guessed(value)] as const),
);
