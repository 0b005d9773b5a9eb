import type { Unwrapping } from "../wrappers/unwrap.js";
import { applyFileEffect } from "./file-effects.js";
import { nextOption } from "./getopts.js";
import { fillArray, readInput, splitFields } from "./reading.js";
import { changeDirectory, popDirectory, pushDirectory } from "./directories.js";
import { REMEMBERED_MAX } from "../limits.js";
import { formatText } from "../fold/printf.js";
import { arithmeticValue } from "../words/arithmetic-names.js";
import { isLikely, known, UNKNOWN, unsure, weigh, type Field } from "../words/text.js";
import { quotedWord } from "./gathering.js";
import { pathsNamed, readFile } from "./files.js";
import { isFolder } from "./links.js";
import {
  exportName,
  isArray,
  locate,
  moveTo,
  readVariable,
  setVariable,
  shaped,
  type Scope,
} from "./scope.js";
import { setShellOption } from "./shell-options.js";
import { keepTrap } from "./standing-code.js";
import type { Frame, Walk } from "./walk.js";

/** What a builtin does to the shell, as far as later commands depend on it. */
type Effect = (words: readonly Field[], scope: Scope, frame: Frame) => void;

/** What a program or builtin leaves behind: variables, aliases, the directory, files. */
export function applyEffects(walk: Walk, starting: Unwrapping): void {
  const { draft, fields, facts } = starting;
  if (draft.exec === null) return;
  applyFileEffect(starting);
  if (draft.path !== undefined) {
    if (fields.length === 1) enterByName(draft.path, facts.frame.scope);
    return;
  }
  EFFECTS.get(draft.exec)?.(fields.slice(1), facts.frame.scope, facts.frame);
  if (SUBSCRIPTED.has(draft.exec)) runSubscripts(walk, fields, facts.frame);
}

/** `/etc` alone: fish, and other shells that were told so, go there. */
function enterByName(path: string, scope: Scope): void {
  if (!isFolder(scope, path) || readFile(scope, path) !== undefined) return;
  const to = locate(scope, path);
  moveTo(scope, null);
  scope.supposed = to.startsWith("/") ? to : null;
}

/** `export`, `declare`, `local`: names, values, and the attributes that change how values are read. */
const declareAll =
  (kind: "export" | "declare" | "local"): Effect =>
  (words, scope) => {
    const letters = words.filter((one) => /^[-+][a-zA-Z]+$/.test(one.text)).map((one) => one.text);
    const flags = letters.filter((one) => one.startsWith("-")).join("");
    const isLocal = kind === "local" || (kind === "declare" && !flags.includes("g"));
    for (const word of words) {
      const match = /^([A-Za-z_]\w*(?:\[[^\]]*\])?)(?:(\+?=)(.*))?$/s.exec(word.text);
      const name = match?.[1];
      if (match === null || name === undefined) continue;
      if (isLocal) hide(scope, name);
      if (kind === "export" || flags.includes("x")) exportName(scope, name);
      const shape = flags.includes("l") ? "l" : flags.includes("u") ? "u" : undefined;
      if (shape !== undefined) setVariable(scope, `${name}[-]`, known(shape));
      const value = match[3];
      if (value === undefined) continue;
      const elements = /a/.test(flags) ? /^\((.*)\)$/s.exec(value)?.[1] : undefined;
      // `declare -a "a=(x y)"`: the text is read again as a list.
      if (elements !== undefined)
        setVariable(scope, name, splitFields(weigh(elements, [word]), " \t\n"));
      else if (flags.includes("n")) setVariable(scope, `${name}[&]`, known(value));
      else declare(scope, name, { word, value, appends: match[2] === "+=" });
    }
  };

function declare(
  scope: Scope,
  name: string,
  { word, value, appends }: { word: Field; value: string; appends: boolean },
): void {
  const before = appends ? readVariable(scope, name) : known("");
  const start = isArray(before) ? (before[0] ?? known("")) : before;
  const text = weigh(start.text + value, [start, word]);
  setVariable(scope, name, shaped(scope, name, text));
}

function hide(scope: Scope, name: string): void {
  if (scope.locals !== undefined && !scope.locals.has(name))
    scope.locals.set(name, scope.variables.get(name));
}

