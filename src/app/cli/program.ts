import { parseArgs } from "node:util";
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
  const command = findCommand(await program.commands(first), argv);
  if (command === undefined) {
    const known = (await program.commands()).map((one) => one.words.join(" "));
    const meant = nearestWord(argv.slice(0, 2).join(" "), known) ?? nearestWord(first, known);
    const hint = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
    return usage(console, `chaperone: there is no command \`${first}\`${hint}`, "chaperone --help");
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
    const text = error instanceof Error ? error.message : String(error);
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
