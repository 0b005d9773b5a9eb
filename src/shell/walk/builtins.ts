import { guessed, known, UNKNOWN, type Field, type Text } from "../words/text.js";
import { formatText } from "../fold/printf.js";
import { resolvePath } from "../words/path.js";
import { REMEMBERED_MAX } from "../limits.js";
import { setVariable, type Scope } from "./scope.js";
import { constantOutput } from "../fold/output.js";
import type { Draft, Frame, Walk } from "./walk.js";

/** What a builtin does to the shell, as far as later commands of the line depend on it. */
type Effect = (words: readonly Field[], scope: Scope) => void;

export function applyBuiltin(
  walk: Walk,
  draft: Draft,
  fields: readonly Field[],
  frame: Frame,
): void {
  if (draft.redirects.length > 0) rememberWritten(draft, fields, frame.scope);
  if (draft.exec === null || draft.path !== undefined) return;
  EFFECTS.get(draft.exec)?.(fields.slice(1), frame.scope);
}

const changeDirectory: Effect = (words, scope) => {
  const operand = words.find((word) => !/^-[LPe@]+$|^--$/.test(word.text));
  if (operand === undefined) scope.cwd = scope.knowledge.home ?? null;
  else if (!operand.known || operand.glob || operand.text === "-") scope.cwd = null;
  else if (operand.text.startsWith("/")) scope.cwd = resolvePath(operand.text, {});
  else if (scope.cwd !== null) scope.cwd = resolvePath(operand.text, { cwd: scope.cwd });
};

const assignAll: Effect = (words, scope) => {
  for (const word of words) {
    const match = /^([A-Za-z_]\w*)(\+?=)(.*)$/s.exec(word.text);
    if (match === null) continue;
    const value: Text = { text: match[3] ?? "", known: word.known && match[2] === "=" };
    setVariable(scope, match[1] ?? "", value);
  }
};

const unset: Effect = (words, scope) => {
  const functions = words.some((word) => word.text === "-f");
  for (const word of words) {
    if (word.text.startsWith("-")) continue;
    if (functions) scope.functions.set(word.text, null);
    else setVariable(scope, word.text, known(""));
  }
};

const setUnknown: Effect = (words, scope) => {
  for (const word of words) {
    if (/^[A-Za-z_]\w*$/.test(word.text)) setVariable(scope, word.text, UNKNOWN);
  }
};

const defineAliases: Effect = (words, scope) => {
  for (const word of words) {
    const equals = word.text.indexOf("=");
    if (equals > 0 && word.known && scope.aliases.size < REMEMBERED_MAX)
      scope.aliases.set(word.text.slice(0, equals), word.text.slice(equals + 1));
  }
};

const removeAliases: Effect = (words, scope) => {
  for (const word of words) {
    if (word.text === "-a") {
      for (const name of scope.aliases.keys()) scope.aliases.set(name, null);
    } else scope.aliases.set(word.text, null);
  }
};

const setPositional: Effect = (words, scope) => {
  const first = words[0];
  if (first === undefined) return;
  if (first.text === "--") scope.positional = words.slice(1);
  else if (!/^[-+]/.test(first.text)) scope.positional = words;
};

const shift: Effect = (words, scope) => {
  const count = Number(words[0]?.text ?? 1);
  scope.positional = Number.isInteger(count) ? scope.positional?.slice(count) : undefined;
};

const printfInto: Effect = (words, scope) => {
  if (words[0]?.text !== "-v" || words[1] === undefined) return;
  const values = words.slice(2);
  const text = formatText(
    values[0]?.text ?? "",
    values.slice(1).map((word) => word.text),
  );
  const certain = values.every((word) => word.known);
  setVariable(scope, words[1].text, text === null ? UNKNOWN : { text, known: certain });
};

const letArithmetic: Effect = (words, scope) => {
  for (const word of words) {
    const name = /^([A-Za-z_]\w*)\s*[-+*/%]?=/.exec(word.text)?.[1];
    if (name !== undefined) setVariable(scope, name, UNKNOWN);
  }
};

const EFFECTS: ReadonlyMap<string, Effect> = new Map<string, Effect>([
  ["cd", changeDirectory],
  ["pushd", changeDirectory],
  ["popd", (_words, scope) => void (scope.cwd = null)],
  ["export", assignAll],
  ["declare", assignAll],
  ["typeset", assignAll],
  ["local", assignAll],
  ["readonly", assignAll],
  ["unset", unset],
  ["read", setUnknown],
  ["mapfile", setUnknown],
  ["readarray", setUnknown],
  ["getopts", setUnknown],
  ["alias", defineAliases],
  ["unalias", removeAliases],
  ["set", setPositional],
  ["shift", shift],
  ["printf", printfInto],
  ["let", letArithmetic],
]);

/** `echo 'rm -rf /' > /tmp/x; sh /tmp/x`: what a constant output wrote is remembered by path. */
function rememberWritten(draft: Draft, fields: readonly Field[], scope: Scope): void {
  for (const { op, target } of draft.redirects) {
    if (target === null || !/^(?:>|>>|>\||&>|&>>)$/.test(op)) continue;
    const output = constantOutput(
      fields.map((one) => one.text),
      draft.stdin ?? null,
    );
    if (scope.files.size >= REMEMBERED_MAX) scope.files.clear();
    const before = op.endsWith(">>") ? scope.files.get(target) : undefined;
    const certain = fields.every((one) => one.known);
    if (output === null) scope.files.set(target, UNKNOWN);
    else {
      const text = (before?.text ?? "") + output;
      scope.files.set(target, certain ? known(text) : guessed(text));
    }
  }
}
