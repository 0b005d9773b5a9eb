import { open, type FileHandle } from "node:fs/promises";

/** Where a recording goes, piece by piece. */
export interface GrowingFile {
  /**
   * Throws what the file system says; then the next call brings the same bytes again, and may bring
   * more behind them.
   */
  append(bytes: Buffer): Promise<void>;
  /** Nothing comes any more. Throws what the file system says. */
  end(): Promise<void>;
}

/** The bytes as they are. The file is made with the first of them; `path`'s folder must exist. */
export function createPlainFile(path: string): GrowingFile {
  let file: FileHandle | null = null;
  let size = 0;
  return {
    async append(bytes) {
      file ??= await open(path, "wx", 0o600);
      // At a position, not appended: after a failure the next try overwrites a torn line.
      await writeAt(file, bytes, size);
      size += bytes.length;
    },
    async end() {
      const last = file;
      file = null;
      if (last === null) return;
      try {
        // A torn line that a failed write has left is no part of it.
        await last.truncate(size);
      } finally {
        await last.close();
      }
    },
  };
}

export async function writeAt(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
