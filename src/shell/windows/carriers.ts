import { decodeEncodedCommand } from "./encoded-command.js";
import type { ShellWord } from "./parsed.js";

/** What a program is given to run, as far as its words tell. */
export type Carried =
  /** Text for another shell, which parses it by its own rules. */
  | {
      readonly shell: "cmd" | "powershell" | "posix";
      readonly text: string;
      readonly runas?: string;
    }
  /** Words that are a command line already. */
  | { readonly shell: "words"; readonly words: readonly ShellWord[]; readonly runas?: string }
  /** Something that is not in the line. */
  | { readonly shell: "unknown" };

type Carrier = (args: readonly ShellWord[]) => readonly Carried[];

/** Programs and cmdlets that run what their words say; names in lower case, without `.exe`. */
const CARRIERS: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ["cmd", cmd],
  ["powershell", (args) => powershell(args, "-command")],
  ["pwsh", (args) => powershell(args, "-file")],
  ["powershell_ise", () => []],
  ["call", (args) => wordsBehind(args, 0)],
  ["start", startOfCmd],
  ["start-process", startProcess],
  ["sudo", (args) => wordsBehind(args, optionsLength(args, SUDO_VALUES), "administrator")],
  ["gsudo", (args) => wordsBehind(args, optionsLength(args, SUDO_VALUES), "administrator")],
  ["runas", runas],
  ["psexec", psexec],
  ["psexec64", psexec],
  ["paexec", psexec],
  ["conhost", (args) => wordsBehind(args, optionsLength(args, new Set()))],
  ["wsl", wsl],
  ["bash", posixShell],
  ["sh", posixShell],
  ["forfiles", (args) => textOption(args, /^[/-]c$/i)],
  ["schtasks", (args) => textOption(args, /^[/-]tr$/i)],
  ["wmic", wmic],
  ["winrs", winrs],
  ["invoke-expression", invokeExpression],
  ["at", (args) => textOption(args, /^\d{1,2}:\d\d$/)],
]);

export function carriedBy(name: string, args: readonly ShellWord[]): readonly Carried[] {
  return CARRIERS.get(name)?.(args) ?? [];
}

const UNKNOWN: readonly Carried[] = [{ shell: "unknown" }];

function wordsBehind(
  args: readonly ShellWord[],
  count: number,
  runasAccount?: string,
): readonly Carried[] {
  const words = args.slice(count);
  if (words.length === 0) return [];
  return [
    runasAccount === undefined
      ? { shell: "words", words }
      : { shell: "words", words, runas: runasAccount },
  ];
}

function keptText(words: readonly ShellWord[]): string {
  return words.map(({ kept }) => kept).join(" ");
}

/** `cmd /q /c "text"`: the first and the last quote go when the text begins with one (cmd /?). */
function cmd(args: readonly ShellWord[]): readonly Carried[] {
  for (const [index, word] of args.entries()) {
    const option = /^[/-](?:[a-z]:?[a-z]*[/-])*[ckr](?<more>.*)$/i.exec(word.value ?? word.kept);
    if (!/^[/-]/.test(word.kept)) return [];
    if (option === null) continue;
    const more = option.groups?.["more"] ?? "";
    const text = [more, keptText(args.slice(index + 1))].filter((one) => one !== "").join(" ");
    if (args.slice(index + 1).some(({ value }) => value === null) && text.trim() === "")
      return UNKNOWN;
    return text === "" ? [] : [{ shell: "cmd", text: withoutOuterQuotes(text) }];
  }
  return [];
}

function withoutOuterQuotes(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('"')) return trimmed;
  const last = trimmed.lastIndexOf('"');
  return last <= 0 ? trimmed.slice(1) : trimmed.slice(1, last) + trimmed.slice(last + 1);
}

/** Parameters of powershell.exe and pwsh that have a value behind them (about_PowerShell_exe). */
const POWERSHELL_VALUES = [
  "-executionpolicy",
  "-ep",
  "-version",
  "-windowstyle",
  "-inputformat",
  "-outputformat",
  "-configurationname",
  "-configurationfile",
  "-psconsolefile",
  "-workingdirectory",
  "-wd",
  "-custompipename",
  "-settingsfile",
];
const POWERSHELL_SWITCHES = [
  "-nologo",
  "-noprofile",
  "-noninteractive",
  "-noexit",
  "-sta",
  "-mta",
  "-login",
  "-interactive",
  "-noprofileloadtime",
  "-help",
];

