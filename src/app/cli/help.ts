import type { Command } from "./command.js";
import type { Style } from "./console.js";

const COLUMN = 34;

export function generalHelp(commands: readonly Command[], style: Style): string {
  const rows = commands
    .filter((command) => command.inGroup !== true)
    .map((command) => `  ${usageOf(command).padEnd(COLUMN)} ${command.summary}`);
  return [
    style.strong("chaperone: watches privileged sessions and steps in before it happens"),
    "",
    "usage: chaperone COMMAND [options]",
    "",
    ...rows,
    "",
    "chaperone COMMAND --help tells more; chaperone --version tells the version.",
    "Exit codes: 0 fine, 1 the thing checked is bad, 2 usage, 3 could not run.",
  ].join("\n");
}

/** What a group of commands holds: one line each. */
export function groupHelp(commands: readonly Command[]): readonly string[] {
  return commands.map((command) => `${usageOf(command).padEnd(COLUMN)} ${command.summary}`);
}

export function commandHelp(command: Command, style: Style): string {
  const options = Object.entries(command.options).map(
    ([name, option]) => `  ${optionOf(name, option.value).padEnd(18)} ${option.help}`,
  );
  return [
    `usage: chaperone ${usageOf(command)}${options.length > 0 ? " [options]" : ""}`,
    "",
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    ...section("Options", options, style),
    ...section(
      "Notes",
      (command.notes ?? []).map((line) => `  ${line}`),
      style,
    ),
    ...section(
      "Examples",
      command.examples.map((line) => `  ${line}`),
      style,
    ),
  ].join("\n");
}

export function usageOf(command: Command): string {
  return [
    ...command.words,
    ...(command.positionals === undefined ? [] : [command.positionals]),
  ].join(" ");
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : ["", style.strong(title), ...lines];
}

function optionOf(name: string, value: string | undefined): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
