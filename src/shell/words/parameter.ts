import { PATTERN_VALUE_CHARS_MAX } from "../limits.js";
import type { ParameterExpansionPart, ParameterOperation, Word } from "../syntax/parse-script.js";
import { isArray, readVariable, setVariable, type Scope } from "../walk/scope.js";
import { arithmeticValue } from "./arithmetic-names.js";
import { unescapeText } from "../fold/printf.js";
import { compileGlob, matchesSteps } from "./glob.js";
import {
  guessed,
  isLikely,
  known,
  PROBABLY_EMPTY,
  UNKNOWN,
  unsure,
  weigh,
  type Text,
} from "./text.js";

/** What the evaluation of operands needs from the word evaluator. */
type EvaluateOperand = (word: Word) => Text;

/** `$@`, `$*`, `${a[@]}`: several values; everything else has one. */
export function readParameter(scope: Scope, name: string): readonly Text[] {
  const { positional } = scope;
  if (name === "@" || name === "*") {
    if (positional === undefined) return [UNKNOWN];
    return positional.length === 0 ? [PROBABLY_EMPTY] : positional;
  }
  if (name === "#") return [guessed(positional === undefined ? "0" : String(positional.length))];
  if (/^[1-9]\d*$/.test(name)) {
    if (positional === undefined) return [UNKNOWN];
    return [positional[Number(name) - 1] ?? PROBABLY_EMPTY];
  }
  const value = readVariable(scope, name);
  return isArray(value) ? [value[0] ?? UNKNOWN] : [value];
}

/** Value of `${...}` (bash manual, "Shell Parameter Expansion"), unknown where the variable is. */
export function expandParameter(
  part: ParameterExpansionPart,
  scope: Scope,
  evaluate: EvaluateOperand,
): readonly Text[] {
  const values = readIndexed(part, scope, evaluate);
  if (part.prefix === "#") return [lengthOf(part, values)];
  // `${!a[@]}` are the subscripts of a list.
  if (part.prefix === "!" && (part.index?.text === "@" || part.index?.text === "*"))
    return isArray(readVariable(scope, part.parameter))
      ? values.map((one, i) => weigh(String(i), [one]))
      : [UNKNOWN];
  const target =
    part.prefix === "!" ? values.flatMap((name) => indirect(scope, name, part)) : values;
  const operation = part.operation;
  if (operation === undefined) return target;
  if (operation.type === "Default")
    return expandDefault(operation, { part, target, scope, evaluate });
  if (operation.type === "Slice" && (part.parameter === "@" || part.parameter === "*"))
    return sliceValues(target, operation, counting(evaluate, scope));
  // `${a[@]:1}` counts elements, and the first of them is number 0.
  if (operation.type === "Slice" && (part.index?.text === "@" || part.index?.text === "*"))
    return sliceValues([PROBABLY_EMPTY, ...target], operation, (word) => {
      const value = counting(evaluate, scope)(word);
      return word === operation.offset ? { ...value, text: nextNumber(value.text) } : value;
    }).filter((one) => one !== PROBABLY_EMPTY);
  const operand = operation.type === "Slice" ? counting(evaluate, scope) : evaluate;
  return target.map((value) => applyOperation(value, part, operation, operand));
}

/** Offsets and lengths are arithmetic. */
function counting(evaluate: EvaluateOperand, scope: Scope): EvaluateOperand {
  return (word) => {
    const value = evaluate(word);
    if (!value.known || /^\s*-?\s*\d+\s*$/.test(value.text)) return value;
    const number = arithmeticValue(value.text, scope);
    return number === null ? UNKNOWN : weigh(String(number), [value]);
  };
}

