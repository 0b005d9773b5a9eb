import type { Invocation } from "../../model/index.js";
import { field, fieldOf, UNKNOWN, type Field } from "../words/text.js";
import { readWrapper } from "./options.js";
import type { WrapperRow } from "./row.js";
import { behindSubcommand } from "./subcommand.js";
import { rowsOf, SHELLS } from "./table.js";

/**
 * Does this program read commands from the standard input that it inherits? A shell without `-c` and
 * without a script, `sudo -s`, `su`, `ssh HOST`, `chroot DIR`, `at`. Not when something else feeds it.
 */
export function readsCommands(one: Invocation): boolean {
  if (one.exec === null || one.pipeFrom !== undefined || one.stdin !== undefined) return false;
  if (one.redirects.some((redirect) => redirect.op.startsWith("<"))) return false;
  const args = one.argv.slice(1);
  if (SHELLS.has(one.exec)) return !runsSomethingElse(args);
  const words = args.map((word) => (word === null ? fieldOf(UNKNOWN) : field(word)));
  return rowsOf(one.exec)?.some((row) => rowReads(row, words)) === true;
}

function rowReads(row: WrapperRow, all: readonly Field[]): boolean {
  if (row.stdin === undefined) return false;
  const words = behindSubcommand(all, row);
  if (words === null) return false;
  const { options, rest } = readWrapper(words, row);
  const has = (names: readonly string[] | undefined): boolean =>
    names?.some((name) => options.has(name)) === true;
  if (rest.length > 0 || has(row.inert) || has(row.text) || has(row.program)) return false;
  return row.stdin === true || has(row.stdin);
}

/** `-c` takes the command from an argument, a first operand names a script file (unless `-s`). */
function runsSomethingElse(args: readonly (string | null)[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? null;
    // A word that can not be known may be `-s`: the safe reading is that stdin holds commands.
    if (arg === null) return false;
    if (/^(?:--rcfile|--init-file|[-+][a-zA-Z]*[oO])$/.test(arg)) i += 1;
    else if (arg === "--" || arg === "-") return args[i + 1] !== undefined;
    else if (/^(?:\/dev\/stdin|\/(?:dev|proc\/self)\/fd\/0)$/.test(arg)) return false;
    else if (!arg.startsWith("-") && !arg.startsWith("+")) return true;
    else if (arg.startsWith("--command")) return true;
    else if (!arg.startsWith("--") && arg.includes("c")) return true;
    else if (!arg.startsWith("--") && arg.includes("s")) return false;
  }
  return false;
}
