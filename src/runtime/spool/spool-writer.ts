import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { checkedLines } from "./checked-line.js";
import { LINE_BYTES_MAX } from "./line-reader.js";
import { parseSegmentFile, segmentFile } from "./segment-name.js";

/** Where one process keeps its events until the parent has delivered them. */
export interface SpoolWriter {
  readonly stream: string;
  /** Number of the segment written last; earlier ones are final. */
  readonly segment: number;
  /**
   * Writes whole lines; when it answers ok, they survive the death of this process. On a fault
   * nothing of them is left in the segment.
   */
  append(lines: string): Result<void, Fault>;
  /** Waits until what was appended survives a power loss. */
  sync(): Result<void, Fault>;
  close(): void;
}

export interface SpoolWriterOptions {
  readonly dir: string;
  readonly stream: string;
  /** Told after every append; must not throw. */
  readonly appended?: () => void;
  readonly segmentBytesMax?: number;
  readonly streamBytesMax?: number;
}

/** Small enough to be given back soon after delivery, large enough to make a new file a rare thing. */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** What one process may keep undelivered (the event file is stuck) before its sessions end. */
export const STREAM_BYTES_MAX = 256 * 1024 * 1024;

export function createSpoolWriter(options: SpoolWriterOptions): SpoolWriter {
  const segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX;
  const streamBytesMax = options.streamBytesMax ?? STREAM_BYTES_MAX;
  let number = -1;
  let fd: number | null = null;
  let size = 0;
  /** Set while the end of the segment may hold a part of a line that could not be taken back. */
  let torn = false;
  /** The name of a new segment is durable only once its folder is. */
  let folderSynced = true;

  function openNext(): number {
    const next = number + 1;
    const opened = openSync(
      join(options.dir, segmentFile(options.stream, next)),
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND,
      0o600,
    );
    close();
    number = next;
    size = 0;
    torn = false;
    folderSynced = false;
    fd = opened;
    return opened;
  }

  function close(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }

  function takeBack(): void {
    if (fd === null) return;
    torn = true;
    try {
      ftruncateSync(fd, size);
      torn = false;
    } catch {
      // The next append opens a new segment; the reader drops the torn line of the final one.
    }
  }

  return {
    stream: options.stream,
    get segment() {
      return number;
    },
    append(lines) {
      const bytes = checkedLines(lines);
      if (bytes.length > LINE_BYTES_MAX) {
        return err(fault("CHP_RUNTIME_SPOOL_WRITE", `an event of ${bytes.length} bytes`));
      }
      try {
        const full = fd === null || torn || (size > 0 && size + bytes.length > segmentBytesMax);
        if (full && undelivered(options) + bytes.length > streamBytesMax) {
          return err(fault("CHP_RUNTIME_SPOOL_FULL", `${options.stream} is at its limit`));
        }
        const open = full || fd === null ? openNext() : fd;
        writeAll(open, bytes);
        size += bytes.length;
      } catch (error) {
        takeBack();
        return err(fault("CHP_RUNTIME_SPOOL_WRITE", `${options.stream}: ${describeError(error)}`));
      }
      options.appended?.();
      return ok(undefined);
    },
    sync() {
      if (fd === null) return ok(undefined);
      try {
        fdatasyncSync(fd);
        if (!folderSynced) syncFolder(options.dir);
        folderSynced = true;
        return ok(undefined);
      } catch (error) {
        return err(fault("CHP_RUNTIME_SPOOL_WRITE", `${options.stream}: ${describeError(error)}`));
      }
    },
    close,
  };
}

/** Bytes of this stream that nobody has taken yet; asked once a segment, not once a line. */
function undelivered(options: SpoolWriterOptions): number {
  let bytes = 0;
  for (const file of readdirSync(options.dir)) {
    if (parseSegmentFile(file)?.stream !== options.stream) continue;
    // The parent may delete it between the two calls.
    bytes += statSync(join(options.dir, file), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** write(2) may take less than it was given. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

export function syncFolder(dir: string): void {
  const fd = openSync(dir, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
