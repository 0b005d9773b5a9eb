import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";

/** How far a sink has come, on disk. */
export interface Cursor {
  /** Null when this sink has never been told anything. */
  readonly position: number | null;
  /** Writes the position and waits for the disk; throws what the file system says. */
  save(position: number): Promise<void>;
}

const SUFFIX = ".cursor";

/**
 * A cursor that can not be read any more (a power loss while it was written) is taken for the
 * beginning: events are told again, which receivers can tell by their ids.
 */
export function openCursor(dir: string, name: string): Cursor {
  const path = join(dir, `${name}${SUFFIX}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    position: existsSync(path) ? parse(readFileSync(path, "utf8")) : null,
    async save(position) {
      const fresh = `${path}.new`;
      const file = await open(fresh, "w", 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ position })}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    },
  };
}

/** A sink that comes back after it was taken out of the configuration starts with what happens then. */
export function forgetOtherCursors(dir: string, names: ReadonlySet<string>): void {
  if (!existsSync(dir)) return;
  for (const file of readdirSync(dir)) {
    if (!file.endsWith(SUFFIX) || names.has(file.slice(0, -SUFFIX.length))) continue;
    unlinkSync(join(dir, file));
  }
}

function parse(text: string): number {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "position" in value) {
      const { position } = value;
      if (typeof position === "number" && Number.isSafeInteger(position)) return position;
    }
  } catch {
    // Not JSON: as below.
  }
  return 0;
}

export const cursorFolder = (stateDir: string): string => join(stateDir, "sinks");
