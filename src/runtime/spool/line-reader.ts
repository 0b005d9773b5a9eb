import { closeSync, openSync, readSync } from "node:fs";

/** Reads whole lines of a file that may still grow, in bounded chunks. */
export interface LineReader {
  /** Where the next unread line starts. */
  readonly offset: number;
  /**
   * Whole lines from `offset` on, at most one chunk of them (more when one line is longer than a
   * chunk); empty at the end of the file or before a line that is not finished yet. Does not move.
   * The bytes are lent until any reader peeks again.
   */
  peek(): Buffer;
  /** Moves past bytes that `peek` returned. */
  advance(bytes: number): void;
  close(): void;
}

export const READ_CHUNK_BYTES = 256 * 1024;
/** No event is longer (the longest exec request is 35,000 bytes); what is longer is not a line. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
/** Shared by all readers: they work one after the other, and each use ends before the next begins. */
const scratch = Buffer.allocUnsafeSlow(READ_CHUNK_BYTES);

/** Throws what open(2) says when the file can not be read. */
export function createLineReader(path: string, from: number): LineReader {
  const fd = openSync(path, "r");
  let offset = from;

  function read(length: number): Buffer {
    const buffer = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const got = readSync(fd, buffer, filled, length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return buffer.subarray(0, filled);
  }

  return {
    get offset() {
      return offset;
    },
    peek() {
      for (let length = READ_CHUNK_BYTES; length <= LINE_BYTES_MAX; length *= 4) {
        const chunk = read(length);
        const end = chunk.lastIndexOf(NEWLINE);
        if (end >= 0) return chunk.subarray(0, end + 1);
        if (chunk.length < length) return NOTHING;
      }
      return NOTHING;
    },
    advance(bytes) {
      offset += bytes;
    },
    close: () => closeSync(fd),
  };
}

/** The lines of a chunk that ends with a newline, each with its newline. */
export function* splitLines(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(NEWLINE, start) + 1;
    yield chunk.subarray(start, end);
    start = end;
  }
}
