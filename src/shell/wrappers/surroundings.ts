import type { LanguageName } from "../foreign/language.js";
import type { Surroundings } from "../foreign/shell-calls.js";
import type { Value } from "../foreign/values.js";
import { restOf } from "../walk/output.js";
import { readFile } from "../walk/files.js";
import { isLikely, type Text } from "../words/text.js";
import { optionValue, type Unwrapping } from "./run-script.js";

/** Lines of input for each of which a program is looked at again. */
const ROUNDS_MAX = 16;

/**
 * What a program of another language finds: its own words, and what it is fed. One that is run for each
 * line (awk, `perl -n`) finds another line each time; where no input is known there is one round.
 */
export function surroundingsOf(
  code: string,
  language: LanguageName,
  given: Unwrapping,
): readonly Surroundings[] {
  const { stdin } = given.facts.frame;
  const fed = stdin === undefined ? namedInput(language, given) : restOf(stdin);
  const text = fed !== undefined && isLikely(fed) && fed.text !== code ? fed.text : undefined;
  const own = language === "awk" ? awkVariables(given) : wordsOf(language, given);
  if (text === undefined) return [own];
  const lines = text.replace(/\n$/, "").split("\n");
  if (language === "awk")
    return lines.slice(0, ROUNDS_MAX).map((line) => new Map([...own, ...fieldsOf(line, given)]));
  const [first = ""] = lines;
  const reads = READERS.map((name): [string, Value] => [name, first]);
  const isLooped = given.fields.some((one) => /^-\w*[np]\w*$/.test(one.text));
  if (!isLooped) return [new Map<string, Value>([...reads, ...own])];
  return lines.slice(0, ROUNDS_MAX).map((line) => new Map<string, Value>([...own, ["_", line]]));
}

/** `perl -ne PROGRAM FILE`, `awk PROGRAM FILE`: the file is read line by line. */
function namedInput(language: LanguageName, { fields, facts }: Unwrapping): Text | undefined {
  const isLooped = language === "awk" || fields.some((one) => /^-\w*[np]\w*$/.test(one.text));
  const last = fields.at(-1);
  if (!isLooped || last === undefined || fields.length < 3) return undefined;
  return readFile(facts.frame.scope, last.text);
}

/** What reads a line, or all, of the input. */
const READERS = ["input", "gets", "readline", "STDIN", "read"];

/** Words behind the program's text, under the names that the languages have for them. */
function wordsOf(language: LanguageName, { fields }: Unwrapping): Surroundings {
  const at = fields.findIndex((one, i) => i > 0 && /^-\w*[cerpE]$/.test(one.text));
  // Behind the program's text, or behind the file that holds it.
  const file = fields.findIndex(
    (one, i) => i > 0 && (one.text === "-" || !one.text.startsWith("-")),
  );
  const behind = at >= 0 ? fields.slice(at + 2) : file < 0 ? [] : fields.slice(file + 1);
  const rest = behind.filter((one) => one.text !== "--");
  if (rest.length === 0 || !rest.every(isLikely)) return new Map();
  const words = rest.map((one) => one.text);
  const counted = [...Array.from({ length: countedNames(language, at < 0) }, () => "-"), ...words];
  return new Map<string, Value>([
    ["ARGV", words],
    ["argv", counted],
    ...(language === "lua" ? [["arg", ["-", ...words]] as const] : []),
    ...(language === "perl" ? [["shift", words[0] ?? null] as const] : []),
  ]);
}

/** Python and PHP count their own name among the words, node that of a file as well. */
function countedNames(language: LanguageName, isFile: boolean): number {
  if (language === "perl" || language === "ruby") return 0;
  return language === "node" && isFile ? 2 : 1;
}

/** `$0`, `$1`.. of one line. */
function fieldsOf(line: string, { fields }: Unwrapping): readonly [string, Value][] {
  const separator = fields.flatMap((_one, i) => optionValue(["-F"], fields, i) ?? [])[0]?.text;
  const parts = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
  return [["0", line], ...parts.map((part, i): [string, Value] => [String(i + 1), part])];
}

/** `awk -v name=value`. */
function awkVariables({ fields }: Unwrapping): Surroundings {
  const out = new Map<string, Value>();
  for (let i = 1; i < fields.length; i++) {
    const value = optionValue(["-v", "--assign"], fields, i);
    const match = value === undefined ? null : /^([A-Za-z_]\w*)=(.*)$/s.exec(value.text);
    if (match !== null && value?.known === true) out.set(match[1] ?? "", match[2] ?? "");
  }
  return out;
}
