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
    let rest = Buffer.alloc(0);
    let number = 1;
    let offset = 0;
    const chunk = Buffer.alloc(READ_BYTES);
    for (;;) {
      const count = readSync(fd, chunk, 0, READ_BYTES, null);
      if (count === 0) break;
      let bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE)) {
        yield { text: bytes.toString("latin1", 0, end), number, offset, whole: true };
        number += 1;
        offset += end + 1;
        bytes = bytes.subarray(end + 1);
      }
      rest = bytes;
      if (rest.length > SEALED_LINE_BYTES_MAX) break;
    }
    if (rest.length > 0) yield { text: rest.toString("latin1"), number, offset, whole: false };
  } finally {
    closeSync(fd);
  }
}
