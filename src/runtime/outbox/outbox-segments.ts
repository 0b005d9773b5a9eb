import { closeSync, ftruncateSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";

/** One file of the outbox; its name is the position of its first byte. */
export interface OutboxSegment {
  readonly file: string;
  readonly start: number;
}

const SUFFIX = ".ndjson";
const DIGITS = 16;
const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;

export function outboxFile(start: number): string {
  return `${String(start).padStart(DIGITS, "0")}${SUFFIX}`;
}

/** In order; other files are left alone. */
export function listOutboxSegments(dir: string): readonly OutboxSegment[] {
  return readdirSync(dir)
    .filter((file) => /^\d{16}\.ndjson$/.test(file))
    .map((file) => ({ file, start: Number(file.slice(0, DIGITS)) }))
    .sort((a, b) => a.start - b.start);
}

/** Cuts off a line that a crash left unfinished; the size that stays. */
export function cutTornEnd(path: string): number {
  const fd = openSync(path, "r+");
  try {
    const { size } = fstatSync(fd);
    const end = endOfLastLine(fd, size);
    if (end < size) ftruncateSync(fd, end);
    return end;
  } finally {
    closeSync(fd);
  }
}

function endOfLastLine(fd: number, size: number): number {
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
