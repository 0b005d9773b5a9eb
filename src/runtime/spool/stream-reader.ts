import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createLineReader, type LineReader } from "./line-reader.js";
import { segmentFile } from "./segment-name.js";

/** Reads the segments of one writer, in order. */
export interface StreamReader {
  readonly stream: string;
  /** True once the writer is dead: its last segment is final too, and a torn line at its end is dropped. */
  ended: boolean;
  /** Tells that a segment exists; one that follows a known one is found without. */
  found(number: number): void;
  /** Whole lines, lent until the next read; or why there are none. */
  read(): Buffer | "waiting" | "finished";
  advance(bytes: number): void;
  /** Bytes taken, by segment file that is still there. */
  offsets(): Record<string, number>;
  /** Segments of which everything has been taken and nothing more can come, with their sizes; told once. */
  takeFinished(): readonly (readonly [file: string, offset: number])[];
  /** True when nothing is left to read or to delete. */
  readonly empty: boolean;
  /** Bytes written and not yet taken. */
  backlog(): number;
  close(): void;
}

export interface StreamReaderOptions {
  readonly dir: string;
  readonly stream: string;
  readonly ended: boolean;
  /** From the cursor. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Told about bytes at the end of a final segment that are no whole line. */
  readonly torn: (segment: string, bytes: number) => void;
}

export function createStreamReader(options: StreamReaderOptions): StreamReader {
  const { dir, stream } = options;
  /** Existing segments that are not finished, in order. */
  const numbers: number[] = [];
  const taken = new Map<number, number>();
  const finished: number[] = [];
  let reader: LineReader | null = null;
  let highest = -1;

  const path = (number: number): string => join(dir, segmentFile(stream, number));
  const bytesOf = (number: number): number =>
    statSync(path(number), { throwIfNoEntry: false })?.size ?? 0;

  /** A full segment was followed by a new one, or the first one was made. */
  function followed(): boolean {
    if (!existsSync(path(highest + 1))) return false;
    self.found(highest + 1);
    return true;
  }

  function finish(number: number): void {
    const rest = bytesOf(number) - (taken.get(number) ?? 0);
    if (rest > 0) options.torn(segmentFile(stream, number), rest);
    reader?.close();
    reader = null;
    numbers.shift();
    finished.push(number);
  }

  const self: StreamReader = {
    stream,
    ended: options.ended,
    found(number) {
      if (number <= highest) return;
      highest = number;
      numbers.push(number);
      taken.set(number, options.offsets[segmentFile(stream, number)] ?? 0);
    },
    read() {
      for (;;) {
        const number = numbers[0];
        if (number === undefined) {
          if (followed()) continue;
          return self.ended ? "finished" : "waiting";
        }
        // Asked before reading: what is written between the two calls is then still seen.
        const final = self.ended || numbers.length > 1;
        reader ??= createLineReader(path(number), taken.get(number) ?? 0);
        const chunk = reader.peek();
        if (chunk.length > 0) return chunk;
        // A full segment was followed by a new one meanwhile: only then this one is final, and read again.
        if (numbers.length === 1 && followed()) continue;
        if (!final) return "waiting";
        finish(number);
      }
    },
    advance(bytes) {
      reader?.advance(bytes);
      const number = numbers[0];
      if (number !== undefined) taken.set(number, (taken.get(number) ?? 0) + bytes);
    },
    offsets() {
      return Object.fromEntries(
        [...taken].map(([number, offset]) => [segmentFile(stream, number), offset]),
      );
    },
    takeFinished() {
      return finished.splice(0).map((number) => {
        const offset = taken.get(number) ?? 0;
        taken.delete(number);
        return [segmentFile(stream, number), offset] as const;
      });
    },
    get empty() {
      return taken.size === 0;
    },
    backlog() {
      return numbers.reduce((sum, n) => sum + bytesOf(n) - (taken.get(n) ?? 0), 0);
    },
    close() {
      reader?.close();
      reader = null;
    },
  };
  return self;
}