function readIndexed(
  part: ParameterExpansionPart,
  scope: Scope,
  evaluate: EvaluateOperand,
): readonly Text[] {
  if (part.index === undefined) return readParameter(scope, part.parameter);
  const value = readVariable(scope, part.parameter);
  const values = isArray(value) ? value : [value];
  if (part.index.text === "@" || part.index.text === "*") return values;
  const index = evaluate(part.index);
  // An associative array is kept element by element, under the names that `${m[key]}` has.
  const element = readVariable(scope, `${part.parameter}[${index.text}]`);
  if (!isArray(element) && isLikely(element)) return [index.known ? element : unsure(element)];
  const at = indexOf(index.text, scope);
  if (!isLikely(index) || at === null) return [UNKNOWN];
  const isOpen = !isArray(value) && !isLikely(value);
  const found = values.at(at) ?? (isOpen ? PROBABLY_EMPTY : known(""));
  return [index.known ? found : unsure(found)];
}

/** A subscript is arithmetic: mostly a number, or a variable that holds one. */
function indexOf(text: string, scope: Scope): number | null {
  if (/^-?\d+$/.test(text)) return Number(text);
  const value = /^[A-Za-z_]\w*$/.test(text) ? readVariable(scope, text) : UNKNOWN;
  if (!isArray(value) && /^-?\d+$/.test(value.text)) return Number(value.text);
  return arithmeticValue(text, scope);
}

function indirect(scope: Scope, name: Text, part: ParameterExpansionPart): readonly Text[] {
  if (part.operation?.type === "Names" || !/^\w+$/.test(name.text)) return [UNKNOWN];
  const values = readParameter(scope, name.text);
  return name.known ? values : values.map((value) => guessed(value.text));
}

function lengthOf(part: ParameterExpansionPart, values: readonly Text[]): Text {
  const many = part.index !== undefined || part.parameter === "@" || part.parameter === "*";
  const text = String(many ? values.length : (values[0]?.text.length ?? 0));
  return { text, known: values.every((value) => value.known) };
}

interface DefaultCase {
  readonly part: ParameterExpansionPart;
  readonly target: readonly Text[];
  readonly scope: Scope;
  readonly evaluate: EvaluateOperand;
}

function expandDefault(
  operation: Extract<ParameterOperation, { type: "Default" }>,
  { part, target, scope, evaluate }: DefaultCase,
): readonly Text[] {
  const value = target[0] ?? { text: "", known: true };
  const operand = evaluate(operation.operand);
  const kind = operation.operator.at(-1);
  if (kind === "?") return target;
  // An unknown variable may hold anything: the operand is what it turns into when it is unset.
  if (!value.known) {
    const guess = guessed(kind === "+" && value.text === "" ? "" : operand.text);
    if (kind === "=") setVariable(scope, part.parameter, guess);
    return [guess];
  }
  const empty = value.text === "" && (operation.operator.length === 2 || target.length === 0);
  if (kind === "+") return [empty ? value : operand];
  if (!empty) return target;
  if (kind === "=") setVariable(scope, part.parameter, operand);
  return [operand];
}

function applyOperation(
  value: Text,
  { parameter: name }: ParameterExpansionPart,
  operation: ParameterOperation,
  evaluate: EvaluateOperand,
): Text {
  const operand = (word: Word | undefined): string | null => {
    if (word === undefined) return "";
    const text = evaluate(word);
    return text.known ? text.text : null;
  };
  // `~` stands for a home directory that is not known: cut into pieces it is only a guess.
  const tilde = value.text.startsWith("~") ? guessed(`/root${value.text.slice(1)}`) : value;
  // So is the directory where the shell stands.
  const whole = name === "PWD" && !tilde.known && tilde.text === "." ? guessed("/root") : tilde;
  const result = transformText(whole.text, operation, operand);
  return result === null ? UNKNOWN : weigh(result, [whole]);
}

function transformText(
  text: string,
  operation: ParameterOperation,
  operand: (word: Word | undefined) => string | null,
): string | null {
  if (text.length > PATTERN_VALUE_CHARS_MAX) return null;
  switch (operation.type) {
    case "Remove": {
      const pattern = operand(operation.operand);
      return pattern === null ? null : removeAffix(text, operation.operator, pattern);
    }
    case "Replace": {
      const pattern = operand(operation.pattern);
      const by = operand(operation.replacement);
      return pattern === null || by === null
        ? null
        : replacePattern(text, operation.operator, { pattern, by });
    }
    case "Slice":
      return slice(text, operand(operation.offset), operation.length && operand(operation.length));
    case "CaseModification":
      return changeCase(text, operation.operator, operand(operation.operand));
    case "Transform":
      return TRANSFORMS[operation.operand.text]?.(text) ?? null;
    case "Default":
    case "Names":
    case "Unknown":
      return null;
  }
}

