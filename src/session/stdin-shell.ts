import type { Analysis, Invocation } from "../model/index.js";

/**
 * Does this command start a shell that reads commands from the channel's stdin? Then what is sent
 * there are commands, and they are judged like typed ones (`ssh host bash -s < script`).
 */
export function readsCommandsFromStdin(analysis: Analysis): boolean {
  return analysis.invocations.some(isStdinShell);
}

const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "ksh",
  "mksh",
  "ash",
  "fish",
  "rbash",
]);

function isStdinShell(one: Invocation): boolean {
  if (one.exec === null || !SHELLS.has(one.exec)) return false;
  if (one.pipeFrom !== undefined || one.stdin !== undefined) return false;
  if (one.redirects.some((redirect) => redirect.op.startsWith("<"))) return false;
  return !runsSomethingElse(one.argv.slice(1));
}

/** `-c` takes the command from an argument, a first operand names a script file (unless `-s`). */
function runsSomethingElse(args: readonly (string | null)[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? null;
    // A word that can not be known may be `-s`: the safe reading is that stdin holds commands.
    if (arg === null) return false;
    if (arg === "--rcfile" || arg === "--init-file" || arg === "-o" || arg === "-O") i += 1;
    else if (arg === "--" || arg === "-") return args[i + 1] !== undefined;
    else if (!arg.startsWith("-") && !arg.startsWith("+")) return true;
    else if (!arg.startsWith("--") && arg.includes("c")) return true;
    else if (!arg.startsWith("--") && arg.includes("s")) return false;
  }
  return false;
}