/** Parameters may be cut short as long as they are not ambiguous: `-enc`, `-ec`, `-e`, `-c`, `-f`. */
function powershell(args: readonly ShellWord[], plain: "-command" | "-file"): readonly Carried[] {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    const value = word?.value;
    if (value === null || value === undefined) return UNKNOWN;
    const name = value.toLowerCase().replace(/^(?:--|[/\u2013\u2014\u2015])/, "-");
    const rest = args.slice(at + 1);
    if (!name.startsWith("-")) return plainPowerShell(args.slice(at), plain);
    if (name === "-ec" || (name.length >= 2 && "-encodedcommand".startsWith(name)))
      return encoded(rest[0]);
    if (name.length >= 2 && "-encodedarguments".startsWith(name)) at += 1;
    else if (name.length >= 2 && "-command".startsWith(name)) return commandText(rest);
    else if (name.length >= 2 && "-file".startsWith(name)) return wordsBehind(rest, 0);
    else if (POWERSHELL_SWITCHES.some((one) => one.startsWith(name))) continue;
    else if (POWERSHELL_VALUES.some((one) => one.startsWith(name))) at += 1;
    else return UNKNOWN;
  }
  return [];
}

function plainPowerShell(
  args: readonly ShellWord[],
  plain: "-command" | "-file",
): readonly Carried[] {
  return plain === "-file" ? wordsBehind(args, 0) : commandText(args);
}

function commandText(words: readonly ShellWord[]): readonly Carried[] {
  if (words.length === 0) return [];
  const [only] = words;
  // `-`: the script comes from standard input.
  if (words.length === 1 && only?.value === "-") return UNKNOWN;
  const text = words.map(({ value, kept }) => value ?? kept).join(" ");
  const known = words.every(({ value }) => value !== null);
  const script = { shell: "powershell", text } as const;
  return known ? [script] : [script, ...UNKNOWN];
}

function encoded(word: ShellWord | undefined): readonly Carried[] {
  if (word === undefined) return [];
  const text = word.value === null ? null : decodeEncodedCommand(word.value);
  return text === null ? UNKNOWN : [{ shell: "powershell", text }];
}

/** `start "title" /wait program args`: a first word in quotes is the title of the window. */
function startOfCmd(args: readonly ShellWord[]): readonly Carried[] {
  let at = args[0]?.kept.startsWith('"') === true && args.length > 1 ? 1 : 0;
  while (args[at]?.kept.startsWith("/") === true)
    at += /^\/(?:d|node|affinity)$/i.test(args[at]?.kept ?? "") ? 2 : 1;
  return wordsBehind(args, at);
}

/** `Start-Process -FilePath x -ArgumentList a, b -Verb RunAs`. */
function startProcess(args: readonly ShellWord[]): readonly Carried[] {
  const program: ShellWord[] = [];
  const list: ShellWord[] = [];
  let into = program;
  let elevated = false;
  for (const [index, word] of args.entries()) {
    const option = word.bare ? (word.value?.toLowerCase() ?? "") : "";
    if (!/^-[a-z]/.test(option)) {
      into.push(...(into === list ? splitArguments(word) : [word]));
      if (into === program) into = list;
    } else if ("-filepath".startsWith(option)) into = program;
    else if ("-argumentlist".startsWith(option) || option === "-args") into = list;
    else {
      if ("-verb".startsWith(option))
        elevated ||= args[index + 1]?.value?.toLowerCase() === "runas";
      into = [];
    }
  }
  const words = [...program.slice(0, 1), ...list];
  return wordsBehind(words, 0, elevated ? "administrator" : undefined);
}

/** The arguments of one string are several for the program that gets them. */
function splitArguments(word: ShellWord): readonly ShellWord[] {
  if (word.value === null || word.bare) return [word];
  const pieces = word.value.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return pieces.map((piece) => ({
    value: piece.replaceAll('"', ""),
    kept: piece,
    bare: !piece.startsWith('"'),
  }));
}

const SUDO_VALUES: ReadonlySet<string> = new Set(["-u", "-d", "--chdir", "-i", "--integrity"]);

