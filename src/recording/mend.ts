import {
  openSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  readdirSync,
  readSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { wallMicros, type WallMicros } from "../kernel/index.js";
import { dayOf } from "./recording-names.js";

const DAY_MICROS = 86_400_000_000;
/** More than the longest line that a recorder writes at once. */
const TAIL_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Cuts off the line that a kill has left unfinished at the end of a session's recordings, so that
 * every player takes them; an encrypted one has its end in a tail, and needs no mending. Looks into the days from `openedAt` to `now`, at most `DAYS_MAX` of them.
 * Returns the files that were mended.
 */
export function mendRecordings(
  folder: string,
  facts: { readonly session: string; readonly openedAt: WallMicros; readonly now: WallMicros },
): readonly string[] {
  const mended: string[] = [];
  const days = Math.min(DAYS_MAX, Math.ceil((facts.now - facts.openedAt) / DAY_MICROS) + 1);
  for (let day = 0; day <= days; day += 1) {
    const at = wallMicros(facts.openedAt + (day - 1) * DAY_MICROS);
    const path = join(folder, ...dayOf(at));
    for (const file of filesIn(path, facts.session)) {
      // A tail that was not put in its place: the one before it is there.
      if (file.endsWith(".tail.age.new")) unlinkSync(file);
      else if (/\.(?:cast|web)$/.test(file) && mend(file)) mended.push(file);
    }
  }
  return mended;
}

/** A session that lives longer has older recordings, which were closed long before the kill. */
const DAYS_MAX = 31;

function filesIn(folder: string, session: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.startsWith(`${session}-`))
      .map((file) => join(folder, file));
  } catch {
    return []; // no recordings on that day
  }
}

function mend(path: string): boolean {
  const fd = openSync(path, "r+");
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - TAIL_BYTES);
    const tail = Buffer.alloc(size - start);
    readSync(fd, tail, 0, tail.length, start);
    const end = start + tail.lastIndexOf(NEWLINE) + 1;
    if (end === size) return false;
    ftruncateSync(fd, end);
    return true;
  } finally {
    closeSync(fd);
  }
}