function removeAffix(text: string, operator: "#" | "##" | "%" | "%%", pattern: string): string {
  const steps = compileGlob(pattern);
  const longest = operator.length === 2;
  for (let n = 0; n <= text.length; n++) {
    const cut = longest ? text.length - n : n;
    if (operator.startsWith("#")) {
      if (matchesSteps(steps, text.slice(0, cut))) return text.slice(cut);
    } else if (matchesSteps(steps, text.slice(text.length - cut)))
      return text.slice(0, text.length - cut);
  }
  return text;
}

function replacePattern(
  text: string,
  operator: "/" | "//" | "/#" | "/%",
  { pattern, by }: { pattern: string; by: string },
): string {
  if (pattern === "") return text;
  const steps = compileGlob(pattern);
  let out = "";
  let i = 0;
  while (i < text.length) {
    const end = longestMatch(steps, text, i);
    const anchored = (operator === "/#" && i !== 0) || (operator === "/%" && end !== text.length);
    if (end <= i || anchored) {
      out += text.charAt(i);
      i += 1;
      continue;
    }
    out += by;
    i = end;
    if (operator !== "//") break;
  }
  return out + text.slice(i);
}

/** End of the longest match that starts at `from`, or -1. */
function longestMatch(steps: ReturnType<typeof compileGlob>, text: string, from: number): number {
  for (let end = text.length; end > from; end--) {
    if (matchesSteps(steps, text.slice(from, end))) return end;
  }
  return -1;
}

function slice(
  text: string,
  offset: string | null,
  length: string | null | undefined,
): string | null {
  const from = readInteger(offset);
  if (from === null) return null;
  const start = from < 0 ? Math.max(0, text.length + from) : from;
  if (length === undefined) return text.slice(start);
  const count = readInteger(length);
  if (count === null) return null;
  return count < 0 ? text.slice(start, text.length + count) : text.slice(start, start + count);
}

function readInteger(text: string | null): number | null {
  const trimmed = text?.trim() ?? "";
  return /^-?\s*\d+$/.test(trimmed) ? Number(trimmed.replace(/\s/g, "")) : null;
}

function sliceValues(
  values: readonly Text[],
  operation: Extract<ParameterOperation, { type: "Slice" }>,
  evaluate: EvaluateOperand,
): readonly Text[] {
  const from = readInteger(evaluate(operation.offset).text);
  const count =
    operation.length === undefined ? values.length : readInteger(evaluate(operation.length).text);
  if (from === null || count === null) return [UNKNOWN];
  // Counted from the end.
  if (from < 0) return values.slice(from).slice(0, count);
  // `${@:0}` starts with $0; `${@:1}` with $1.
  return values.slice(Math.max(0, from - 1), Math.max(0, from - 1) + count);
}

function nextNumber(text: string): string {
  const number = readInteger(text);
  return number === null || number < 0 ? text : String(number + 2);
}

function changeCase(text: string, operator: string, pattern: string | null): string | null {
  if (pattern === null) return null;
  const convert = (character: string): string =>
    operator.startsWith("^") ? character.toUpperCase() : character.toLowerCase();
  const steps = pattern === "" ? null : compileGlob(pattern);
  const change = (character: string): string =>
    steps === null || matchesSteps(steps, character) ? convert(character) : character;
  if (operator.length === 2) return Array.from(text, change).join("");
  return text === "" ? "" : change(text.charAt(0)) + text.slice(1);
}

const TRANSFORMS: Readonly<Record<string, (text: string) => string>> = {
  U: (text) => text.toUpperCase(),
  L: (text) => text.toLowerCase(),
  E: (text) => unescapeText(text),
  Q: (text) => `'${text.replaceAll("'", "'\\''")}'`,
  P: (text) => text,
  u: (text) => text.charAt(0).toUpperCase() + text.slice(1),
};
