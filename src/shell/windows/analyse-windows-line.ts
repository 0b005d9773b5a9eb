import type { Analysis } from "../../model/index.js";
import { analyseLine } from "../analyse-line.js";
import { LINE_CHARS_MAX } from "../limits.js";
import { scanTokens } from "../syntax/tokens.js";
import { cmdletOf } from "./aliases.js";
import { carriedBy, type Carried } from "./carriers.js";
import { Findings, newDraft, type Draft, type Place } from "./findings.js";
import { parseCmd } from "./parse-cmd.js";
import { CONSTANT, METHOD, parsePowerShell } from "./parse-powershell.js";
import type { ParsedCommand, ParsedLine, ShellWord } from "./parsed.js";

/** The shells of Windows; `unknown`: it can not be seen which of them reads the line. */
export type WindowsShell = "cmd" | "powershell" | "unknown";

/**
 * What a line typed at a shell of Windows will start, in the shape that rules judge. Conservative: names
 * are lower case and without `.exe`, aliases of PowerShell are their cmdlets, wrappers are unwrapped, and
 * what is not understood is `unparsed`. For an `unknown` shell both readings stand beside each other.
 * Pure and total, in bounded time.
 */
export function analyseWindowsLine(line: string, shell: WindowsShell = "unknown"): Analysis {
  if (line.length > LINE_CHARS_MAX)
    return unparsedLine(line, `longer than ${LINE_CHARS_MAX} characters`);
  if (shell !== "unknown") return read(line, shell);
  return joinReadings(line, [read(line, "cmd"), read(line, "powershell")]);
}

/**
 * The same for a desktop of which nobody knows whether its shells are those of Windows or of Unix: every
 * reading stands beside the others. It is unparsed only where none of them could parse it all.
 */
export function analyseDesktopLine(line: string): Analysis {
  if (line.length > LINE_CHARS_MAX)
    return unparsedLine(line, `longer than ${LINE_CHARS_MAX} characters`);
  return joinReadings(line, [analyseLine(line, {}), read(line, "cmd"), read(line, "powershell")]);
}

function read(line: string, shell: "cmd" | "powershell"): Analysis {
  const findings = new Findings();
  readScript(findings, { shell, text: line }, TOP);
  const { found: invocations, complete, trouble } = findings;
  return trouble === undefined
    ? { line, invocations, complete, tokens: [] }
    : { line, invocations, complete, unparsed: trouble, tokens: scanTokens(line) };
}

const TOP: Place = { via: [], runas: undefined, context: "top", depth: 0 };

function readScript(
  findings: Findings,
  { shell, text }: { readonly shell: "cmd" | "powershell"; readonly text: string },
  place: Place,
): void {
  if (!findings.mayRead(text, place.depth)) return;
  const parsed: ParsedLine = shell === "cmd" ? parseCmd(text) : parsePowerShell(text);
  if (place.depth === 0) findings.complete = parsed.complete;
  if (parsed.trouble !== undefined) findings.giveUp(parsed.trouble);
  const stages = new Map<number, number>();
  for (const [index, command] of parsed.commands.entries()) {
    const before = parsed.commands[index - 1];
    const piped = before?.pipeline === command.pipeline ? before : undefined;
    const at = readCommand(findings, { command, shell, piped }, placeOf(command, place));
    if (at !== null) connect(findings.found, stages, { pipeline: command.pipeline, at });
  }
  for (const script of parsed.nested)
    readScript(
      findings,
      { shell, text: script.text },
      { ...place, context: script.context, depth: place.depth + 1 },
    );
}

function placeOf({ context }: ParsedCommand, place: Place): Place {
  return place.context === "top" ? { ...place, context } : place;
}

