import { FIELDS_MAX, VALUE_CHARS_MAX } from "../limits.js";
import type {
  ArithmeticExpression,
  DoubleQuotedChild,
  ParameterExpansionPart,
  ParsedScript,
  Word,
  WordPart,
} from "../syntax/parse-script.js";
import { isArray, readVariable, type Scope } from "../walk/scope.js";
import { evaluateArithmetic } from "./arithmetic.js";
import { arithmeticNames } from "./arithmetic-names.js";
import { expandBraces } from "./brace.js";
import { expandParameter, readParameter } from "./parameter.js";
import { zshParameter } from "./zsh-parameter.js";
import {
  field,
  fieldOf,
  guessed,
  isLikely,
  joinTexts,
  known,
  UNKNOWN,
  weigh,
  type Field,
  type Text,
} from "./text.js";

/** What word evaluation needs from the walk over the script. */
export interface WordEnvironment {
  readonly scope: Scope;
  /** Walks a `$(...)`, and answers its output as far as it is known. */
  substitute(script: ParsedScript): Text;
  /** Takes note of a `<(...)` or `>(...)`; answers the path that stands for it. */
  noteProcess(script: ParsedScript, direction: "<" | ">"): string;
  /** Takes a value as the text of a double-quoted word, and walks what it substitutes. */
  expandAgain(value: Text): void;
  /** Parses the text of one word again, after braces were expanded on it. */
  parseWord(text: string): Word | null;
}

/** Static value of one word: none, one or several fields, in the order of bash's expansions. */
export function evaluateWord(word: Word, environment: WordEnvironment): Field[] {
  const parts = word.parts;
  if (parts === undefined) {
    const name = SHORT_OF_ZSH.exec(word.text)?.[1];
    return name === undefined
      ? [plainField(word, environment.scope)]
      : evaluateAgain(`\${${name}}`, environment);
  }
  if (parts.some((part) => part.type === "BraceExpansion")) {
    const texts = expandBraces(word.text);
    if (texts !== null) return texts.flatMap((text) => evaluateAgain(text, environment));
  }
  return evaluateParts(parts, environment, true);
}

/** `$=x` of zsh is what `$x` is elsewhere. */
const SHORT_OF_ZSH = /^\$[=~^]+(\w+)$/;

/** Value of a word where nothing is split: assignments, here-strings, redirect targets. */
export function evaluateText(word: Word, environment: WordEnvironment): Text {
  const parts = word.parts;
  if (parts === undefined) return plainField(word, environment.scope);
  const fields = evaluateParts(parts, environment, false);
  return fields[0] ?? known("");
}

/** Value of the body of a here-document. */
export function evaluateBody(
  text: string,
  parts: readonly WordPart[] | undefined,
  environment: WordEnvironment,
): Text {
  if (parts === undefined) return known(text);
  return evaluateParts(parts, environment, false)[0] ?? known("");
}

function plainField(word: Word, scope: Scope): Field {
  if (word.text.charCodeAt(0) !== TILDE) return field(word.value);
  return fieldOf(expandTilde(word.value, scope));
}

const TILDE = 0x7e;

function expandTilde(text: string, scope: Scope): Text {
  const slash = text.indexOf("/");
  const prefix = slash < 0 ? text : text.slice(0, slash);
  const rest = slash < 0 ? "" : text.slice(slash);
  if (prefix === "~") {
    const home = readVariable(scope, "HOME");
    // Without knowledge of HOME the tilde stays: rules compare `~/...` as it is written.
    return isArray(home) || !home.known ? known(text) : known(home.text + rest);
  }
  const place = placeOf(prefix, scope);
  if (place === undefined) {
    // zsh: `hash -d e=/x`, or any variable that holds a path.
    const named = readVariable(scope, prefix);
    const path = isArray(named) ? "" : named.text;
    return path.startsWith("/") ? guessed(path + rest) : known(text);
  }
  return place === null || place.startsWith("?") ? guessed(text) : known(place + rest);
}

