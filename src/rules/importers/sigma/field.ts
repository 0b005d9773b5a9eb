import type { SigmaValue } from "./value.js";

/** A condition of the rule language as plain data, to be written as YAML. */
export type MatchData =
  | { readonly command: Readonly<Record<string, unknown>> }
  | { readonly all: readonly MatchData[] }
  | { readonly any: readonly MatchData[] }
  | { readonly not: MatchData };

export type FieldReading =
  { readonly ok: true; readonly match: MatchData } | { readonly ok: false; readonly why: string };

export type LogSource = "process" | "execve" | "keywords";

/** Folders of programs: a name typed without a folder is found in one of these. */
const PROGRAM_FOLDERS = /^\/(?:usr\/(?:local\/)?)?s?bin\/$/;
const POSITION = /^a(\d{1,2})$/;

/** One field with one value: what it asks of a command here, or why nothing here says the same. */
export function readField(field: string, value: SigmaValue, source: LogSource): FieldReading {
  if (source === "execve") return readExecve(field, value);
  switch (field) {
    case "CommandLine":
      return command({ normalized: { any: patternOf(value) } });
    case "Image":
      return readImage(value);
    case "CurrentDirectory":
      return command({ cwd: patternOf(value) });
    default:
      return { ok: false, why: `field "${field}"` };
  }
}

/** Keywords look at the whole text that a log line would hold. */
export function readKeyword(value: SigmaValue, source: LogSource): FieldReading {
  const anywhere = value.kind === "equals" ? { ...value, kind: "contains" as const } : value;
  const pattern = patternOf(anywhere);
  if (source === "keywords") return command({ raw: { any: pattern } });
  return command({ normalized: { any: pattern } });
}

function readExecve(field: string, value: SigmaValue): FieldReading {
  if (field === "type")
    return value.kind === "equals" && value.texts.every((one) => one.toUpperCase() === "EXECVE")
      ? command({ exec: { regex: "." } })
      : { ok: false, why: `records of type ${value.texts.join(", ")}` };
  const position = POSITION.exec(field)?.[1];
  if (position === undefined) return { ok: false, why: `field "${field}"` };
  if (position === "0" && value.kind === "equals" && value.texts.every(isPlainName))
    return command({ exec: [...value.texts] });
  return command({ position: { [String(Number(position))]: patternOf(value) } });
}

/** What a program's path is asked for, here asked of its name wherever the folder says nothing. */
function readImage(value: SigmaValue): FieldReading {
  const named = value.texts.map((text) => nameOf(value.kind, text));
  if (named.every((name) => name !== null)) return command({ exec: named });
  return command({ path: patternOf(value) });
}

function nameOf(kind: SigmaValue["kind"], text: string): string | null {
  if (kind !== "equals" && kind !== "endswith") return null;
  const slash = text.lastIndexOf("/");
  const folder = text.slice(0, slash + 1);
  const name = text.slice(slash + 1);
  if (slash < 0 || !isPlainName(name)) return null;
  if (kind === "endswith" && folder === "/") return name;
  return PROGRAM_FOLDERS.test(folder) ? name : null;
}

/** Nothing in it that a pattern of the rule language would take for more than a letter. */
function isPlainName(text: string): boolean {
  return text !== "" && !/[/*?[\]{}|\\]/.test(text);
}

function patternOf({ kind, texts, caseSensitive }: SigmaValue): Readonly<Record<string, unknown>> {
  const [only] = texts;
  const list = texts.length === 1 && only !== undefined ? only : [...texts];
  return kind === "cidr" || caseSensitive ? { [kind]: list } : { [kind]: list, case: false };
}

function command(parts: Readonly<Record<string, unknown>>): FieldReading {
  return { ok: true, match: { command: parts } };
}