/** Stages of a pipeline are told their neighbours. */
function connect(
  found: readonly Draft[],
  stages: Map<number, number>,
  { pipeline, at }: { readonly pipeline: number; readonly at: number },
): void {
  const before = stages.get(pipeline);
  stages.set(pipeline, at);
  const [from, to] = [before === undefined ? undefined : found[before], found[at]];
  if (before === undefined || from === undefined || to === undefined) return;
  from.pipeTo = at;
  to.pipeFrom = before;
}

interface Reading {
  readonly command: ParsedCommand;
  readonly shell: "cmd" | "powershell";
  /** What the stage before it in the same pipeline is. */
  readonly piped: ParsedCommand | undefined;
}

/** Answers where the invocation was noted; null for a constant, which starts nothing. */
function readCommand(findings: Findings, reading: Reading, place: Place): number | null {
  const { command, shell } = reading;
  const [first, ...rest] = command.words;
  if (first === undefined || first === CONSTANT) return null;
  const split = shell === "cmd" ? splitName(first) : [first];
  const [name = first, ...stuck] = split;
  const args = [...stuck, ...rest].map(shell === "cmd" ? asTyped : asPassed);
  const exec = name.value === null ? null : nameOf(name.value, shell);
  const draft = newDraft([null, ...args.map(({ value }) => value)], exec, place);
  if (name.value !== null && /[\\/]/.test(name.value)) draft.path = name.value;
  draft.redirects = command.redirects;
  const at = findings.add(draft);
  if (exec === null) return at;
  const carried = [...carriedBy(carrierName(exec, shell), args), ...carriedByPipe(exec, reading)];
  for (const one of carried) readCarried(findings, one, { exec, shell, place });
  return at;
}

const asTyped = (word: ShellWord): ShellWord => word;

/** PowerShell gives a program the value of a word, in double quotes of its own where it has blanks. */
function asPassed(word: ShellWord): ShellWord {
  const { value, bare } = word;
  if (value === null || bare) return word;
  return { ...word, kept: /\s/.test(value) ? `"${value}"` : value };
}

/** `dir/s`, `cd\`, `del/q`: what follows a name of cmd without a blank is its first argument. */
function splitName(word: ShellWord): readonly ShellWord[] {
  const { value } = word;
  const match =
    value === null || !word.bare ? null : /^(?<name>[a-z]+)(?<rest>[/\\].*)$/i.exec(value);
  const { name = "", rest = "" } = match?.groups ?? {};
  return BUILTINS.has(name.toLowerCase())
    ? [
        { value: name, kept: name, bare: true },
        { value: rest, kept: rest, bare: true },
      ]
    : [word];
}

/** Commands that are part of cmd.exe itself (help, cmd /?). */
const BUILTINS: ReadonlySet<string> = new Set(
  (
    "assoc break call cd chdir cls color copy date del dir echo endlocal erase exit ftype goto md mkdir " +
    "mklink move path pause popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title " +
    "type ver verify vol"
  ).split(" "),
);

function nameOf(value: string, shell: "cmd" | "powershell"): string {
  const last = value.trim().split(/[\\/]/).at(-1) ?? "";
  const name = last.toLowerCase().replace(/\.(?:exe|com)$/, "");
  const module = shell === "powershell" ? value.toLowerCase().split("\\").at(-1) : undefined;
  return shell === "powershell" ? (cmdletOf(name) ?? module ?? name).replace(/\.exe$/, "") : name;
}

/** `start` is another thing in each of the two shells; PowerShell knows no `call`. */
function carrierName(exec: string, shell: "cmd" | "powershell"): string {
  return shell === "powershell" && exec === "call" ? "" : exec;
}