const unset: Effect = (words, scope) => {
  const functions = words.some((word) => word.text === "-f");
  for (const word of words) {
    if (word.text.startsWith("-")) continue;
    if (functions) scope.functions.set(word.text, null);
    else setVariable(scope, word.text, known(""));
  }
};

const defineAliases: Effect = (words, scope, frame) => {
  const everywhere = words.some((word) => /^-[a-zA-Z]*g/.test(word.text))
    ? "-g "
    : words.some((word) => word.text === "-s")
      ? "-s "
      : "";
  const [name, text] = words.filter((word) => !/^--?\w/.test(word.text));
  // fish: `alias ll 'ls -l'`.
  const isFish = words.filter((word) => !/^--?\w/.test(word.text)).length === 2;
  if (isFish && text !== undefined && name?.text.includes("=") === false)
    defineAbbreviation(words, scope, frame);
  for (const word of words) {
    const equals = word.text.indexOf("=");
    if (equals > 0 && isLikely(word) && scope.aliases.size < REMEMBERED_MAX)
      scope.aliases.set(everywhere + word.text.slice(0, equals), word.text.slice(equals + 1));
  }
};

/** fish: `abbr -a ll 'ls -l'` takes the place of the word when a blank or Enter follows. */
const defineAbbreviation: Effect = (words, scope) => {
  const plain = words.filter((word) => !word.text.startsWith("-"));
  const [name, ...rest] = plain;
  if (name === undefined || rest.length === 0 || !plain.every(isLikely)) return;
  scope.aliases.set(name.text, rest.map((one) => one.text).join(" "));
};

const removeAliases: Effect = (words, scope) => {
  for (const word of words) {
    if (word.text === "-a") {
      for (const name of scope.aliases.keys()) scope.aliases.set(name, null);
      for (const name of scope.knowledge.aliases?.keys() ?? []) scope.aliases.set(name, null);
    } else scope.aliases.set(word.text, null);
  }
};

/** `set -- a b`, `set a b`; in fish `set -gx name value`. */
const setPositional: Effect = (words, scope, frame) => {
  setOfCsh(words, scope, frame);
  const dashes = words.findIndex((one) => one.text === "--");
  // `set -euo pipefail`: the word behind is the name of an option.
  const first = words.findIndex(
    (one, i) => !/^[-+]/.test(one.text) && !/^[-+][a-zA-Z]*o$/.test(words[i - 1]?.text ?? ""),
  );
  if (dashes >= 0) scope.positional = words.slice(dashes + 1);
  else if (first >= 0) scope.positional = words.slice(first);
  const name = words[first]?.text ?? "";
  // In fish it is the variable that is set.
  if (/^[A-Za-z_]\w*$/.test(name) && first + 1 < words.length && !scope.variables.has(name))
    setVariable(scope, name, words.slice(first + 1).map(unsure));
};

/** csh: `set x=y`. */
const setOfCsh: Effect = (words, scope) => {
  for (const word of words) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(word.text);
    if (match !== null)
      setVariable(scope, match[1] ?? "", unsure({ ...word, text: match[2] ?? "" }));
  }
};

/** fish: `fish_add_path D`. */
const addToPath: Effect = (words, scope) => {
  const before = readVariable(scope, "PATH");
  const added = words.filter((word) => !word.text.startsWith("-"));
  setVariable(scope, "PATH", [...added, ...(isArray(before) ? before : [before])]);
};

/** csh: `setenv x y`. */
const setEnvironment: Effect = ([name, value], scope) => {
  if (name === undefined || value === undefined || !/^\w+$/.test(name.text)) return;
  setVariable(scope, name.text, unsure(value));
  exportName(scope, name.text);
};

const shift: Effect = (words, scope) => {
  const count = arithmeticValue(words[0]?.text ?? "1", scope) ?? Number.NaN;
  scope.positional = Number.isInteger(count) ? scope.positional?.slice(count) : undefined;
};

const printfInto: Effect = (words, scope) => {
  if (words[0]?.text !== "-v" || words[1] === undefined) return;
  const values = words.slice(2);
  const text = formatText(
    values[0]?.text ?? "",
    values.slice(1).map((word) => word.text),
  );
  setVariable(scope, words[1].text, text === null ? UNKNOWN : weigh(text, values));
};

