import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";

/** How far a sink has come, on disk. */
export interface Cursor {
  /** As it was when it was opened. */
  readonly position: number;
  /** Writes the position and waits for the disk; throws what the file system says. */
  save(position: number): Promise<void>;
}

const SUFFIX = ".cursor";

/**
 * A sink that was never told anything starts at `beginning`, and the disk knows it when this returns:
 * who would write it down with the first success would, killed before that, begin behind what was
 * never told.
 */
export function openCursor(dir: string, name: string, beginning: number): Cursor {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = pathOf(dir, name);
  const known = readCursor(dir, name);
  if (known === null) writeNow(dir, path, beginning);
  return {
    position: known ?? beginning,
    async save(position) {
      const fresh = `${path}.new`;
      const file = await open(fresh, "w", 0o600);
      try {
        await file.writeFile(textOf(position));
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    },
  };
}

/**
 * Null when this sink has never been told anything. A cursor that can not be read any more (a power
 * loss while it was written) is taken for the beginning: events are told again, which receivers can
 * tell by their ids.
 */
export function readCursor(dir: string, name: string): number | null {
  const path = pathOf(dir, name);
  return existsSync(path) ? parse(readFileSync(path, "utf8")) : null;
}

/** At the start of the sidecar, before anything is told; throws what the file system says. */
function writeNow(dir: string, path: string, position: number): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, "w", 0o600);
  try {
    writeSync(file, textOf(position));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dir, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const pathOf = (dir: string, name: string): string => join(dir, `${name}${SUFFIX}`);
const textOf = (position: number): string => `${JSON.stringify({ position })}\n`;

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
