import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A file that asks whoever writes the log to change its signing key: the command line has no other way to
 * a sidecar that runs. It stays until the key was changed, over any kill.
 */
const ORDER = "rotate.order";

/** `dir` is the folder of the log. Throws what the file system says. */
export function orderRotation(dir: string): void {
  writeFileSync(join(dir, "keys", ORDER), "", { mode: 0o600 });
}

export function isRotationOrdered(dir: string): boolean {
  return existsSync(join(dir, "keys", ORDER));
}

/** Throws what the file system says. */
export function withdrawRotation(dir: string): void {
  rmSync(join(dir, "keys", ORDER), { force: true });
}
