import { parseArgs } from "node:util";
import { describeError } from "../../kernel/index.js";
import type { Command, CommandCall } from "./command.js";
import type { Console } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { commandHelp, generalHelp } from "./help.js";
import { nearestWord } from "../config/nearest-word.js";

export interface Program {
  /** The commands that begin with a word; all of them without it, or where it begins none. */
  readonly commands: (first?: string) => Promise<readonly Command[]>;
  readonly version: string;
  readonly console: Console;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Finds the command of `argv`, parses its options strictly, and runs it. */
export async function runProgram(program: Program, argv: readonly string[]): Promise<ExitCode> {
  const { console } = program;
  const [first] = argv;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    return await helpFor(program, first === "help" ? argv.slice(1) : []);
  }
  if (first === "--version" || first === "-V") {
    console.out(program.version);
    return EXIT.fine;
  }
  const commands = await program.commands(first);
  const command = findCommand(commands, argv);
  if (command === undefined) {
    const known = (await program.commands()).map((one) => one.words.join(" "));
    const meant = nearestWord(argv.slice(0, 2).join(" "), known) ?? nearestWord(first, known);
    const hint = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
    return usage(console, `chaperone: there is no command \`${first}\`${hint}`, "chaperone --help");
  }
  const astray = command.positionals === undefined ? memberMissed(commands, command, argv) : null;
  if (astray !== null) {
    const group = command.words.join(" ");
    return usage(console, `chaperone ${group}: ${astray}`, `chaperone ${group} --help`);
  }
  const call = readCall(program, command, argv.slice(command.words.length));
  if (typeof call === "string") {
    const name = `chaperone ${command.words.join(" ")}`;
    return usage(console, `${name}: ${call}`, `${name} --help`);
  }
  if (call.values["help"] === true) {
    console.out(commandHelp(command, console.style));
    return EXIT.fine;
  }
  return await command.run(call);
}

async function helpFor(
  { commands: load, console }: Program,
  words: readonly string[],
): Promise<ExitCode> {
  const commands = await load(words[0]);
  const command = words.length === 0 ? undefined : findCommand(commands, words);
  console.out(
    command === undefined
      ? generalHelp(commands, console.style)
      : commandHelp(command, console.style),
  );
  return EXIT.fine;
}

function findCommand(commands: readonly Command[], argv: readonly string[]): Command | undefined {
  return commands.find((command) => command.words.every((word, index) => argv[index] === word));
}

/** Words behind a group (`ctl`) that are none of its commands; null where there are none. */
function memberMissed(
  commands: readonly Command[],
  { words }: Command,
  argv: readonly string[],
): string | null {
  const members = commands
    .map((one) => one.words)
    .filter((one) => one.length > words.length && words.every((word, at) => one[at] === word));
  const end = argv.findIndex((word) => word.startsWith("-"));
  const said = argv.slice(0, end === -1 ? argv.length : end);
  if (members.length === 0 || said.length === words.length) return null;
  const name = said.join(" ");
  const next = members.filter((one) => said.every((word, at) => one[at] === word));
  if (next.length > 0) {
    return `\`${name}\` goes on with: ${next.map((one) => one[said.length] ?? "").join(", ")}`;
  }
  // What stands behind a wrong word belongs to the command that was meant.
  const known = members.map((one) => one.join(" "));
  const meant =
    nearestWord(said.slice(0, words.length + 2).join(" "), known) ??
    nearestWord(said.slice(0, words.length + 1).join(" "), known);
  const hint = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
  return `there is no command \`${name}\`${hint}`;
}

/** The call, or what is wrong with it in words. */
function readCall(
  program: Program,
  command: Command,
  args: readonly string[],
): CommandCall | string {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, help: { type: "boolean" as const } }).map(
      ([name, option]) => [name, { type: option.type }],
    ),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: command.positionals !== undefined,
      strict: true,
    });
    return { values, positionals, console: program.console, env: program.env };
  } catch (error) {
    // parseArgs throws for every wrong option; its first sentence is made for people.
    const text = describeError(error);
    const unknown = /^Unknown option '--?(?<name>[^']+)'/.exec(text)?.groups?.["name"];
    const meant = unknown === undefined ? undefined : nearestWord(unknown, Object.keys(options));
    const sentence = text.split(". ")[0] ?? text;
    const plain = sentence.charAt(0).toLowerCase() + sentence.slice(1);
    return meant === undefined ? plain : `${plain}; did you mean \`--${meant}\`?`;
  }
}

function usage(console: Console, message: string, help: string): ExitCode {
  console.err(message);
  console.err(`  usage: see \`${help}\``);
  return EXIT.usage;
}