const letArithmetic: Effect = (words, scope) => {
  for (const word of words) {
    const name = /^([A-Za-z_]\w*)\s*[-+*/%]?=/.exec(word.text)?.[1];
    const value = arithmeticValue(word.text, scope);
    if (name !== undefined && (value === null || !word.known)) setVariable(scope, name, UNKNOWN);
  }
};

const hash: Effect = (words, scope) => {
  const at = words.findIndex((word) => word.text === "-p");
  const path = words[at + 1];
  // zsh: `hash -d n=/x` makes `~n` stand for /x.
  if (words.some((one) => one.text === "-d"))
    for (const { text } of words) {
      const named = /^(\w+)=(\/.*)$/.exec(text);
      if (named !== null) setVariable(scope, `~${named[1] ?? ""}`, known(named[2] ?? ""));
    }
  if (at < 0 || path === undefined) return;
  const named = words.slice(at + 2).map((name): [string, string] => [name.text, path.text]);
  scope.hashed = new Map([...scope.hashed, ...named].slice(-REMEMBERED_MAX));
};

const trapSignals: Effect = ([text, ...signals], scope) => {
  if (text === undefined || signals.length === 0 || !isLikely(text)) return;
  keepTrap(
    scope,
    text.text,
    signals.map((one) => one.text),
  );
};

const setOptions =
  (on: boolean): Effect =>
  (words, scope) => {
    const off = words.some((one) => /^-\w*u/.test(one.text));
    for (const { text } of words)
      if (!text.startsWith("-")) setShellOption(scope, text, on && !off);
  };

/** zsh: `autoload f` reads the file f of a folder in `fpath`, once f is called. */
const autoload: Effect = (words, scope) => {
  for (const { text } of words) {
    const [path] = text.startsWith("-") ? [] : pathsNamed(scope, text);
    const file = path === undefined ? undefined : readFile(scope, path);
    if (file !== undefined) scope.functions.set(text, `{ ${file.text}\n}`);
  }
};

/** Its name alone: a shell may go there. */
const goUp: Effect = (_words, scope) => {
  // As an alias it has been followed.
  if (typeof (scope.aliases.get("..") ?? scope.knowledge.aliases?.get("..")) === "string") return;
  const up = locate(scope, "..");
  moveTo(scope, null);
  scope.supposed = up.startsWith("/") ? up : null;
};

/** What is typed next is read by the shell outside. */
const leave: Effect = (_words, scope) => {
  if (!scope.foreign) scope.door.left = true;
};

const EFFECTS: ReadonlyMap<string, Effect> = new Map<string, Effect>([
  ["cd", changeDirectory],
  ["chdir", changeDirectory],
  ["pushd", pushDirectory],
  ["popd", popDirectory],
  ["export", declareAll("export")],
  ["declare", declareAll("declare")],
  ["typeset", declareAll("declare")],
  ["local", declareAll("local")],
  ["readonly", declareAll("export")],
  ["unset", unset],
  ["read", readInput],
  ["mapfile", fillArray],
  ["readarray", fillArray],
  ["getopts", nextOption],
  ["alias", defineAliases],
  ["abbr", defineAbbreviation],
  ["unalias", removeAliases],
  ["set", setPositional],
  ["setenv", setEnvironment],
  ["fish_add_path", addToPath],
  ["shift", shift],
  ["printf", printfInto],
  ["let", letArithmetic],
  ["hash", hash],
  ["trap", trapSignals],
  ["shopt", setOptions(true)],
  ["setopt", setOptions(true)],
  ["unsetopt", setOptions(false)],
  ["autoload", autoload],
  ["..", goUp],
  ["exit", leave],
  ["logout", leave],
  ["bye", leave],
]);

/** Builtins that evaluate the subscript of a name they are given: what it substitutes runs. */
const SUBSCRIPTED = new Set([
  "read",
  "printf",
  "test",
  "[",
  "let",
  "declare",
  "typeset",
  "unset",
  "export",
]);

function runSubscripts(walk: Walk, fields: readonly Field[], frame: Frame): void {
  for (const { text } of fields) {
    if (/^[A-Za-z_]\w*\[.*(?:\$\(|`)/s.test(text)) walk.runText(quotedWord(text), frame);
  }
}
