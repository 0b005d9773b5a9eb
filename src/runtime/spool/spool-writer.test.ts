import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLine } from "./checked-line.js";
import { LINE_BYTES_MAX, splitLines } from "./line-reader.js";
import { parseSegmentFile } from "./segment-name.js";
import { createSpoolWriter } from "./spool-writer.js";

const STREAM = "w0-1-1-abc";

describe("the spool of one process", () => {
  let dir = "";
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "chaperone-spool-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const whole = (): string =>
    readdirSync(dir)
      .sort()
      .flatMap((file) => [...splitLines(readFileSync(join(dir, file)))])
      .map((line) => openLine(line)?.toString("utf8") ?? "damaged")
      .join("");

  it("makes no file before the first event, and then one that nobody else may read", () => {
    const spool = createSpoolWriter({ dir, stream: STREAM });
    expect(readdirSync(dir)).toEqual([]);
    expect(spool.append("a\n").ok).toBe(true);
    const [file = ""] = readdirSync(dir);
    expect(parseSegmentFile(file)).toMatchObject({ stream: STREAM, number: 0 });
    expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
    expect(spool.sync().ok).toBe(true);
    spool.close();
  });

  it("goes on in a new segment when one is full, and cuts no line", () => {
    const spool = createSpoolWriter({ dir, stream: STREAM, segmentBytesMax: 28 });
    for (const line of ["1234\n", "5678\n", "9\n", "longer than a segment\n"]) spool.append(line);
    spool.close();
    expect(readdirSync(dir)).toHaveLength(3);
    expect(whole()).toBe("1234\n5678\n9\nlonger than a segment\n");
  });

  it("refuses an event that no reader would take", () => {
    const spool = createSpoolWriter({ dir, stream: STREAM });
    const most = LINE_BYTES_MAX - "00000000 ".length;
    expect(spool.append("x".repeat(most))).toMatchObject({ ok: true });
    expect(spool.append("x".repeat(most + 1))).toMatchObject({ ok: false });
    spool.close();
  });

  it("refuses events when too many wait, and takes them again when they are delivered", () => {
    const spool = createSpoolWriter({
      dir,
      stream: STREAM,
      segmentBytesMax: 19,
      streamBytesMax: 38,
    });
    expect([1, 2, 3].map(() => spool.append("123456789\n").ok)).toEqual([true, true, false]);
    unlinkSync(join(dir, readdirSync(dir)[0] ?? ""));
    expect(spool.append("123456789\n").ok).toBe(true);
    spool.close();
  });

  it("leaves nothing of an event for which the disk has no room", (context) => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", dir], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      const spool = createSpoolWriter({ dir, stream: STREAM });
      const line = `${"x".repeat(999)}\n`;
      let kept = 0;
      while (spool.append(line.repeat(7)).ok) kept += 7;
      expect(kept).toBeGreaterThan(20);
      expect(spool.append(line.repeat(7))).toMatchObject({
        error: { code: "CHP_RUNTIME_SPOOL_WRITE" },
      });
      expect(whole()).toBe(line.repeat(kept));
      // The disk has room again: the stream goes on where it was.
      writeFileSync(join(dir, readdirSync(dir)[0] ?? ""), "");
      expect(spool.append("after\n").ok).toBe(true);
      expect(whole()).toContain("after\n");
      spool.close();
    } finally {
      execFileSync("umount", [dir]);
    }
  });
});

describe("the name of a segment", () => {
  it.each([
    "delivery.journal",
    "w1-2-3.ndjson",
    "w1-4711-000003.ndjson",
    "x-1-1-a-000000.ndjson",
    ".ndjson",
  ])("is not %s", (file) => expect(parseSegmentFile(file)).toBeNull());

  it("tells who wrote it, and its place in the row", () => {
    expect(parseSegmentFile("parent-12-3456-lx2k-000042.ndjson")).toEqual({
      stream: "parent-12-3456-lx2k",
      role: "parent",
      process: { pid: 12, born: "3456" },
      number: 42,
    });
  });
});
