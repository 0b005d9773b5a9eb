import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where the last line that ends with a newline ends; 0 when there is none. */
export function endOfLastLine(fd: number, size: number): number {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const got = readSync(fd, buffer, 0, end - start, start);
    const newline = buffer.subarray(0, got).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** The lines of a file from an offset on, newline included; an unfinished last one is left out. */
export function* readLines(path: string, from: number): Generator<Buffer> {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (let offset = from; ;) {
      const got = readSync(fd, buffer, 0, CHUNK_BYTES, offset);
      if (got === 0) return;
      offset += got;
      let bytes: Buffer = Buffer.concat([rest, buffer.subarray(0, got)]);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
        yield bytes.subarray(0, end + 1);
        bytes = bytes.subarray(end + 1);
      }
      rest = bytes;
    }
  } finally {
    closeSync(fd);
  }
}
