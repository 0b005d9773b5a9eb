import { readdirSync } from "node:fs";
import { join } from "node:path";

import { programThere } from "./program.js";
import { openTerminal } from "./terminal.js";

/** Every asciicast below a folder. */
export function recordingsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".cast"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * What `asciinema cat` shows of a recording; undefined where there is no asciinema. It wants a terminal
 * of its own.
 */
export async function played(file: string): Promise<string | undefined> {
  if (!programThere("asciinema")) return undefined;
  const player = openTerminal("asciinema", ["cat", file]);
  const { code } = await player.exited;
  if (code !== 0) throw new Error(`asciinema cat ended with ${code}: ${player.received()}`);
  return player.received();
}