/** `~root`, `~+`, `~-`, `~2`: undefined where it is no such prefix, or another account. */
function placeOf(prefix: string, scope: Scope): string | null | undefined {
  if (prefix === "~root") return "/root";
  if (prefix === "~+") return scope.place;
  if (prefix === "~-") return scope.before;
  const index = /^~[+]?(\d+)$/.exec(prefix)?.[1];
  if (index === undefined) return undefined;
  return index === "0" ? scope.place : (scope.stack[Number(index) - 1] ?? null);
}

function evaluateAgain(text: string, environment: WordEnvironment): Field[] {
  if (PLAIN_TEXT.test(text)) return [field(text)];
  const word = environment.parseWord(text);
  if (word === null) return [fieldOf(UNKNOWN)];
  const parts = word.parts;
  if (parts === undefined) return [plainField(word, environment.scope)];
  return evaluateParts(parts, environment, true);
}

/** Nothing in it means anything to a shell. */
const PLAIN_TEXT = /^[\w./:,@%+-]+$/;

/** Gathers fields; one that never started (an unquoted empty expansion) is no field at all. */
interface Builder {
  readonly fields: Field[];
  text: string;
  known: boolean;
  likely: boolean;
  glob: boolean;
  started: boolean;
}

function evaluateParts(
  parts: readonly WordPart[],
  environment: WordEnvironment,
  split: boolean,
): Field[] {
  const builder: Builder = {
    fields: [],
    text: "",
    known: true,
    likely: true,
    glob: false,
    started: false,
  };
  parts.forEach((part, index) => {
    const inside = isInside(parts[index - 1], parts[index + 1]);
    evaluatePart(part, { builder, environment, split, first: index === 0, inside });
  });
  finish(builder);
  return builder.fields;
}

interface PartCase {
  readonly builder: Builder;
  readonly environment: WordEnvironment;
  readonly split: boolean;
  readonly first: boolean;
  /** Letters stand on both sides, or a slash in front: nobody puts a variable there but to be empty. */
  readonly inside: boolean;
}

function isInside(before: WordPart | undefined, behind: WordPart | undefined): boolean {
  return (
    before?.type === "Literal" &&
    behind?.type === "Literal" &&
    /[A-Za-z/]$/.test(before.text) &&
    /^[A-Za-z]/.test(behind.text)
  );
}

