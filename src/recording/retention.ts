import { readdir, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../kernel/index.js";
import { sessionOfFile } from "./recording-names.js";

interface RetentionOptions {
  readonly folder: string;
  /** Since the last write. */
  readonly keepMs: number;
  readonly nowMs: number;
  /** Sessions that run keep theirs, however long nothing was written. */
  readonly isLive: (session: string) => boolean;
}

interface Deleted {
  readonly files: number;
  /** What could not be looked at or deleted; tried again the next time. */
  readonly problems: readonly string[];
}

/** Enough to see what is wrong; a broken disk has as many as files. */
const PROBLEMS_MAX = 8;

/**
 * Deletes recordings that are older than they are kept, and folders of days that are empty then. Files
 * that are no recordings of ours stay. Days are looked at one after the other, in little memory.
 */
export async function deleteOldRecordings(options: RetentionOptions): Promise<Deleted> {
  const problems: string[] = [];
  let files = 0;

  async function attempt<T>(deed: () => Promise<T>): Promise<T | null> {
    try {
      return await deed();
    } catch (error) {
      if (!isGone(error) && problems.length < PROBLEMS_MAX) problems.push(describeError(error));
      return null;
    }
  }

  async function lookInto(path: string, depth: number): Promise<void> {
    const entries = (await attempt(() => readdir(path, { withFileTypes: true }))) ?? [];
    let kept = 0;
    for (const entry of entries) {
      const inner = join(path, entry.name);
      if (entry.isDirectory() && depth < DAY_DEPTH && /^\d{2,4}$/.test(entry.name)) {
        await lookInto(inner, depth + 1);
      }
      if (entry.isFile() && depth === DAY_DEPTH && (await isOld(inner, entry.name))) {
        const gone = await attempt(() => unlink(inner).then(() => true));
        if (gone === true) files += 1;
        else kept += 1;
      } else kept += 1;
    }
    // Only if empty; today's may be just made.
    if (depth === DAY_DEPTH && kept === 0 && (await isOldFolder(path))) {
      await attempt(() => rmdir(path));
    }
  }

  async function isOld(path: string, name: string): Promise<boolean> {
    const session = sessionOfFile(name);
    if (session === null || options.isLive(session)) return false;
    const facts = await attempt(() => stat(path));
    return facts !== null && facts.mtimeMs < options.nowMs - options.keepMs;
  }

  /** Deleting a file is a change of its folder: whoever emptied it now removes it the next time. */
  async function isOldFolder(path: string): Promise<boolean> {
    const facts = await attempt(() => stat(path));
    return facts !== null && facts.mtimeMs < options.nowMs - FRESH_MS;
  }

  await lookInto(options.folder, 0);
  return { files, problems };
}

/** `YYYY/MM/DD` */
const DAY_DEPTH = 3;
/** Somebody may be about to write into it. */
const FRESH_MS = 3_600_000;

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
