import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import { createChainWalker, type ChainPosition } from "./chain-walker.js";
import { GENESIS, parseLine, parseRecord } from "./chain.js";
import { listSegments, readLines } from "./segments.js";

/** Where a log ends, and so where the next record goes. */
export interface LogEnd {
  next: number;
  head: string;
  /** -1: there is none yet. */
  segment: number;
  /** Bytes of the newest segment. */
  size: number;
  /** Number of the first record that no seal covers. */
  unsealedFrom: number;
  /** Ids of the newest events. */
  readonly seen: RecentIds;
  /** Id of the key that signs; null before the first record. */
  readonly key: string | null;
}

export interface RecentIds {
  has(id: string): boolean;
  add(id: string): void;
}

/**
 * What delivery can bring a second time after a crash: what was appended since its cursor was last on
 * the disk. That is a second of the busiest sidecar; this is ten.
 */
const RECENT_EVENTS_MAX = 50_000;

/**
 * Walks the newest segment. A torn last line is what a crash leaves: its event waits in the spool
 * still, so it is cut off. Anything else that is wrong needs a person, and is left as it is.
 */
export function findLogEnd(
  dir: string,
  mended: (segment: string, bytes: number) => void = () => undefined,
): Result<LogEnd, Fault> {
  const seen = createRecentIds();
  const empty = { next: 0, head: GENESIS, segment: -1, size: 0, unsealedFrom: 0, seen, key: null };
  try {
    const segments = listSegments(dir);
    rememberOlder(dir, segments.slice(0, -1), seen);
    for (const { file, number } of segments.toReversed()) {
      const walked = walkSegment(join(dir, file), seen, (bytes) => mended(file, bytes));
      if (!walked.ok) return walked;
      const { position, size } = walked.value;
      const { next, head, unsealedFrom, key } = position;
      if (next !== null) {
        const end = { next, head, segment: number, size, unsealedFrom: unsealedFrom ?? next, seen };
        return ok({ ...end, key: key?.id ?? null });
      }
      // The crash came between making the file and its first record.
      unlinkSync(join(dir, file));
    }
    return ok(empty);
  } catch (error) {
    const reason = describeError(error);
    return err(fault("CHP_SEALING_WRITE", `${dir}: ${reason}`));
  }
}

function walkSegment(
  path: string,
  seen: RecentIds,
  mended: (bytes: number) => void,
): Result<{ readonly position: ChainPosition; readonly size: number }, Fault> {
  const walker = createChainWalker();
  let size = 0;
  for (const line of readLines(path)) {
    if (!line.whole) {
      mended(statSync(path).size - line.offset);
      cut(path, line.offset);
      break;
    }
    const flaw = walker.line(line.text);
    if (flaw !== null) {
      return err(fault("CHP_SEALING_BROKEN", `${path}:${String(line.number)} ${flaw.message}`));
    }
    size = line.offset + line.text.length + 1;
    const id = eventId(line.text);
    if (id !== null) seen.add(id);
  }
  return ok({ position: walker.position, size });
}

/** Events at the end of an older segment may come again too: read back until enough are known. */
function rememberOlder(
  dir: string,
  older: readonly { readonly file: string }[],
  seen: RecentIds,
): void {
  const found: string[][] = [];
  let count = 0;
  for (const { file } of older.toReversed()) {
    if (count >= RECENT_EVENTS_MAX) break;
    const ids = [...readLines(join(dir, file))].flatMap((line) => eventId(line.text) ?? []);
    found.unshift(ids);
    count += ids.length;
  }
  for (const id of found.flat()) seen.add(id);
}

function eventId(text: string): string | null {
  const record = parseRecord(parseLine(text)?.payload ?? "");
  return record?.kind === "event" ? String(record.event["id"]) : null;
}

/**
 * An id is a subject and its sequence, and the events of a subject come in the order of that: the last number of
 * each is enough. Two generations of subjects, of which the older is forgotten whole.
 */
function createRecentIds(): RecentIds {
  let newer = new Map<string, number>();
  let older: ReadonlyMap<string, number> = new Map();
  return {
    has(id) {
      const at = id.lastIndexOf("-");
      const subject = id.slice(0, Math.max(0, at));
      const last = newer.get(subject) ?? older.get(subject);
      return last !== undefined && Number(id.slice(at + 1)) <= last;
    },
    add(id) {
      const at = id.lastIndexOf("-");
      const subject = id.slice(0, Math.max(0, at));
      if (newer.has(subject)) {
        newer.set(subject, Number(id.slice(at + 1)));
        return;
      }
      // Written anew: it is a view on the text of a whole event, which must not be kept with it.
      newer.set(Buffer.from(subject).toString(), Number(id.slice(at + 1)));
      if (newer.size < RECENT_EVENTS_MAX) return;
      older = newer;
      newer = new Map();
    },
  };
}

function cut(path: string, size: number): void {
  const fd = openSync(path, "r+");
  try {
    ftruncateSync(fd, size);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