function evaluatePart(part: WordPart, given: PartCase): void {
  const { builder, environment } = given;
  switch (part.type) {
    case "Literal": {
      const tilde = given.first && part.text.startsWith("~");
      append(builder, tilde ? expandTilde(part.value, environment.scope) : known(part.value));
      return;
    }
    case "SingleQuoted":
    case "AnsiCQuoted":
      append(builder, known(part.value));
      return;
    case "DoubleQuoted":
    case "LocaleString":
      appendQuoted(part.parts, given);
      return;
    case "Glob":
    case "ExtendedGlob":
      builder.glob = true;
      append(builder, known(part.text));
      return;
    case "BraceExpansion": {
      // `{1..$(cmd)}` is no sequence, and what it substitutes runs.
      const word = /\$\(|`/.test(part.text) ? environment.parseWord(`"${part.text}"`) : null;
      append(builder, word === null ? known(part.text) : evaluateText(word, environment));
      return;
    }
    case "ProcessSubstitution":
      if (part.script === undefined) append(builder, UNKNOWN);
      else append(builder, known(environment.noteProcess(part.script, part.operator)));
      return;
    case "SimpleExpansion":
    case "ParameterExpansion":
    case "CommandExpansion":
    case "ArithmeticExpansion":
      if (homeAlone(part, builder, environment.scope)) {
        append(builder, known("~"));
        return;
      }
      appendValues(evaluateExpansion(part, environment).map(fillIn(given)), given);
  }
}

/** What is most likely meant by a value that can not be known, from where it stands. */
function fillIn({ inside }: PartCase): (value: Text) => Text {
  return (value) => {
    if (value.known || value.text !== "") return value;
    if (inside) return { ...value, likely: true };
    return value;
  };
}

const HOME_ALONE = /^\$(?:HOME|\{HOME\})$/;

/** `$HOME` at the start of a word is the same as `~`, which rules know without knowing where it is. */
function homeAlone(part: WordPart | DoubleQuotedChild, builder: Builder, scope: Scope): boolean {
  if (part.type !== "SimpleExpansion" && part.type !== "ParameterExpansion") return false;
  if (builder.text !== "" || !HOME_ALONE.test(part.text)) return false;
  const home = readVariable(scope, "HOME");
  return !isArray(home) && !home.known;
}

function appendQuoted(parts: readonly DoubleQuotedChild[], given: PartCase): void {
  const { builder, environment } = given;
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only !== undefined && isList(only)) {
    // "$@" keeps its words apart, and is no word at all when there are none.
    const values = evaluateExpansion(only, environment);
    values.forEach((value, index) => {
      if (index > 0) finish(builder);
      append(builder, value);
    });
    return;
  }
  append(builder, known(""));
  for (const part of parts) {
    if (part.type === "Literal") append(builder, known(part.value));
    else if (homeAlone(part, builder, environment.scope)) append(builder, known("~"));
    else append(builder, join(evaluateExpansion(part, environment), environment.scope));
  }
}

function isList(part: DoubleQuotedChild): part is Exclude<DoubleQuotedChild, { type: "Literal" }> {
  if (part.type === "SimpleExpansion") return part.text === "$@";
  return part.type === "ParameterExpansion" && (part.parameter === "@" || part.index?.text === "@");
}

/** `"$*"` puts the first character of IFS between the words. */
function join(values: readonly Text[], scope: Scope): Text {
  if (values.length === 1 && values[0] !== undefined) return values[0];
  const separators = readVariable(scope, "IFS");
  return joinTexts(values, isArray(separators) ? " " : separators.text.charAt(0));
}

function evaluateExpansion(
  part: Exclude<DoubleQuotedChild, { type: "Literal" }>,
  environment: WordEnvironment,
): readonly Text[] {
  const { scope } = environment;
  switch (part.type) {
    case "SimpleExpansion":
      return readParameter(scope, part.text.slice(1));
    case "ParameterExpansion":
      expandOnceMore(part, environment);
      if (isOfZsh(part)) {
        const values = zshParameter(part, {
          scope,
          evaluate: (text) => evaluateList(text, environment),
        });
        if (values !== null) return values;
      }
      if (part.operation?.type === "Transform" && part.operation.operand.text === "P")
        return [promptText(part, environment)];
      return expandParameter(part, scope, (word) => evaluateText(word, environment));
    case "CommandExpansion":
      return [part.script === undefined ? UNKNOWN : environment.substitute(part.script)];
    case "ArithmeticExpansion": {
      if (part.expression === undefined) return [UNKNOWN];
      visitArithmetic(part.expression, environment);
      const value = evaluateArithmetic(part.expression, arithmeticNames(scope));
      return [value === null ? UNKNOWN : known(String(value))];
    }
  }
}

/** No name where bash wants one, or an offset that is a letter: what zsh alone understands. */
function isOfZsh({ parameter, operation }: ParameterExpansionPart): boolean {
  if (operation === undefined) return false;
  if (parameter === "" || operation.type === "Unknown") return true;
  if (operation.type !== "Slice") return false;
  return /^(?:[htrelu]|g?s\W.*)$/s.test(operation.offset.text);
}

/** Values of a text as one word that is read again: several only where it is a list. */
function evaluateList(text: string, environment: WordEnvironment): readonly Text[] | null {
  const word = environment.parseWord(text);
  if (word === null) return null;
  const [only] = word.parts ?? [];
  if (word.parts?.length === 1 && only?.type === "ParameterExpansion")
    return evaluateExpansion(only, environment);
  return [evaluateText(word, environment)];
}

/** Walks what an arithmetic expression substitutes, its variables' subscripts included. */
export function visitArithmetic(
  expression: ArithmeticExpression,
  environment: WordEnvironment,
): void {
  switch (expression.type) {
    case "ArithmeticGroup":
      visitArithmetic(expression.expression, environment);
      return;
    case "ArithmeticUnary":
      visitArithmetic(expression.operand, environment);
      return;
    case "ArithmeticBinary":
      visitArithmetic(expression.left, environment);
      visitArithmetic(expression.right, environment);
      return;
    case "ArithmeticTernary":
      visitArithmetic(expression.test, environment);
      visitArithmetic(expression.consequent, environment);
      visitArithmetic(expression.alternate, environment);
      return;
    case "ArithmeticCommandExpansion":
      if (expression.script !== undefined) environment.substitute(expression.script);
      return;
    case "ArithmeticWord":
      if (expression.parts !== undefined) evaluateParts(expression.parts, environment, false);
      else expandSubscript(expression.value, environment);
      return;
  }
}

/** A variable whose text is `a[$(...)]` runs what it substitutes when it is used as a number. */
function expandSubscript(name: string, environment: WordEnvironment): void {
  const value = readVariable(environment.scope, name.replace(/^\$/, ""));
  if (!isArray(value) && /\[.*(?:\$\(|`)/s.test(value.text)) environment.expandAgain(value);
}

/** `${x@P}` expands its value again; a pattern that holds slashes is not always read to its end. */
function expandOnceMore(part: ParameterExpansionPart, environment: WordEnvironment): void {
  const { operation } = part;
  if (operation?.type === "Transform" && operation.operand.text === "P") {
    const value = readVariable(environment.scope, part.parameter);
    if (!isArray(value)) environment.expandAgain(value);
  }
  if (operation?.type !== "Replace" || isBalanced(operation.pattern.text)) return;
  const whole = part.text.slice(operation.operatorEnd - part.pos, -1);
  const word = environment.parseWord(whole);
  if (word !== null) evaluateText(word, environment);
}

/** What `${x@P}` yields: its value as a text in double quotes. */
function promptText(part: ParameterExpansionPart, environment: WordEnvironment): Text {
  const value = readVariable(environment.scope, part.parameter);
  if (isArray(value)) return UNKNOWN;
  if (!/[$`\\]/.test(value.text)) return value;
  const word = environment.parseWord(`"${value.text.replaceAll('"', '\\"')}"`);
  return word === null ? UNKNOWN : weigh(evaluateText(word, environment).text, [value]);
}

function isBalanced(text: string): boolean {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return count(/\(/g) === count(/\)/g) && count(/`/g) % 2 === 0;
}

/** An unquoted expansion: split at IFS, globs in it alive. */
function appendValues(values: readonly Text[], given: PartCase): void {
  const { builder, environment, split } = given;
  if (!split) {
    append(builder, join(values, environment.scope));
    return;
  }
  const separators = readVariable(environment.scope, "IFS");
  const ifs = isArray(separators) ? " \t\n" : separators.text;
  values.forEach((value, index) => {
    if (index > 0) finish(builder);
    appendSplit(builder, value, ifs);
  });
}

function appendSplit(builder: Builder, value: Text, ifs: string): void {
  if (value.text === "") {
    if (!value.known) append(builder, value);
    return;
  }
  let word = "";
  for (const character of value.text) {
    if (!ifs.includes(character)) {
      word += character;
      continue;
    }
    if (word !== "") appendLive(builder, { ...value, text: word });
    word = "";
    finish(builder);
  }
  if (word !== "") appendLive(builder, { ...value, text: word });
}

function appendLive(builder: Builder, value: Text): void {
  if (/[*?[]/.test(value.text)) builder.glob = true;
  append(builder, value);
}

function append(builder: Builder, value: Text): void {
  builder.started = true;
  if (!value.known) builder.known = false;
  if (!isLikely(value)) builder.likely = false;
  if (builder.text.length + value.text.length > VALUE_CHARS_MAX) {
    builder.known = false;
    builder.likely = false;
  } else builder.text += value.text;
}

function finish(builder: Builder): void {
  if (!builder.started) return;
  if (builder.fields.length < FIELDS_MAX)
    builder.fields.push(
      builder.known
        ? { text: builder.text, known: true, glob: builder.glob }
        : { text: builder.text, known: false, likely: builder.likely, glob: builder.glob },
    );
  builder.text = "";
  builder.known = true;
  builder.likely = true;
  builder.glob = false;
  builder.started = false;
}
