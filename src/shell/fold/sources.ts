import { compilePattern, isCheap } from "./patterns.js";
import { VALUE_CHARS_MAX } from "../limits.js";
import type { Folder } from "./folder.js";
import { splitOptions } from "./folder.js";
import { formatText, unescapeText } from "./printf.js";

const echo: Folder = (words) => {
  let first = 0;
  let newline = true;
  let escapes = false;
  for (; /^-[neE]+$/.test(words[first] ?? ""); first++) {
    const letters = words[first] ?? "";
    if (letters.includes("n")) newline = false;
    if (letters.includes("e")) escapes = true;
    if (letters.includes("E")) escapes = false;
  }
  const text = words.slice(first).join(" ");
  const ending = newline ? "\n" : "";
  if (!escapes) return text + ending;
  // `\c` ends the output.
  const end = /^(?:[^\\]|\\[^c])*?(?=\\c)/s.exec(text);
  return end === null ? unescapeText(text) + ending : unescapeText(end[0]);
};

const printf: Folder = (words) => {
  const rest = words[0] === "--" ? words.slice(1) : words;
  if (rest[0] === undefined || rest[0] === "-v") return null;
  return formatText(rest[0], rest.slice(1));
};

const basename: Folder = (words) => {
  const { options, operands } = splitOptions(words, "s");
  const names = options.has("a") || options.has("s") ? operands : operands.slice(0, 1);
  const suffix = options.get("s") ?? (options.has("a") ? "" : (operands[1] ?? ""));
  return names
    .map((name) => {
      const last = name.replace(/\/+$/, "").replace(/^.*\//s, "");
      return `${last.endsWith(suffix) && last !== suffix ? last.slice(0, last.length - suffix.length) : last}\n`;
    })
    .join("");
};

const dirname: Folder = (words) =>
  words
    .filter((word) => !word.startsWith("-"))
    .map((path) => {
      const cut = path.replace(/\/+$/, "").replace(/\/*[^/]*$/, "");
      return `${cut === "" ? (path.startsWith("/") ? "/" : ".") : cut}\n`;
    })
    .join("");

/** `date +TEXT`, without anything of the time in it. */
const date: Folder = (words) => {
  const format = words.find((word) => word.startsWith("+"))?.slice(1);
  return format === undefined || format.includes("%") ? null : `${format}\n`;
};

const seq: Folder = (words) => {
  const { options, operands } = splitOptions(words, "sft");
  const format = options.get("f");
  if (format !== undefined) return format.includes("%") ? null : `${format}\n`;
  const numbers = operands.map(Number);
  if (numbers.length === 0 || numbers.some((one) => !Number.isInteger(one))) return null;
  const first = numbers.length === 1 ? 1 : (numbers[0] ?? 1);
  const step = numbers.length === 3 ? (numbers[1] ?? 1) : 1;
  const last = numbers.at(-1) ?? 0;
  if (step === 0 || Math.abs((last - first) / step) > SEQUENCE_MAX) return null;
  const out: string[] = [];
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) out.push(String(n));
  return out.length === 0 ? "" : `${out.join(options.get("s") ?? "\n")}\n`;
};

/** Numbers written by one `seq`. */
const SEQUENCE_MAX = 1024;

const expr: Folder = (words) => {
  const [first = "", second = "", third = "", fourth = ""] = words;
  if (first === "substr") return `${second.slice(Number(third) - 1).slice(0, Number(fourth))}\n`;
  if (first === "length") return `${String(second.length)}\n`;
  if (second === ":" || first === "match")
    return matched(first === "match" ? second : first, third);
  const [left, right] = [Number(first), Number(third)];
  if (words.length !== 3 || !Number.isInteger(left) || !Number.isInteger(right)) return null;
  if (second === "+") return `${String(left + right)}\n`;
  if (second === "-") return `${String(left - right)}\n`;
  return second === "*" ? `${String(left * right)}\n` : null;
};

/** `expr TEXT : PATTERN`: what the group matched, else how many characters the whole did. */
function matched(text: string, pattern: string): string | null {
  const compiled = compilePattern(`^${pattern.replace(/^\^/, "")}`, { extended: false, flags: "" });
  if (compiled === null || !isCheap(compiled, text)) return null;
  const found = compiled.regex.exec(text);
  if (found !== null && found.length > 1) return `${found[1] ?? ""}\n`;
  return `${String(found?.[0].length ?? 0)}\n`;
}

/** Endless, so that only a few rounds are followed: whoever reads it takes the first ones. */
const yes: Folder = (words) => {
  const line = `${words.length === 0 ? "y" : words.join(" ")}\n`;
  return line.repeat(Math.max(1, Math.min(YES_LINES, Math.floor(VALUE_CHARS_MAX / line.length))));
};
const YES_LINES = 8;

/** Silent programs: they write nothing that another one could read. */
const SILENT: readonly string[] =
  "true false : cd pushd popd export unset alias unalias set shift read mapfile readarray trap test [ sleep touch mkdir rmdir rm mv cp ln chmod chown let declare local typeset readonly shopt return exit wait break continue umask ulimit".split(
    " ",
  );

export const SOURCES: readonly (readonly [string, Folder])[] = [
  ["echo", echo],
  ["printf", printf],
  ["basename", basename],
  ["dirname", dirname],
  ["seq", seq],
  ["date", date],
  ["expr", expr],
  ["yes", yes],
  ...SILENT.map((name): [string, Folder] => [name, () => ""]),
];
