import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OpenSession } from "./open-sessions.js";
import type { FilePosition } from "./ports.js";
import { syncFolder, writeAll } from "./spool-writer.js";

/** How far delivery has come, as of one moment at which the event file was on the disk. */
export interface DeliveryRecord {
  /** The event file held everything up to here. */
  readonly file: FilePosition;
  /** The same of the outbox, where there is one. */
  readonly outbox?: number;
  /** Bytes delivered, by segment. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Sessions that changed since the record before; null: closed. */
  readonly sessions: Readonly<Record<string, OpenSession | null>>;
}

/**
 * The durable cursor: a file of records, the sum of which is the state. Appending a line is cheaper
 * than replacing a file, and a torn last line only makes the cursor a little older, which delivery
 * tolerates: it looks into the event file for what stands after the cursor.
 */
export interface DeliveryJournal {
  append(record: string): void;
  /** True when the file has grown so much that it should be written anew. */
  readonly large: boolean;
  /** Replaces everything by one record that holds the whole state. */
  replace(whole: string): void;
  close(): void;
}

/** Read whole at start: keeps a start after a crash under some ten milliseconds. */
const JOURNAL_BYTES_MAX = 2 * 1024 * 1024;
const FILE = "delivery.journal";

/** The sum of the records; null on the first start. */
export function readDeliveryJournal(dir: string): DeliveryRecord | null {
  const path = join(dir, FILE);
  if (!existsSync(path)) return null;
  const records = readFileSync(path, "utf8")
    .split("\n")
    .map(parseRecord)
    .filter((record) => record !== null);
  const last = records.at(-1);
  if (last === undefined) return null;
  const offsets: Record<string, number> = {};
  const sessions: Record<string, OpenSession | null> = {};
  for (const record of records) {
    Object.assign(offsets, record.offsets);
    Object.assign(sessions, record.sessions);
  }
  const { file, outbox } = last;
  return { file, offsets, sessions, ...(outbox === undefined ? {} : { outbox }) };
}

/** A record as it is kept: what it tells of may change from now on. */
export function writtenRecord(record: DeliveryRecord): string {
  return JSON.stringify(record);
}

/** Throws what the file system says: without its cursor the sidecar must not start. */
export function openDeliveryJournal(dir: string): DeliveryJournal {
  const path = join(dir, FILE);
  let fd = openSync(path, "a", 0o600);
  let size = existsSync(path) ? readFileSync(path).length : 0;
  /** A newline first, so that a line torn by a crash spoils only itself. */
  let prefix = size > 0 ? "\n" : "";

  return {
    get large() {
      return size > JOURNAL_BYTES_MAX;
    },
    append(record) {
      const bytes = Buffer.from(`${prefix}${record}\n`, "utf8");
      prefix = "\n";
      writeAll(fd, bytes);
      prefix = "";
      size += bytes.length;
    },
    replace(whole) {
      const fresh = `${path}.new`;
      const bytes = Buffer.from(`${whole}\n`, "utf8");
      const freshFd = openSync(fresh, "w", 0o600);
      try {
        writeAll(freshFd, bytes);
        fsyncSync(freshFd);
      } finally {
        closeSync(freshFd);
      }
      renameSync(fresh, path);
      syncFolder(dirname(path));
      closeSync(fd);
      fd = openSync(path, "a", 0o600);
      size = bytes.length;
      prefix = "";
    },
    close: () => closeSync(fd),
  };
}

function parseRecord(line: string): DeliveryRecord | null {
  if (line === "") return null;
  try {
    // Written by this module alone, in a folder that only the sidecar's user may enter.
    return JSON.parse(line) as DeliveryRecord;
  } catch {
    return null;
  }
}
