import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { endOfLastLine, readLines } from "./whole-lines.js";

/** Where in an event file: survives renaming, not copying. */
interface FilePosition {
  readonly inode: string;
  readonly size: number;
}

/**
 * The NDJSON event file: one event a line, appended, never rewritten, readable by its owner alone. What it
 * promises is said by the port of the runtime that it fills.
 */
export type EventFile = ReturnType<typeof eventFile>;

/** Opens or makes the file (0600, its folder 0700) and cuts off a line that a crash left unfinished. */
export function openEventFile(path: string): Result<EventFile, Fault> {
  const full = resolve(path);
  try {
    mkdirSync(dirname(full), { recursive: true, mode: 0o700 });
    return ok(eventFile(full, openForAppend(full)));
  } catch (error) {
    return err(unwritable(full, error));
  }
}

interface Handle {
  readonly fd: number;
  readonly inode: string;
  size: number;
}

function eventFile(path: string, first: Handle) {
  let handle = first;
  /** They use the file that was open when they began. */
  const syncing = new Set<Promise<Result<void, Fault>>>();

  return {
    get position(): FilePosition {
      return { inode: handle.inode, size: handle.size };
    },
    append(lines: Uint8Array): Result<void, Fault> {
      try {
        // Asked each time: a copy-and-truncate rotation shortens the file behind our back.
        handle.size = fstatSync(handle.fd).size;
        for (let done = 0; done < lines.length;) done += writeSync(handle.fd, lines, done);
        handle.size += lines.length;
        return ok(undefined);
      } catch (error) {
        return err(unwritable(path, takeBack(handle, error)));
      }
    },
    async sync(): Promise<Result<void, Fault>> {
      const synced = new Promise<Result<void, Fault>>((settled) => {
        fdatasync(handle.fd, (error) => {
          settled(error === null ? ok(undefined) : err(unwritable(path, error)));
        });
      });
      syncing.add(synced);
      const result = await synced;
      syncing.delete(synced);
      return result;
    },
    reopen(): Result<void, Fault> {
      try {
        const fresh = openForAppend(path);
        const old = handle.fd;
        handle = fresh;
        // No sync must be cut off, and what came after the last one not be forgotten with the file.
        void Promise.all(syncing).then(() => closeSync(old));
        fdatasyncSync(old);
        return ok(undefined);
      } catch (error) {
        return err(unwritable(path, error));
      }
    },
    moved: () => inodeOf(path) !== handle.inode,
    /** Also of a file that was renamed within its folder since. Lines are lent until the next one. */
    linesAfter: (from: FilePosition | null) => linesAfter(path, handle.inode, from),
    close: () => closeSync(handle.fd),
  };
}

function openForAppend(path: string): Handle {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
  const fd = openSync(path, flags, 0o600);
  try {
    const { ino, size } = fstatSync(fd, { bigint: true });
    const end = endOfLastLine(fd, Number(size));
    if (end < Number(size)) ftruncateSync(fd, end);
    return { fd, inode: String(ino), size: end };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** After a write that stopped half way (a full disk), no torn line may stay. */
function takeBack(handle: Handle, error: unknown): unknown {
  try {
    ftruncateSync(handle.fd, handle.size);
    return error;
  } catch (second) {
    return second;
  }
}

function* linesAfter(path: string, inode: string, from: FilePosition | null): Generator<Buffer> {
  if (from === null || from.inode === inode) {
    const size = inodeOf(path) === null ? 0 : statSync(path).size;
    // A shorter file was truncated by a rotation: all of it is new.
    yield* readLines(path, from === null || from.size > size ? 0 : from.size);
    return;
  }
  const renamed = siblingWithInode(path, from.inode);
  if (renamed !== null) {
    cutTornLine(renamed);
    yield* readLines(renamed, from.size);
  }
  yield* readLines(path, 0);
}

function siblingWithInode(path: string, inode: string): string | null {
  for (const file of readdirSync(dirname(path))) {
    if (file === basename(path)) continue;
    const sibling = join(dirname(path), file);
    if (inodeOf(sibling) === inode) return sibling;
  }
  return null;
}

function cutTornLine(path: string): void {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    const end = endOfLastLine(fd, size);
    if (end < size) truncateSync(path, end);
  } finally {
    closeSync(fd);
  }
}

function inodeOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : String(stat.ino);
}

function unwritable(path: string, error: unknown): Fault {
  const why = describeError(error);
  return fault("CHP_RUNTIME_EVENT_FILE", `${path}: ${why}`);
}
