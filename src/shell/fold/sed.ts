import { compilePattern, isCheap, type Pattern } from "./patterns.js";
import { linesOf, splitOptions, textOfLines, type Folder } from "./folder.js";

/**
 * A stream editor for what evasions need: `s` with plain patterns, `y`, `p`, `d`, line addresses, in
 * one or more scripts. A pattern that means more than its characters is not followed.
 */
export const foldSed: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "eflE".replace("E", ""));
  const scripts = words.flatMap((word, i) =>
    word === "-e" || word === "--expression" ? [words[i + 1] ?? ""] : [],
  );
  const attached = options.get("expression");
  const own =
    scripts.length > 0 ? scripts : attached !== undefined ? [attached] : operands.slice(0, 1);
  const files =
    scripts.length > 0 || attached !== undefined
      ? operands.filter((one) => !scripts.includes(one))
      : operands.slice(1);
  const commands = readScript(own.join("\n"), options.has("E") || options.has("r"));
  const text = commands === null || options.has("f") ? null : read(files);
  if (text === null || commands === null) return null;
  return edit(
    linesOf(text),
    commands,
    options.has("n") || options.has("quiet") || options.has("silent"),
  );
};

interface Addressed {
  readonly from: number | "$" | null;
  readonly to: number | "$" | null;
  /** Only lines that hold this text. */
  readonly holds: string | null;
}
type Substitution = Extract<ReadCommand["command"], { kind: "s" }>;

type SedCommand = Addressed & { readonly does: ReadCommand["command"] };

function edit(
  lines: readonly string[],
  commands: readonly SedCommand[],
  quiet: boolean,
): string | null {
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i] ?? "";
    let deleted = false;
    let ends = false;
    const behind: string[] = [];
    for (const command of commands) {
      if (!applies(command, { line, number: i + 1, last: i === lines.length - 1 })) continue;
      const { does } = command;
      if (does.kind === "d") deleted = true;
      else if ("text" in does) {
        (does.kind === "a" ? behind : out).push(does.text);
        deleted = does.kind === "c";
      } else if (does.kind === "p") out.push(line);
      else if (does.kind === "q") ends = true;
      else if (does.kind === "y") line = mapped(line, does.map);
      else if ("pattern" in does) {
        const replaced = replace(line, does);
        if (replaced === null) return null;
        if (does.prints && replaced !== line) out.push(replaced);
        line = replaced;
      }
      if (deleted || ends) break;
    }
    if (!deleted && !quiet) out.push(line);
    out.push(...behind);
    if (ends) break;
  }
  return textOfLines(out);
}

function mapped(line: string, map: ReadonlyMap<string, string>): string {
  return Array.from(line, (one) => map.get(one) ?? one).join("");
}

/** Null where the search could take too long. */
function replace(line: string, { pattern, by, all }: Substitution): string | null {
  if (!isCheap(pattern, line)) return null;
  const filled = (...found: readonly unknown[]): string =>
    by.replace(/\\([\s\S])|&/g, (sign: string, one: string | undefined) => {
      if (sign === "&") return String(found[0]);
      if (one === "n") return "\n";
      return /[0-9]/.test(one ?? "") ? textOfGroup(found[Number(one)]) : (one ?? "");
    });
  return all ? line.replaceAll(pattern.regex, filled) : line.replace(pattern.regex, filled);
}

/** Behind the groups stand a place and the whole line: a number that is too high names none. */
const textOfGroup = (group: unknown): string => (typeof group === "string" ? group : "");

function applies(
  command: Addressed,
  at: { readonly line: string; readonly number: number; readonly last: boolean },
): boolean {
  if (command.holds !== null) return at.line.includes(command.holds);
  if (command.from === null) return true;
  const from = command.from === "$" ? at.last : at.number >= command.from;
  if (command.to === null) return command.from === "$" ? at.last : at.number === command.from;
  return from && (command.to === "$" || at.number <= command.to);
}

