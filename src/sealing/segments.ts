import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { SEALED_LINE_BYTES_MAX } from "./chain.js";

const SEGMENT = /^segment-(?<number>\d{8})\.log$/;
const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export function segmentName(number: number): string {
  return `segment-${String(number).padStart(8, "0")}.log`;
}

/** Segment files of a folder, oldest first. Throws what the file system says. */
export function listSegments(
  dir: string,
): readonly { readonly file: string; readonly number: number }[] {
  return readdirSync(dir)
    .flatMap((file) => {
      const number = SEGMENT.exec(file)?.groups?.["number"];
      return number === undefined ? [] : [{ file, number: Number(number) }];
    })
    .sort((a, b) => a.number - b.number);
}

export interface FileLine {
  /** Without its newline. */
  readonly text: string;
  /** 1 is the first line of the file. */
  readonly number: number;
  /** Where the line begins, in bytes. */
  readonly offset: number;
  /** False: the file ends before the line does, or the line is longer than any of ours. */
  readonly whole: boolean;
}

/** Line by line, holding one line at most. Throws what the file system says. */
export function* readLines(path: string): Generator<FileLine> {
  const fd = openSync(path, "r");
  try {
    // What has been read of a line: looked through once, and joined once, however long it gets.
    let parts: Buffer[] = [];
    let length = 0;
    let number = 1;
    let offset = 0;
    for (;;) {
      let chunk = Buffer.alloc(READ_BYTES);
      chunk = chunk.subarray(0, readSync(fd, chunk, 0, READ_BYTES, null));
      if (chunk.length === 0) break;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE)) {
        const text = textOf(parts, chunk.subarray(0, end));
        yield { text, number, offset, whole: true };
        number += 1;
        offset += text.length + 1;
        chunk = chunk.subarray(end + 1);
        parts = [];
        length = 0;
      }
      if (chunk.length > 0) parts.push(chunk);
      length += chunk.length;
      if (length > SEALED_LINE_BYTES_MAX) break;
    }
    if (length > 0) yield { text: textOf(parts), number, offset, whole: false };
  } finally {
    closeSync(fd);
  }
}

/** As latin1: as many characters as bytes. */
function textOf(parts: readonly Buffer[], last: Buffer = NOTHING): string {
  return (parts.length === 0 ? last : Buffer.concat([...parts, last])).toString("latin1");
}

const NOTHING = Buffer.alloc(0);
