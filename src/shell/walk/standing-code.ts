import { PROMPT_VARIABLES } from "../wrappers/command-variables.js";
import { quotedWord } from "./gathering.js";
import { copyScope, isArray, type Scope } from "./scope.js";
import type { Frame, Walk } from "./walk.js";

/** What a trap runs is kept as a function of a name that no shell allows. */
const TRAP = "trap ";
/** Functions that shells call by themselves. */
const HOOKS: ReadonlySet<string> = new Set(
  "precmd preexec chpwd periodic zshexit zshaddhistory command_not_found_handle command_not_found_handler fish_prompt fish_right_prompt fish_mode_prompt fish_greeting fish_command_not_found fish_title".split(
    " ",
  ),
);
/** What most prompts do is the same wherever the shell stands. */
const DEPENDS_ON_PLACE =
  /[*?]|(?:^|[\s;&|(])(?:rm|rmdir|unlink|shred|find|mv|chmod|chown|truncate|dd|eval|source|\.|\w*sh)\s/;
/** Texts looked at again behind one line. */
const TEXTS_MAX = 16;

/** `trap TEXT EXIT USR1`; `-` takes it away. */
export function keepTrap(scope: Scope, text: string, signals: readonly string[]): void {
  for (const signal of signals) scope.functions.set(TRAP + signal, text === "-" ? null : text);
}

/**
 * Traps, prompts and hooks run long after they were set, with what the shell has become since: where a
 * line changes what one of them depends on, it is looked at again.
 */
export function walkStandingCode(walk: Walk, scope: Scope, frame: Frame): void {
  const moved = scope.place !== (scope.knowledge.cwd ?? scope.knowledge.shell?.place ?? "?0");
  const changed = [...scope.variables.keys(), ...scope.functions.keys(), ...scope.aliases.keys()];
  if (!moved && changed.length === 0) return;
  const texts = standingTexts(scope).filter(
    (text) =>
      (moved && DEPENDS_ON_PLACE.test(text)) ||
      changed.some((name) => name !== "" && text.includes(name)),
  );
  for (const text of texts.slice(0, TEXTS_MAX))
    walk.runText(text, {
      ...frame,
      scope: copyScope(scope),
      context: "script",
    });
}

/** Those that were set before this line: what it sets itself has been judged. */
function standingTexts(scope: Scope): readonly string[] {
  const { functions, variables } = scope.knowledge;
  const out: string[] = [];
  for (const [name, body] of functions ?? []) {
    const stands = name.startsWith(TRAP) || HOOKS.has(name);
    if (stands && !scope.functions.has(name)) out.push(body);
  }
  const prompted = ["PROMPT_COMMAND", ...PROMPT_VARIABLES];
  for (const name of prompted) {
    const value = variables?.get(name);
    if (value === undefined || scope.variables.has(name)) continue;
    const texts =
      typeof value === "string"
        ? [value]
        : isArray(value)
          ? value.map((one) => one.text)
          : [value.text];
    for (const text of texts) {
      if (name === "PROMPT_COMMAND") out.push(text);
      else if (/[$`]/.test(text)) out.push(quotedWord(text));
    }
  }
  return out;
}
