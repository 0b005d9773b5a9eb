import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { openEventFile, type EventFile } from "./event-file.js";

describe("the event file", () => {
  let dir = "";
  let path = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-events-"));
    path = join(dir, "inner", "events.ndjson");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function open(): EventFile {
    const file = openEventFile(path);
    if (!file.ok) throw new Error(file.error.message);
    return file.value;
  }
  const linesOf = (lines: Iterable<Buffer>): string[] => [...lines].map((line) => line.toString());

  it("is made for its owner alone, and appended to", async () => {
    const first = open();
    first.append(Buffer.from("one\n"));
    expect(await first.sync()).toMatchObject({ ok: true });
    first.close();
    const second = open();
    second.append(Buffer.from("two\n"));
    second.close();
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "inner")).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["", ""],
    ["one\n", "one\n"],
    ["one\ntw", "one\n"],
    ["no newline at all", ""],
    [`one\n${"x".repeat(200_000)}`, "one\n"],
  ])("loses only the line that a crash left unfinished (%#)", (before, after) => {
    open().close();
    writeFileSync(path, before);
    const file = open();
    expect(readFileSync(path, "utf8")).toBe(after);
    expect(file.position.size).toBe(after.length);
    file.close();
  });

  it("reads back exactly the lines after a position, however long they are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 8 }),
        fc.nat(8),
        (lengths, from) => {
          rmSync(path, { force: true });
          const file = open();
          const all = lengths.map((length, index) => `${index}${"y".repeat(length)}\n`);
          let position = file.position;
          all.forEach((line, index) => {
            if (index === from) position = file.position;
            file.append(Buffer.from(line));
          });
          if (from >= all.length) position = file.position;
          expect(linesOf(file.linesAfter(position))).toEqual(all.slice(from));
          expect(linesOf(file.linesAfter(null))).toEqual(all);
          file.close();
        },
      ),
      { seed, numRuns: 40 },
    );
  });

  it("is followed through a rotation that renames it", () => {
    const file = open();
    file.append(Buffer.from("one\n"));
    const position = file.position;
    file.append(Buffer.from("two\n"));
    expect(file.moved()).toBe(false);
    renameSync(path, `${path}.1`);
    expect(file.moved()).toBe(true);
    file.append(Buffer.from("three\n"));
    expect(file.reopen().ok).toBe(true);
    expect(file.moved()).toBe(false);
    file.append(Buffer.from("four\n"));
    expect(linesOf(file.linesAfter(position))).toEqual(["two\n", "three\n", "four\n"]);
    expect(readFileSync(path, "utf8")).toBe("four\n");
    file.close();
  });

  it("goes on at the start after a rotation that copies and truncates it", () => {
    const file = open();
    file.append(Buffer.from("one\ntwo\n"));
    const position = file.position;
    truncateSync(path, 0);
    file.append(Buffer.from("three\n"));
    expect(readFileSync(path, "utf8")).toBe("three\n");
    expect(file.position.size).toBe(6);
    expect(linesOf(file.linesAfter(position))).toEqual(["three\n"]);
    file.close();
  });

  it("that is renamed while it is synced is synced all the same", async () => {
    const file = open();
    file.append(Buffer.from("one\n"));
    const syncs = Array.from({ length: 8 }, () => file.sync());
    renameSync(path, `${path}.1`);
    expect(file.reopen().ok).toBe(true);
    for (const synced of await Promise.all(syncs)) expect(synced.ok).toBe(true);
    file.close();
  });

  it("keeps no part of what the disk has no room for", (context) => {
    open().close();
    const mount = join(dir, "inner");
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      const file = open();
      const line = Buffer.from(`${"x".repeat(9_999)}\n`);
      let kept = 0;
      while (file.append(line).ok) kept += 1;
      expect(kept).toBeGreaterThan(3);
      expect(readFileSync(path).length).toBe(kept * line.length);
      expect(file.position.size).toBe(kept * line.length);
      file.close();
    } finally {
      execFileSync("umount", [mount]);
    }
  });

  it("is a fault with its path when it can not be opened", () => {
    writeFileSync(join(dir, "inner"), "a file");
    expect(openEventFile(path)).toMatchObject({
      error: { code: "CHP_RUNTIME_EVENT_FILE", message: expect.stringContaining(path) as string },
    });
  });
});
