import type { Walk } from "../walk/walk.js";
import { pathsBelow } from "../walk/files.js";
import type { Scope } from "../walk/scope.js";
import { field, fieldOf, guessed, unsure, weigh, type Field } from "../words/text.js";
import { inside, type Unwrapping } from "./run-script.js";

/** `find ... -exec CMD {} ;`: the path that was found is one of the starting points. */
export function unwrapFind(walk: Walk, given: Unwrapping): boolean {
  const words = given.fields.slice(1);
  const roots = [
    ...startingPoints(words),
    ...namedPoints(words),
    ...foundPaths(words, given.facts.frame.scope).map((path) => fieldOf(guessed(path))),
  ];
  let followed = false;
  for (let i = 0; i < words.length; i++) {
    if (!FIND_ACTIONS.has(words[i]?.text ?? "")) continue;
    const end = words.findIndex((one, at) => at > i && (one.text === ";" || one.text === "+"));
    const command = words.slice(i + 1, end < 0 ? undefined : end);
    runForEach(walk, command, roots, given);
    followed = true;
    // Without an end it takes the rest of the words.
    if (end < 0) return followed;
    i = end;
  }
  return followed;
}

const FIND_ACTIONS = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

/** Options that stand before the paths, then everything up to the first test. */
function startingPoints(words: readonly Field[]): readonly Field[] {
  let at = 0;
  while (/^-(?:[HLP]|O\d|D)$/.test(words[at]?.text ?? "")) at += words[at]?.text === "-D" ? 2 : 1;
  const end = words.findIndex((one, i) => i >= at && /^[-(!]/.test(one.text));
  const roots = words.slice(at, end < 0 ? undefined : end);
  return roots.length === 0 ? [field(".")] : roots.slice(0, ROOTS_MAX);
}

/** `find . -name x`: what is found is most likely `./x`. */
function namedPoints(words: readonly Field[]): readonly Field[] {
  const at = words.findIndex((one) => one.text === "-name");
  const name = words[at + 1];
  if (at < 0 || name === undefined || /[*?[]/.test(name.text)) return [];
  return startingPoints(words).map((root) =>
    fieldOf(unsure(weigh(`${root.text.replace(/\/$/, "")}/${name.text}`, [root, name]))),
  );
}

/** Files that this session wrote which `find` with these words (the name excepted) would find. */
export function foundPaths(words: readonly Field[], scope: Scope): readonly string[] {
  const at = words.findIndex((one) => one.text === "-name" || one.text === "-iname");
  const pattern = at < 0 ? "*" : (words[at + 1]?.text ?? "*");
  return startingPoints(words).flatMap((root) => pathsBelow(scope, root.text, pattern));
}

/** What `find` with these words (the name excepted) most likely prints. */
export function printedPaths(words: readonly Field[], scope: Scope): readonly string[] {
  const at = words.findIndex((one) => one.text === "-name" || one.text === "-path");
  const roots = startingPoints(words).map((one) => one.text);
  if (at < 0) return [...roots, ...foundPaths(words, scope)];
  const pattern = words[at + 1]?.text ?? "*";
  const found = foundPaths(words, scope);
  if (found.length > 0) return found;
  if (words[at]?.text === "-path") return [pattern];
  return roots.map((root) => `${root.replace(/\/$/, "")}/${pattern}`);
}

/** Starting points that are followed, each with a command of its own. */
const ROOTS_MAX = 16;

function runForEach(
  walk: Walk,
  command: readonly Field[],
  roots: readonly Field[],
  given: Unwrapping,
): void {
  if (command.length === 0) return;
  const fills = command.some((one) => one.text.includes("{}"));
  for (const root of fills ? roots : roots.slice(0, 1)) {
    const filled = command.map((one) => {
      if (one.text === "{}") return root;
      if (!one.text.includes("{}")) return one;
      return fieldOf(weigh(one.text.replaceAll("{}", root.text), [one, root]));
    });
    given.start(walk, filled, inside(given, { stdin: undefined }));
  }
}

/** `fd PATTERN PATH -x CMD`: the paths stand behind the pattern, the command behind `-x`. */
export function unwrapFd(walk: Walk, given: Unwrapping): boolean {
  const words = given.fields.slice(1);
  const at = words.findIndex((one) => /^(?:-x|-X|--exec|--exec-batch)$/.test(one.text));
  if (at < 0) return false;
  const operands = words.slice(0, at).filter((one) => !one.text.startsWith("-"));
  const roots = operands.filter((one) => one.text.includes("/"));
  const command = words.slice(at + 1);
  const whole = command.some((one) => one.text.includes("{")) ? command : [...command, field("{}")];
  runForEach(walk, whole, roots.length === 0 ? [field(".")] : roots, given);
  return true;
}
