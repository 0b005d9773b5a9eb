import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseRecordingName } from "./recording-names.js";

/** The files of the recordings of one session, in the order of its channels. */
export function findRecordings(folder: string, session: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && parseRecordingName(entry.name)?.session === session)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
