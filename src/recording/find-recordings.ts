import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sessionOfFile } from "./recording-names.js";

/** The files of the recordings of these sessions, in the order of days, sessions and channels. */
export function findRecordings(folder: string, sessions: readonly string[]): readonly string[] {
  if (sessions.length === 0 || !existsSync(folder)) return [];
  const wanted = new Set(sessions);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.has(sessionOfFile(entry.name) ?? ""))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
