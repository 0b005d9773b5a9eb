import { isComplete } from "./syntax/completeness.js";
import { parseScript } from "./syntax/parse-script.js";

/**
 * The commands of a text of several lines, as a shell that reads line after line takes them: a line that
 * asks for more stays together with those that follow. null: more lines than are looked at.
 */
export function commandLines(text: string): readonly string[] | null {
  const lines = text.split("\n");
  if (lines.length > LINES_MAX || text.length > CHARS_MAX) return null;
  const commands: string[] = [];
  let open = "";
  for (const line of lines) {
    const command = open === "" ? line : `${open}\n${line}`;
    const parsed = parseScript(command);
    const over = !parsed.ok || isComplete(command, parsed);
    if (over && command.trim() !== "") commands.push(command);
    open = over ? "" : command;
  }
  return open === "" ? commands : [...commands, open];
}

/** Each may be parsed as often as the command has lines. */
const LINES_MAX = 64;
const CHARS_MAX = 16 * 1024;
