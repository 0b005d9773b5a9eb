import { isMap, isSeq } from "yaml";
import { readClipboard, readForward, readTransfer } from "./activity.js";
import { readAnomaly } from "./anomaly.js";
import { readHttp } from "./http.js";
import { readPatterns, readQuant } from "./pattern.js";
import { nearest, type Entry, type Reader, type Value } from "./reader.js";
import type { CommandSource, MatchSource } from "./source.js";

const COMMAND_KEYS = [
  "exec",
  "path",
  "argv",
  "position",
  "flags",
  "opts",
  "args",
  "env",
  "via",
  "runas",
  "account",
  "cwd",
  "deletes",
  "redirect",
  "stdin",
  "pipeFrom",
  "pipeTo",
  "normalized",
  "raw",
  "context",
  "unparsed",
];
const LATER_KINDS = ["output", "keys", "window", "sql", "session"];
const COMMAND_CONTEXTS = [
  "top",
  "substitution",
  "subshell",
  "function",
  "loop",
  "script",
  "interpreter",
];
/** Deeper nesting of all/any/not is not written by people. */
const MATCH_DEPTH_MAX = 16;

/** The condition of a rule: a list means any, several keys of one mapping mean all. */
export function readMatch(reader: Reader, value: Value, depth = 0): MatchSource | undefined {
  if (depth > MATCH_DEPTH_MAX) {
    reader.refuse(
      "CHP_RULES_SHAPE",
      `match nested deeper than ${MATCH_DEPTH_MAX}`,
      reader.place(value),
    );
    return undefined;
  }
  if (isSeq(value)) return { kind: "any", parts: readParts(reader, value, depth) };
  if (!isMap(value)) {
    reader.refuse(
      "CHP_RULES_SHAPE",
      "match must be a mapping or a list of mappings",
      reader.place(value),
    );
    return undefined;
  }
  const parts: MatchSource[] = [];
  for (const entry of reader.mapping(value, "match", [
    "all",
    "any",
    "not",
    "command",
    "transfer",
    "forward",
    "http",
    "anomaly",
    "clipboard",
    ...LATER_KINDS,
  ])) {
    const part = readMatchKey(reader, entry, depth);
    if (part !== undefined) parts.push(part);
  }
  if (value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "match is empty", reader.place(value));
  return parts.length === 1 ? parts[0] : { kind: "all", parts };
}

function readMatchKey(
  reader: Reader,
  { key, at, value }: Entry,
  depth: number,
): MatchSource | undefined {
  if (key === "command") {
    return { kind: "command", command: readCommand(reader, value, "command") };
  }
  if (key === "transfer") return { kind: "transfer", transfer: readTransfer(reader, value) };
  if (key === "forward") return { kind: "forward", forward: readForward(reader, value) };
  if (key === "clipboard") return { kind: "clipboard", clipboard: readClipboard(reader, value) };
  if (key === "anomaly") return { kind: "anomaly", anomaly: readAnomaly(reader, value) };
  if (key === "http") return { kind: "http", http: readHttp(reader, value) };
  if (key === "all" || key === "any") return { kind: key, parts: readParts(reader, value, depth) };
  if (key === "not") {
    const part = readMatch(reader, value, depth + 1);
    return part === undefined ? undefined : { kind: "not", part };
  }
  reader.refuse(
    "CHP_RULES_UNSUPPORTED",
    `match kind "${key}" needs a listener that this version does not have: the rule would never hold`,
    at,
  );
  return undefined;
}

function readParts(reader: Reader, value: Value, depth: number): readonly MatchSource[] {
  const items = reader.list(value, "match");
  if (isSeq(value) && items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "an empty list matches nothing", reader.place(value));
  return items.flatMap((item) => readMatch(reader, item, depth + 1) ?? []);
}

