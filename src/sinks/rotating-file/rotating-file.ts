import { mkdir, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";

/** Lines in a file (0600) that is renamed when it is too large or too old. One caller at a time. */
export interface RotatingFile {
  /** Answers when the lines are on the disk; on a fault nothing of them is left. */
  append(lines: string): Promise<Result<void, Fault>>;
  /** The next append opens the path anew, after somebody has renamed the file. */
  reopen(): void;
  close(): Promise<void>;
}

export interface RotatingFileOptions {
  readonly path: string;
  readonly sizeMax: number;
  readonly ageMsMax?: number;
  readonly keep: number;
  readonly wallMs: () => number;
}

interface Current {
  readonly handle: FileHandle;
  size: number;
  readonly bornMs: number;
}

export function openRotatingFile(options: RotatingFileOptions): RotatingFile {
  const { path, sizeMax, ageMsMax, keep, wallMs } = options;
  let current: Current | null = null;
  let reopening = false;

  async function opened(): Promise<Current> {
    if (current !== null && !reopening) return current;
    await closeCurrent();
    reopening = false;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, "a", 0o600);
    const { size, birthtimeMs } = await handle.stat();
    current = { handle, size, bornMs: size === 0 ? wallMs() : birthtimeMs };
    return current;
  }

  async function closeCurrent(): Promise<void> {
    const old = current;
    current = null;
    await old?.handle.close();
  }

  /** PATH.6 becomes PATH.7, ..., PATH becomes PATH.1. */
  async function rotate(): Promise<void> {
    await closeCurrent();
    await unlink(`${path}.${keep}`).catch(ignoreMissing);
    for (let number = keep - 1; number >= 1; number -= 1) {
      await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
    }
    await rename(path, `${path}.1`).catch(ignoreMissing);
  }

  const isDue = ({ size, bornMs }: Current, more: number): boolean =>
    size > 0 &&
    (size + more > sizeMax || (ageMsMax !== undefined && wallMs() - bornMs >= ageMsMax));

  return {
    async append(lines) {
      const bytes = Buffer.from(lines, "utf8");
      try {
        if (isDue(await opened(), bytes.length)) await rotate();
        const file = await opened();
        await writeWhole(file, bytes);
        return ok(undefined);
      } catch (error) {
        await closeCurrent().catch(() => undefined);
        return err(fault("CHP_SINK_FILE", describeError(error)));
      }
    },
    reopen() {
      reopening = true;
    },
    close: closeCurrent,
  };
}

async function writeWhole(file: Current, bytes: Buffer): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.handle.write(bytes, done);
      done += bytesWritten;
    }
    await file.handle.datasync();
    file.size += bytes.length;
  } catch (error) {
    // A torn line must not stay in front of the copy that comes with the next attempt.
    await file.handle.truncate(file.size);
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