/** `'text' | iex`, `... | cmd`, `... | powershell -`: what is piped in is run. */
function carriedByPipe(exec: string, { command, piped }: Reading): readonly Carried[] {
  const asks = command.words.slice(1).every(({ value }) => value === "-" || value === null);
  const shells: Readonly<Record<string, "cmd" | "powershell">> = {
    "invoke-expression": "powershell",
    cmd: "cmd",
    powershell: "powershell",
    pwsh: "powershell",
  };
  const shell = shells[exec];
  if (piped === undefined || shell === undefined || !asks) return [];
  const [first, constant] = piped.words;
  if (first === CONSTANT && typeof constant?.value === "string")
    return [{ shell, text: constant.value }];
  const echoed = first?.value?.toLowerCase() === "echo" && shell === "cmd";
  if (!echoed) return [{ shell: "unknown" }];
  return [
    {
      shell,
      text: piped.words
        .slice(1)
        .map(({ kept }) => kept)
        .join(" "),
    },
  ];
}

function readCarried(
  findings: Findings,
  carried: Carried,
  {
    exec,
    shell,
    place,
  }: {
    readonly exec: string;
    readonly shell: "cmd" | "powershell";
    readonly place: Place;
  },
): void {
  const inside: Place = {
    via: [...place.via, exec],
    runas: (carried.shell === "unknown" ? undefined : carried.runas) ?? place.runas,
    context: carried.shell === "words" ? place.context : "script",
    depth: place.depth + 1,
  };
  switch (carried.shell) {
    case "unknown":
      findings.add(newDraft([null], null, { ...inside, context: "script" }));
      return;
    case "posix":
      readPosix(findings, carried.text, inside);
      return;
    case "words":
      if (findings.mayRead("", inside.depth))
        readCommand(
          findings,
          {
            command: { words: carried.words, redirects: [], context: inside.context, pipeline: 0 },
            shell,
            piped: undefined,
          },
          inside,
        );
      return;
    case "cmd":
    case "powershell":
      readScript(findings, { shell: carried.shell, text: carried.text }, inside);
  }
}

function readPosix(findings: Findings, text: string, inside: Place): void {
  if (!findings.mayRead(text, inside.depth)) return;
  const { invocations, unparsed } = analyseLine(text, {});
  if (unparsed !== undefined) findings.giveUp(unparsed);
  const offset = findings.found.length;
  for (const one of invocations)
    findings.add({
      ...moved(one, offset),
      via: [...inside.via, ...one.via],
      context: "script",
      ...(one.runas === undefined && inside.runas !== undefined ? { runas: inside.runas } : {}),
    });
}

/** Several readings of one line as one: what any of them starts is judged. */
function joinReadings(line: string, readings: readonly Analysis[]): Analysis {
  const invocations: Draft[] = [];
  const seen = new Set<string>();
  for (const reading of readings) {
    const fresh = reading.invocations.some((one) => !seen.has(JSON.stringify(bare(one))));
    for (const one of reading.invocations) seen.add(JSON.stringify(bare(one)));
    const offset = invocations.length;
    if (fresh) invocations.push(...reading.invocations.map((one) => moved(one, offset)));
  }
  const complete = readings.some((one) => one.complete);
  const troubles = readings.flatMap(({ unparsed }) => unparsed ?? []);
  // A shell that understands a line does not outweigh one that would call a method with it.
  const unparsed =
    troubles.find((one) => one === METHOD) ??
    (troubles.length === readings.length ? troubles[0] : undefined);
  return unparsed === undefined
    ? { line, invocations, complete, tokens: [] }
    : { line, invocations, complete, unparsed, tokens: scanTokens(line) };
}

function bare({ argv, via, runas, dynamic }: Draft): unknown {
  return [argv, via, runas, dynamic];
}

/** The same invocation behind others: numbers of neighbours count from the first of all. */
function moved(one: Draft, offset: number): Draft {
  return {
    ...one,
    ...(one.pipeFrom === undefined ? {} : { pipeFrom: one.pipeFrom + offset }),
    ...(one.pipeTo === undefined ? {} : { pipeTo: one.pipeTo + offset }),
  };
}

function unparsedLine(line: string, reason: string): Analysis {
  return { line, invocations: [], complete: true, unparsed: reason, tokens: scanTokens(line) };
}
