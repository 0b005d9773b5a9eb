import type { Walk } from "../walk/walk.js";
import { readFile } from "../walk/files.js";
import { processPath } from "../walk/gathering.js";
import { isStdin } from "../walk/redirects.js";
import { fieldOf, UNKNOWN, weigh, type Field, type Text } from "../words/text.js";
import { readWrapper, type WrapperReading } from "./options.js";
import {
  inside,
  joinFields,
  runScriptText,
  runStdin,
  stdinText,
  type Unwrapping,
} from "./run-script.js";
import type { WrapperRow } from "./row.js";

const XARGS_ROW: WrapperRow = {
  names: ["xargs", "parallel"],
  form: "argv",
  valued: "adEIJLnPsjNSD",
  attached: "ie",
  valuedLong: [
    "arg-file",
    "delimiter",
    "max-args",
    "max-procs",
    "max-lines",
    "max-chars",
    "jobs",
    "process-slot-var",
    "colsep",
    "results",
    "joblog",
    "delay",
    "timeout",
    "sshlogin",
  ],
};

/** `xargs` and `parallel` put what they read behind the command, or where `{}` stands. */
export function unwrapXargs(walk: Walk, given: Unwrapping): boolean {
  const reading = readWrapper(given.fields.slice(1), XARGS_ROW);
  const { command, values: listed } = splitAtColons(reading.rest);
  const isParallel = given.draft.exec !== "xargs";
  if (command.length === 0) {
    // `parallel ::: 'id' 'ls'`: each value is a command.
    for (const value of listed?.slice(0, XARGS_ROUNDS_MAX) ?? []) runScriptText(walk, value, given);
    return isParallel && (listed !== undefined || runStdin(walk, given));
  }
  const values = listed ?? splitWords(sourceOf(reading, given), reading);
  const clean = inside(given, { stdin: undefined });
  const isText = isParallel && command.length === 1;
  const run = (words: readonly Field[]): void => {
    if (isText) runScriptText(walk, joinFields(words), given);
    else given.start(walk, words, clean);
  };
  const mark = markOf(reading);
  if (!command.some((one) => one.text.includes(mark)) && !command.some(isNumbered)) {
    run([...command, ...values]);
    return true;
  }
  for (const value of values.slice(0, XARGS_ROUNDS_MAX))
    run(command.map((one) => fillMark(one, mark, { value, values })));
  return true;
}

/** `entr -s TEXT`, `entr rm /_`: `/_` is the first of the files that it is fed. */
export function unwrapEntr(walk: Walk, given: Unwrapping): boolean {
  const { options, rest } = readWrapper(given.fields.slice(1), ENTR_ROW);
  const first = stdinText(given.facts.frame.stdin);
  const [line = ""] = first.text.split("\n");
  const path = fieldOf(first.text === "" ? UNKNOWN : weigh(line, [first]));
  const filled = rest.map((one) => (one.text === "/_" ? path : one));
  if (filled.length === 0) return false;
  if (options.has("s")) runScriptText(walk, joinFields(filled), given, { stdin: undefined });
  else given.start(walk, filled, inside(given, { stdin: undefined }));
  return true;
}

const ENTR_ROW: WrapperRow = { names: ["entr"], form: "argv" };

/** Values that are put into the command one by one. */
const XARGS_ROUNDS_MAX = 16;

function markOf(reading: WrapperReading): string {
  const option = ["I", "i", "replace"].find((one) => reading.options.has(one));
  const mark = option === undefined ? undefined : reading.options.get(option)?.text;
  return mark === undefined || mark === "" ? "{}" : mark;
}

const isNumbered = (one: Field): boolean => /\{\d\}/.test(one.text);

function fillMark(
  one: Field,
  mark: string,
  { value, values }: { value: Field; values: readonly Field[] },
): Field {
  const numbered = one.text.replace(
    /\{(\d)\}/g,
    (_whole, n: string) => values[Number(n) - 1]?.text ?? "",
  );
  if (numbered !== one.text) return fieldOf(weigh(numbered, [one, ...values]));
  return one.text.includes(mark)
    ? { ...fieldOf(weigh(one.text.replaceAll(mark, value.text), [one, value])), glob: value.glob }
    : one;
}

function sourceOf(reading: WrapperReading, { facts }: Unwrapping): Text {
  const file = reading.options.get("a") ?? reading.options.get("arg-file");
  if (file === undefined || file === null || isStdin(file.text))
    return stdinText(facts.frame.stdin);
  const process = facts.processes.find((_one, index) => processPath(index) === file.text);
  return process ?? readFile(facts.frame.scope, file.text) ?? UNKNOWN;
}

/** Words that xargs makes of its input: at blanks, at NUL, or a line each. */
function splitWords(input: Text, { options }: WrapperReading): readonly Field[] {
  if (!input.known && input.text === "") return [fieldOf(UNKNOWN)];
  const separator = options.get("d")?.text ?? options.get("delimiter")?.text;
  const lines = ["I", "i", "replace", "L"].some((one) => options.has(one));
  const at =
    separator !== undefined
      ? unescapeSeparator(separator)
      : options.has("0") || options.has("null")
        ? "\0"
        : lines
          ? "\n"
          : /[\s\0]+/;
  const words =
    at instanceof RegExp
      ? (input.text.match(QUOTED_WORD) ?? [])
      : input.text.split(at).filter((text) => text.trim() !== "");
  return words.slice(0, WORDS_MAX).map((text) => {
    const word =
      at instanceof RegExp ? text.replace(/\\(.)|["']/gs, "$1") : text.replace(/\n$/, "");
    return { ...fieldOf(weigh(word, [input])), glob: false };
  });
}

/** Quotes hold blanks together, as xargs reads them. */
const QUOTED_WORD = /(?:"[^"\n]*"|'[^'\n]*'|\\[\s\S]|[^\s\0"'\\]|["'])+/g;

/** Words of one input that are followed. */
const WORDS_MAX = 256;

function unescapeSeparator(text: string): string {
  return text === "\\n" ? "\n" : text === "\\0" ? "\0" : text === "\\t" ? "\t" : text;
}

/** `parallel cmd ::: a b ::: c`. */
function splitAtColons(words: readonly Field[]): {
  command: readonly Field[];
  values: readonly Field[] | undefined;
} {
  const at = words.findIndex((one) => /^:::[:+]*$/.test(one.text));
  if (at < 0) return { command: words, values: undefined };
  const values = words.slice(at + 1).filter((one) => !/^:::[:+]*$/.test(one.text));
  return { command: words.slice(0, at), values };
}
