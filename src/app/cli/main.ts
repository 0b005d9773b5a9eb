import { loadCommands } from "./commands.js";
import { createConsole } from "./console.js";
import { EXIT } from "./exit-code.js";
import { runProgram } from "./program.js";
import { packageVersion } from "./version.js";

/** Entered by bin/chaperone.mjs. */
export async function main(): Promise<void> {
  // Whoever reads our output may stop reading (`| head`): that is no fault of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.fine);
    throw error;
  });
  const console = createConsole(process.stdout, process.stderr, process.env);
  process.exitCode = await runProgram(
    { commands: loadCommands, version: packageVersion(), console, env: process.env },
    process.argv.slice(2),
  );
}
