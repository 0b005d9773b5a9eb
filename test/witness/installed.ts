import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ShellName } from "../../src/session/shell-lab.testing.js";

export function isInstalled(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

export function hasShell(shell: ShellName): boolean {
  return isInstalled(shell === "ash" ? "busybox" : shell);
}