export function readCommand(reader: Reader, value: Value, what: string): CommandSource {
  const out: { -readonly [K in keyof CommandSource]: CommandSource[K] } = {};
  const entries = reader.mapping(value, what, COMMAND_KEYS);
  if (isMap(value) && value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", `${what} is empty`, reader.place(value));
  for (const { key, value: inner } of entries) {
    const where = `${what}.${key}`;
    if (isPatternKey(key)) out[key] = readPatterns(reader, inner, where);
    else if (key === "args" || key === "normalized" || key === "raw")
      out[key] = readQuant(reader, inner, where);
    else if (key === "argv") out.argv = reader.texts(inner, where);
    else if (key === "flags") out.flags = readFlags(reader, inner, where);
    else if (key === "position") out.positions = readPositions(reader, inner, where);
    else if (key === "opts" || key === "env") out[key] = readNamed(reader, inner, where);
    else if (key === "deletes") out.deletes = readDeletes(reader, inner, where);
    else if (key === "redirect") out.redirect = readRedirect(reader, inner, where);
    else if (key === "pipeFrom" || key === "pipeTo") out[key] = readCommand(reader, inner, where);
    else if (key === "context") out.context = readContexts(reader, inner);
    else if (key === "unparsed") out.unparsed = reader.boolean(inner, where) ?? true;
  }
  return out;
}

const PATTERN_KEYS = ["exec", "path", "via", "runas", "account", "cwd", "stdin"] as const;

function isPatternKey(key: string): key is (typeof PATTERN_KEYS)[number] {
  return PATTERN_KEYS.some((one) => one === key);
}

function readFlags(
  reader: Reader,
  value: Value,
  what: string,
): NonNullable<CommandSource["flags"]> {
  const names = (inner: Value, where: string): readonly string[] =>
    reader.texts(inner, where).flatMap(({ text, at }) => {
      const name = text.replace(/^-{1,2}/, "");
      if (name !== "" && !/\s/.test(name)) return [name];
      reader.refuse("CHP_RULES_SHAPE", `"${text}" is not the name of a flag`, at);
      return [];
    });
  if (!isMap(value)) return { all: names(value, what), any: [], none: [] };
  const out = {
    all: [] as readonly string[],
    any: [] as readonly string[],
    none: [] as readonly string[],
  };
  for (const { key, value: inner } of reader.mapping(value, what, ["all", "any", "none"])) {
    if (key === "all") out.all = names(inner, `${what}.all`);
    else if (key === "any") out.any = names(inner, `${what}.any`);
    else out.none = names(inner, `${what}.none`);
  }
  return out;
}

function readNamed(reader: Reader, value: Value, what: string): NonNullable<CommandSource["env"]> {
  return reader.entries(value, what).map(({ key, value: inner }) => ({
    name: key,
    patterns: readPatterns(reader, inner, `${what}.${key}`),
  }));
}

/** Words of a program that anybody counts. */
const POSITION_MAX = 64;

/** `{ 1: "-i" }`: 0 is the program as it is written. */
function readPositions(
  reader: Reader,
  value: Value,
  what: string,
): NonNullable<CommandSource["positions"]> {
  return reader.entries(value, what).flatMap(({ key, at, value: inner }) => {
    const patterns = readPatterns(reader, inner, `${what}.${key}`);
    if (/^\d{1,2}$/.test(key) && Number(key) <= POSITION_MAX)
      return [{ index: Number(key), patterns }];
    reader.refuse("CHP_RULES_SHAPE", `"${key}" is no position from 0 to ${POSITION_MAX}`, at);
    return [];
  });
}

function readRedirect(
  reader: Reader,
  value: Value,
  what: string,
): NonNullable<CommandSource["redirect"]> {
  let ops: readonly string[] = [];
  let target: NonNullable<CommandSource["redirect"]>["target"];
  for (const { key, value: inner } of reader.mapping(value, what, ["op", "target"])) {
    if (key === "op") ops = reader.texts(inner, `${what}.op`).map((one) => one.text);
    else target = readPatterns(reader, inner, `${what}.target`);
  }
  return { ops, target };
}

const DELETES_KEYS = ["path", "recursive"];

/** `{ recursive: true, path: [/etc/**] }`: of any program, in any language. */
function readDeletes(
  reader: Reader,
  value: Value,
  what: string,
): NonNullable<CommandSource["deletes"]> {
  let recursive: boolean | undefined;
  let path: NonNullable<CommandSource["deletes"]>["path"];
  for (const { key, value: inner } of reader.mapping(value, what, DELETES_KEYS)) {
    if (key === "path") path = readPatterns(reader, inner, `${what}.path`);
    else recursive = reader.boolean(inner, `${what}.recursive`) ?? undefined;
  }
  if (isMap(value) && value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", `${what} is empty`, reader.place(value));
  return { recursive, path };
}

function readContexts(reader: Reader, value: Value): readonly string[] {
  return reader.texts(value, "context").flatMap(({ text, at }) => {
    if (COMMAND_CONTEXTS.includes(text)) return [text];
    const near = nearest(text, COMMAND_CONTEXTS);
    const hint = near === null ? COMMAND_CONTEXTS.join(", ") : `did you mean "${near}"?`;
    reader.refuse("CHP_RULES_SHAPE", `unknown context "${text}"; ${hint}`, at);
    return [];
  });
}