function optionsLength(args: readonly ShellWord[], values: ReadonlySet<string>): number {
  let at = 0;
  while (/^-/.test(args[at]?.value ?? "")) {
    if (args[at]?.value === "--") return at + 1;
    at += values.has(args[at]?.value?.toLowerCase() ?? "") ? 2 : 1;
  }
  return at;
}

/** `runas /user:admin "cmd /c ..."`: the last word is a command line. */
function runas(args: readonly ShellWord[]): readonly Carried[] {
  const user = args
    .map(({ value }) => /^[/-]user:(?<name>.+)$/i.exec(value ?? "")?.groups?.["name"])
    .find((name) => name !== undefined);
  const program = args.find(({ value, kept }) => !/^[/-]/.test(value ?? kept));
  if (program === undefined) return [];
  const account = user ?? "administrator";
  return program.value === null ? UNKNOWN : [{ shell: "cmd", text: program.value, runas: account }];
}

const PSEXEC_VALUES: ReadonlySet<string> = new Set(["-u", "-p", "-n", "-r", "-w", "-a", "-g"]);

function psexec(args: readonly ShellWord[]): readonly Carried[] {
  let at = 0;
  let account: string | undefined;
  for (;;) {
    const value = args[at]?.value?.toLowerCase().replace(/^\//, "-") ?? "";
    if (value.startsWith("\\\\") || value.startsWith("@")) at += 1;
    else if (!value.startsWith("-")) break;
    else if (PSEXEC_VALUES.has(value)) {
      if (value === "-u") account = args[at + 1]?.value ?? undefined;
      at += 2;
    } else {
      if (value === "-s") account = "system";
      at += value === "-i" && /^\d+$/.test(args[at + 1]?.value ?? "") ? 2 : 1;
    }
  }
  return wordsBehind(args, at, account);
}

const WSL_VALUES: ReadonlySet<string> = new Set([
  "-d",
  "--distribution",
  "-u",
  "--user",
  "--cd",
  "--shell-type",
]);

function wsl(args: readonly ShellWord[]): readonly Carried[] {
  let at = 0;
  let account: string | undefined;
  while (/^-/.test(args[at]?.value ?? "")) {
    const option = args[at]?.value ?? "";
    if (option === "--" || option === "-e" || option === "--exec") {
      at += 1;
      break;
    }
    if (option === "-u" || option === "--user") account = args[at + 1]?.value ?? undefined;
    at += WSL_VALUES.has(option) ? 2 : 1;
  }
  const text = keptText(args.slice(at));
  if (text === "") return [];
  return [{ shell: "posix", text, ...(account === undefined ? {} : { runas: account }) }];
}

function posixShell(args: readonly ShellWord[]): readonly Carried[] {
  const at = args.findIndex(({ value }) => /^-[a-z]*c$/.test(value ?? ""));
  const script = at < 0 ? undefined : args[at + 1];
  if (script === undefined) return [];
  return script.value === null ? UNKNOWN : [{ shell: "posix", text: script.value }];
}

/** The word behind an option is a command line of cmd.exe. */
function textOption(args: readonly ShellWord[], option: RegExp): readonly Carried[] {
  const at = args.findIndex(({ value }) => option.test(value ?? ""));
  const text = at < 0 ? undefined : args[at + 1];
  if (text === undefined) return [];
  return text.value === null ? UNKNOWN : [{ shell: "cmd", text: text.value }];
}

/** `wmic process call create "cmd /c ..."`. */
function wmic(args: readonly ShellWord[]): readonly Carried[] {
  const at = args.findIndex(({ value }) => value?.toLowerCase() === "create");
  const calls = args.slice(0, at).some(({ value }) => value?.toLowerCase() === "call");
  return at < 0 || !calls ? [] : textOption(args.slice(at), /^create$/i);
}

/** `winrs -r:host command`. */
function winrs(args: readonly ShellWord[]): readonly Carried[] {
  const at = args.findIndex(({ value, kept }) => !/^[/-]/.test(value ?? kept));
  return at < 0 ? [] : [{ shell: "cmd", text: keptText(args.slice(at)) }];
}

function invokeExpression(args: readonly ShellWord[]): readonly Carried[] {
  const script = args.find(({ value, bare }) => !bare || !/^-c/i.test(value ?? ""));
  if (script === undefined) return [];
  return script.value === null ? UNKNOWN : [{ shell: "powershell", text: script.value }];
}
