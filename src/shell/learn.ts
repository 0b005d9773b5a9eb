import type { Analysis } from "../model/index.js";
import type { ShellKnowledge } from "./analyse.js";
import { REMEMBERED_MAX, VALUE_CHARS_MAX } from "./limits.js";
import { parseScript } from "./syntax/parse-script.js";
import { resolvePath } from "./words/path.js";
import { isArray, type Scope } from "./walk/scope.js";
import { walkTop } from "./analyse-line.js";

/**
 * What a line that was released teaches us about the shell it ran in: current directory, variables,
 * aliases, functions, files with known text. Bounded: when a table is full, new names are not taken.
 * A line that could not be understood takes the current directory with it.
 */
export function learnFromLine(knowledge: ShellKnowledge, released: Analysis): ShellKnowledge {
  if (released.unparsed !== undefined) return withoutDirectory(knowledge);
  const parsed = parseScript(released.line);
  if (!parsed.ok) return withoutDirectory(knowledge);
  let scope: Scope;
  try {
    scope = walkTop(released.line, knowledge, parsed.script).scope;
  } catch {
    return withoutDirectory(knowledge);
  }
  const directory =
    scope.cwd === null ? withoutDirectory(knowledge) : { ...knowledge, cwd: scope.cwd };
  return {
    ...directory,
    variables: merge(knowledge.variables, scope.variables, (value) =>
      isArray(value) || !value.known ? null : value.text,
    ),
    aliases: merge(knowledge.aliases, scope.aliases, (text) => text),
    functions: merge(knowledge.functions, scope.functions, (text) => text),
    files: merge(knowledge.files, absoluteFiles(scope), (text) => (text.known ? text.text : null)),
  };
}

function withoutDirectory(knowledge: ShellKnowledge): ShellKnowledge {
  const rest: { -readonly [K in keyof ShellKnowledge]: ShellKnowledge[K] } = { ...knowledge };
  delete rest.cwd;
  return rest;
}

function absoluteFiles(scope: Scope): Scope["files"] {
  const out: Scope["files"] = new Map();
  for (const [path, text] of scope.files) {
    const absolute = resolvePath(path, { cwd: scope.cwd ?? undefined, home: scope.knowledge.home });
    if (absolute.startsWith("/")) out.set(absolute, text);
  }
  return out;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** `read` answers null for what is no longer known. */
function merge<T>(
  before: ReadonlyMap<string, string> | undefined,
  changes: ReadonlyMap<string, T>,
  read: (value: T) => string | null,
): ReadonlyMap<string, string> {
  if (changes.size === 0) return before ?? NOTHING;
  const out = new Map(before);
  for (const [name, value] of changes) {
    const text = read(value);
    if (text === null || text.length > VALUE_CHARS_MAX) out.delete(name);
    else if (out.size < REMEMBERED_MAX || out.has(name)) out.set(name, text);
  }
  return out;
}
