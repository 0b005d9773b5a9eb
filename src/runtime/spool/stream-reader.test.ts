import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { segmentFile } from "./segment-name.js";
import { createStreamReader, type StreamReader } from "./stream-reader.js";

const STREAM = "w0-1-1-a";

describe("reading what one process writes", () => {
  let dir = "";
  const torn: [string, number][] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-stream-"));
    torn.length = 0;
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const segment = (number: number): string => join(dir, segmentFile(STREAM, number));
  function open(ended: boolean, offsets: Record<string, number> = {}): StreamReader {
    return createStreamReader({
      dir,
      stream: STREAM,
      ended,
      offsets,
      torn: (file, bytes) => torn.push([file, bytes]),
    });
  }
  function take(reader: StreamReader): string {
    const chunk = reader.read();
    if (typeof chunk === "string") return chunk;
    const text = chunk.toString();
    reader.advance(chunk.length);
    return text;
  }

  it("waits for a writer that lives, and goes on in its next segment", () => {
    const reader = open(false);
    expect(take(reader)).toBe("waiting");
    writeFileSync(segment(0), "a\nb");
    expect(take(reader)).toBe("a\n");
    expect(take(reader)).toBe("waiting");
    expect(reader.backlog()).toBe(1);
    appendFileSync(segment(0), "c\n");
    writeFileSync(segment(1), "d\n");
    expect([take(reader), take(reader), take(reader)]).toEqual(["bc\n", "d\n", "waiting"]);
    expect(reader.offsets()).toEqual({ [segmentFile(STREAM, 0)]: 5, [segmentFile(STREAM, 1)]: 2 });
    expect(reader.takeFinished()).toEqual([[segmentFile(STREAM, 0), 5]]);
    expect(reader.takeFinished()).toEqual([]);
    reader.close();
  });

  it("ends with a writer that is dead, and drops the line that it did not finish", () => {
    writeFileSync(segment(0), "a\nb\nhalf");
    const reader = open(true, { [segmentFile(STREAM, 0)]: 2 });
    reader.found(0);
    expect([take(reader), take(reader)]).toEqual(["b\n", "finished"]);
    expect(torn).toEqual([[segmentFile(STREAM, 0), 4]]);
    expect(reader.takeFinished()).toEqual([[segmentFile(STREAM, 0), 4]]);
    expect(reader.empty).toBe(true);
  });
});
