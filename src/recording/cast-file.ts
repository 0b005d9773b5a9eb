import { close, open, write } from "node:fs";
import { err, fault, ok, type Fault, type Result } from "../kernel/index.js";

/** A file of whole lines that is written behind the data path, in bounded memory. */
export interface CastFile {
  /** Takes whole lines, or answers false when the memory for them is full. */
  append(lines: string): boolean;
  /** No more lines; resolves when everything is written or has failed for good. */
  end(): Promise<void>;
}

export interface CastFileOptions {
  readonly path: string;
  /** A write failed; it is tried again with the next one. */
  readonly failed: (fault: Fault) => void;
  readonly bufferBytesMax?: number;
}

/**
 * What waits for the disk. One read of a socket (64 KiB) becomes at most six times as much in JSON;
 * with two of them waiting, the disk has had a whole turn of the event loop and is not keeping up.
 */
export const BUFFER_BYTES_MAX = 1024 * 1024;
/** A crash loses this much of a recording at most. */
const FLUSH_DELAY_MS = 250;
/** Enough to be worth a write at once. */
const FLUSH_BYTES = 32 * 1024;

/** The file is made with the first write; `path`'s folder must exist. */
export function createCastFile(options: CastFileOptions): CastFile {
  const bufferBytesMax = options.bufferBytesMax ?? BUFFER_BYTES_MAX;
  let lines: string[] = [];
  let waitingBytes = 0;
  let writingBytes = 0;
  let fd: number | null = null;
  let size = 0;
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<boolean> | null = null;

  function schedule(): void {
    if (working !== null) return;
    if (waitingBytes >= FLUSH_BYTES) flush();
    else timer ??= setTimeout(flush, FLUSH_DELAY_MS);
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    working ??= work();
  }

  async function work(): Promise<boolean> {
    const batch = lines;
    const bytes = Buffer.from(batch.join(""), "utf8");
    lines = [];
    writingBytes = bytes.length;
    waitingBytes = 0;
    const written = await commit(bytes);
    writingBytes = 0;
    working = null;
    if (!written.ok) {
      lines = [...batch, ...lines];
      waitingBytes += bytes.length;
      options.failed(written.error);
      timer ??= setTimeout(flush, FLUSH_DELAY_MS);
    } else if (lines.length > 0) schedule();
    return written.ok;
  }

  async function commit(bytes: Buffer): Promise<Result<void, Fault>> {
    try {
      fd ??= await openNew(options.path);
      // At a position, not appended: after a failure the next try overwrites a torn line.
      await writeAt(fd, bytes, size);
      size += bytes.length;
      return ok(undefined);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return err(fault("CHP_RECORDING_WRITE", `${options.path}: ${why}`));
    }
  }

  return {
    append(text) {
      // An upper bound would be three bytes a unit; what is counted here is exact for ASCII.
      const bytes = Buffer.byteLength(text, "utf8");
      if (waitingBytes + writingBytes + bytes > bufferBytesMax) return false;
      lines.push(text);
      waitingBytes += bytes;
      schedule();
      return true;
    },
    async end() {
      let good = true;
      while (good && (working !== null || lines.length > 0)) {
        flush();
        good = (await working) ?? true;
      }
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const last = fd;
      fd = null;
      if (last !== null) await new Promise<void>((closed) => close(last, () => closed()));
    },
  };
}

function openNew(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, "wx", 0o600, (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });
}

function writeAt(fd: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, written) => {
      if (error !== null) reject(error);
      else if (written === bytes.length) resolve();
      else writeAt(fd, bytes.subarray(written), position + written).then(resolve, reject);
    });
  });
}
