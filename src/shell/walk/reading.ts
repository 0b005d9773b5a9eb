import { known, UNKNOWN, unsure, weigh, type Field, type Text } from "../words/text.js";
import { isArray, readVariable, setVariable, type Scope } from "./scope.js";
import { readFile } from "./files.js";
import { inputOf, restOf, takeLine, type Input } from "./output.js";
import type { Frame } from "./walk.js";

/** `read`: variables from what feeds standard input, unknown where a person answers. */
export function readInput(words: readonly Field[], scope: Scope, frame: Frame): void {
  const { names, array, delimiter, descriptor } = readOptions(words);
  const stdin = descriptor === null ? frame.stdin : openedInput(scope, descriptor);
  if (stdin === undefined) {
    for (const name of [...names, ...(array === null ? [] : [array])])
      setVariable(scope, name, UNKNOWN);
    return;
  }
  const line = takePart(stdin, delimiter);
  const text = line === null ? endOfInput(stdin) : weigh(line, [stdin]);
  const fields = splitFields(text, ifsOf(scope));
  if (array !== null) {
    setVariable(scope, array, fields);
    return;
  }
  const all = names.length === 0 ? ["REPLY"] : names;
  all.forEach((name, i) => {
    const isLast = i === all.length - 1;
    setVariable(
      scope,
      name,
      isLast
        ? lastOf(text, { fields, index: i, ifs: ifsOf(scope) })
        : (fields[i] ?? weigh("", [text])),
    );
  });
}

/** `read -d ''` reads up to a NUL; without one, to the end. */
function takePart(stdin: Input, delimiter: string): string | null {
  if (delimiter === "\n") return takeLine(stdin);
  const end =
    delimiter.length > 1 ? -1 : stdin.text.indexOf(delimiter === "" ? "\0" : delimiter, stdin.at);
  if (end < 0 && stdin.at > 0 && stdin.at >= stdin.text.length) return null;
  const part = stdin.text.slice(stdin.at, end < 0 ? undefined : end);
  stdin.at = end < 0 ? stdin.text.length : end + 1;
  return part;
}

/** `while read x; do ...`: behind the last line there is nothing; of unknown text nothing is known. */
function endOfInput(stdin: Input): Text {
  return stdin.known ? known("") : UNKNOWN;
}

interface ReadOptions {
  readonly names: readonly string[];
  readonly array: string | null;
  readonly delimiter: string;
  readonly descriptor: number | null;
}

/** `read -u 5`: text behind a descriptor, from where it was opened. */
function openedInput(scope: Scope, descriptor: number): Input | undefined {
  const text = readFile(scope, `/dev/fd/${String(descriptor)}`);
  return text === undefined ? undefined : inputOf(text);
}

function readOptions(words: readonly Field[]): ReadOptions {
  const names: string[] = [];
  let array: string | null = null;
  let delimiter = "\n";
  let descriptor: number | null = null;
  for (let i = 0; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    const attached = /^-[a-zA-Z]*u(\d+)$/.exec(text)?.[1];
    const letter = /^-[a-zA-Z]*([adinNptuCcOs])$/.exec(text)?.[1];
    if (!text.startsWith("-")) {
      if (/^[A-Za-z_]\w*$/.test(text)) names.push(text);
    } else if (attached !== undefined) descriptor = Number(attached);
    else if (letter === "u") descriptor = Number(words[++i]?.text ?? "0");
    else if (letter === "a") array = words[++i]?.text ?? null;
    else if (letter === "d") delimiter = words[++i]?.text ?? "";
    else if (letter !== undefined && letter !== "s") i += 1;
  }
  return { names, array, delimiter, descriptor };
}

/** `mapfile`: an array of lines, the name of which comes last. */
export function fillArray(words: readonly Field[], scope: Scope, frame: Frame): void {
  const last = words.at(-1)?.text ?? "";
  const name = /^[A-Za-z_]\w*$/.test(last) ? last : "MAPFILE";
  if (frame.stdin === undefined) {
    setVariable(scope, name, UNKNOWN);
    return;
  }
  const rest = restOf(frame.stdin);
  const delimiter = arrayDelimiter(words);
  const text = rest.text.endsWith(delimiter) ? rest.text.slice(0, -1) : rest.text;
  const lines = text.split(delimiter);
  setVariable(
    scope,
    name,
    lines.slice(0, LINES_MAX).map((line) => weigh(line, [rest])),
  );
}

/** `mapfile -t -d: a`: what ends an element; an empty word is a NUL. */
function arrayDelimiter(words: readonly Field[]): string {
  const at = words.findIndex((one) => /^-[a-zA-Z]*d/.test(one.text));
  if (at < 0) return "\n";
  const attached = words[at]?.text.replace(/^-[a-zA-Z]*?d/, "") ?? "";
  return (attached === "" ? (words[at + 1]?.text ?? "") : attached).charAt(0) || "\0";
}

/** Lines of one array that are followed. */
const LINES_MAX = 1024;

function ifsOf(scope: Scope): string {
  const value = readVariable(scope, "IFS");
  return isArray(value) ? " \t\n" : value.text;
}

export function splitFields(text: Text, ifs: string): readonly Text[] {
  const out: Text[] = [];
  let word = "";
  for (const character of text.text) {
    if (!ifs.includes(character)) word += character;
    else if (word !== "" || !/\s/.test(character)) {
      out.push(weigh(word, [text]));
      word = "";
    }
  }
  if (word !== "") out.push(weigh(word, [text]));
  return out;
}

/** The last name takes the rest of the line, separators and all. */
function lastOf(
  text: Text,
  { fields, index, ifs }: { fields: readonly Text[]; index: number; ifs: string },
): Text {
  if (index === 0) return weigh(text.text.trim(), [text]);
  let at = 0;
  for (const before of fields.slice(0, index))
    at = text.text.indexOf(before.text, at) + before.text.length;
  while (at < text.text.length && ifs.includes(text.text.charAt(at))) at += 1;
  const rest = text.text.slice(at).trim();
  return fields.length <= index ? unsure(weigh(rest, [text])) : weigh(rest, [text]);
}
