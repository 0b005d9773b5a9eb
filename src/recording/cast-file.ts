import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { GrowingFile } from "./growing-file.js";

/** A file of whole lines that is written behind the data path, in bounded memory. */
export interface CastFile {
  /** Takes whole lines, or answers false when the memory for them is full. */
  append(lines: string): boolean;
  /** No more lines; resolves when everything is written or has failed for good. */
  end(): Promise<void>;
}

export interface CastFileOptions {
  /** Told with a failure. */
  readonly path: string;
  readonly file: GrowingFile;
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

export function createCastFile(options: CastFileOptions): CastFile {
  const bufferBytesMax = options.bufferBytesMax ?? BUFFER_BYTES_MAX;
  let lines: string[] = [];
  let waitingBytes = 0;
  let writingBytes = 0;
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
      await options.file.append(bytes);
      return ok(undefined);
    } catch (error) {
      return err(lost(error));
    }
  }

  const lost = (error: unknown): Fault =>
    fault("CHP_RECORDING_WRITE", `${options.path}: ${describeError(error)}`);

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
      try {
        await options.file.end();
      } catch (error) {
        options.failed(lost(error));
      }
    },
  };
}
