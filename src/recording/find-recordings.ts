import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { castFileName, dumpFileName } from "./recordings.js";

/** The recordings of one session, in the order of its channels. */
export function findRecordings(folder: string, session: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isOf(entry.name, session))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function isOf(name: string, session: string): boolean {
  const channel = Number(/-(?<channel>\d+)\.(?:cast|guac)$/.exec(name)?.groups?.["channel"]);
  return name === castFileName(session, channel) || name === dumpFileName(session, channel);
}