function readScript(script: string, extended: boolean): readonly SedCommand[] | null {
  const out: SedCommand[] = [];
  let rest = script.trim();
  while (rest !== "") {
    const address = /^(?:(\d+|\$)(?:,(\d+|\$))?|\/([\w \-./]*?)\/)?\s*/.exec(rest);
    const [whole = "", from, to, holds] = address ?? [];
    rest = rest.slice(whole.length);
    const read = readCommand(rest, extended);
    if (read === null) return null;
    out.push({ from: lineOf(from), to: lineOf(to), holds: holds ?? null, does: read.command });
    rest = rest.slice(read.length).replace(/^[\s;]+/, "");
    if (out.length > COMMANDS_MAX) return null;
  }
  return out;
}

/** Commands of one script. */
const COMMANDS_MAX = 32;

function lineOf(text: string | undefined): number | "$" | null {
  if (text === undefined) return null;
  return text === "$" ? "$" : Number(text);
}

interface ReadCommand {
  readonly command:
    | { kind: "s"; pattern: Pattern; by: string; all: boolean; prints: boolean }
    | { kind: "y"; map: ReadonlyMap<string, string> }
    | { kind: "a" | "i" | "c"; text: string }
    | { kind: "p" | "d" | "q" };
  readonly length: number;
}

function readCommand(text: string, extended: boolean): ReadCommand | null {
  const kind = text.charAt(0);
  if (kind === "p" || kind === "d" || kind === "q") return { command: { kind }, length: 1 };
  if (kind === "a" || kind === "i" || kind === "c") {
    // One line, up to its end: `$a text`, `1i\` and the text on the next line.
    const own = /^[aic](?:\\\n?)?[ \t]*(.*)$/m.exec(text);
    return own === null ? null : { command: { kind, text: own[1] ?? "" }, length: own[0].length };
  }
  if (kind !== "s" && kind !== "y") return null;
  const { parts, end } = readParts(text);
  const [from = "", to = ""] = parts;
  if (parts.length < 3) return null;
  if (kind === "y") return { command: { kind: "y", map: mapOf(from, to) }, length: end };
  return readSubstitution({ from, to, behind: text.slice(end), end, extended });
}

/** `s/from/to/gip`: numbers and letters of the replacement are not followed. */
function readSubstitution({
  from,
  to,
  behind,
  end,
  extended,
}: {
  readonly from: string;
  readonly to: string;
  readonly behind: string;
  readonly end: number;
  readonly extended: boolean;
}): ReadCommand | null {
  const flags = /^[gipIP\d]*/.exec(behind)?.[0] ?? "";
  const pattern = compilePattern(from, {
    extended,
    flags: `${flags.includes("g") ? "g" : ""}${/[iI]/.test(flags) ? "i" : ""}`,
  });
  if (pattern === null || /\d/.test(flags) || /\\[A-Za-mo-z]/.test(to)) return null;
  return {
    command: {
      kind: "s",
      pattern,
      by: to,
      all: flags.includes("g"),
      prints: flags.includes("p"),
    },
    length: end + flags.length,
  };
}

/** The parts between the delimiters of `s/a/b/`, the letter in front. */
function readParts(text: string): { readonly parts: readonly string[]; readonly end: number } {
  const delimiter = text.charAt(1);
  const parts: string[] = [];
  let part = "";
  let i = 2;
  for (; i < text.length && parts.length < 2; i++) {
    const one = text.charAt(i);
    if (one === delimiter) {
      parts.push(part);
      part = "";
    } else if (one === "\\") {
      i += 1;
      part += text.charAt(i) === delimiter ? delimiter : one + text.charAt(i);
    } else part += one;
  }
  // What follows the second delimiter are flags: the third part is there when both were.
  return { parts: parts.length === 2 ? [...parts, ""] : parts, end: i };
}

function mapOf(from: string, to: string): ReadonlyMap<string, string> {
  const target = Array.from(to);
  return new Map(Array.from(from).map((one, i): [string, string] => [one, target[i] ?? one]));
}
