import { readFile } from "../walk/files.js";
import { isArray, readVariable } from "../walk/scope.js";
import { unsure, weigh, type Field, type Text } from "../words/text.js";
import { withoutOtherRecipes } from "./make-goals.js";
import type { Unwrapping } from "./run-script.js";

/** Variables of one makefile that are followed. */
const VARIABLES_MAX = 128;
/** Variables inside of variables. */
const DEPTH_MAX = 4;
const DEFINITION = /^(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(?::{0,2}|[?+!])=\s*(.*)$/;
const USE = /\$(?:\(([A-Za-z_][\w.-]*)\)|\{([A-Za-z_][\w.-]*)\}|([A-Za-z]))/g;

/**
 * A makefile with its variables filled in, as far as it defines them or words like `X=/etc` do; `$$`
 * is left for the shell. `alone`: no other file is read with it. What else make knows by itself stays as it is written.
 */
export function filledMakefile(file: Text, words: readonly Field[], alone = false): Text {
  const variables = new Map<string, string>();
  const lines = file.text.split("\n");
  for (const line of lines) {
    const [, name, value] = line.startsWith("\t") ? [] : (DEFINITION.exec(line) ?? []);
    if (name !== undefined && value !== undefined && variables.size < VARIABLES_MAX)
      variables.set(name, value);
  }
  const given = words.filter((one) => /^[A-Za-z_][\w.-]*=/.test(one.text));
  for (const { text } of given) {
    const equals = text.indexOf("=");
    variables.set(text.slice(0, equals), text.slice(equals + 1));
  }
  const fill = (text: string, depth: number): string =>
    text.replace(USE, (whole: string, round?: string, curly?: string, letter?: string) => {
      const value = variables.get(round ?? curly ?? letter ?? "");
      return value === undefined || depth >= DEPTH_MAX ? whole : fill(value, depth + 1);
    });
  const filled = lines.map((line) =>
    line
      .split("$$")
      .map((part) => fill(part, 0))
      .join("$"),
  );
  const made = alone ? withoutOtherRecipes(filled, words) : filled;
  const text = made.join("\n").slice(0, TEXT_CHARS_MAX);
  return weigh(text, [file, ...given]);
}

/** Longest filled text that is looked at. */
const TEXT_CHARS_MAX = 64 * 1024;

/** Verbs behind which the name of a script stands, and those that name one themselves. */
const NAMED_BEHIND = new Set(["run", "run-script", "rum", "exec"]);
/** Scripts that installing runs. */
const INSTALLING = ["preinstall", "install", "postinstall", "prepare", "prepublish"];

/** Commands in the `scripts` of a `package.json` that these words start, with what runs around them. */
export function scriptsOf(file: Text, { fields }: Unwrapping): readonly Text[] {
  const words = fields.slice(1).filter((one) => !one.text.startsWith("-"));
  const [verb, name] = words.map((one) => one.text);
  const script = NAMED_BEHIND.has(verb ?? "") ? name : verb;
  const scripts = scriptTable(file.text);
  const installs = script === undefined || /^(?:i|ci|install|add)$/.test(script);
  const wanted = installs ? INSTALLING : [`pre${script}`, script, `post${script}`];
  return wanted.flatMap((one) => {
    const text = scripts.get(one);
    return text === undefined
      ? []
      : [file.known ? { text, known: true } : unsure({ ...file, text })];
  });
}

function scriptTable(text: string): ReadonlyMap<string, string> {
  try {
    const parsed: unknown = JSON.parse(text);
    const scripts: unknown =
      typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : null;
    if (typeof scripts !== "object" || scripts === null) return new Map();
    const entries = Object.entries(scripts).filter(
      (one): one is [string, string] => typeof one[1] === "string",
    );
    return new Map(entries);
  } catch {
    return new Map();
  }
}

/** The first of the files that a program reads by itself; a makefile with those that are read with it. */
export function usualFiles(
  paths: readonly string[],
  { draft, facts }: Unwrapping,
): readonly Text[] {
  const { scope } = facts.frame;
  const text = paths.flatMap((path) => readFile(scope, path) ?? []).slice(0, 1);
  if (!/^[gb]?make$/.test(draft.exec ?? "")) return text;
  const more = readVariable(scope, "MAKEFILES");
  const names = [
    ...(isArray(more) ? [] : more.text.split(/\s+/)),
    ...text.flatMap((one) => [...one.text.matchAll(INCLUDED)].map((match) => match[1] ?? "")),
  ];
  const read = names.filter((name) => name !== "").slice(0, INCLUDED_MAX);
  return [...text, ...read.flatMap((name) => readFile(scope, name) ?? [])];
}

const INCLUDED = /^[-s]?include\s+(\S+)/gm;
/** Further files of one makefile that are read. */
const INCLUDED_MAX = 8;
