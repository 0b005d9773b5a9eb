import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { endOfLastLine, readLines } from "./whole-lines.js";

describe("whole lines", () => {
  let dir = "";
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "chaperone-lines-"))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("end where the last newline is, and are all there, however long they are", () => {
    const piece = fc.oneof(
      fc.constant("\n"),
      fc.integer({ min: 0, max: 70_000 }).map((n) => "z".repeat(n)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        const path = join(dir, "file");
        writeFileSync(path, text);
        const fd = openSync(path, "r");
        expect(endOfLastLine(fd, statSync(path).size)).toBe(text.lastIndexOf("\n") + 1);
        closeSync(fd);
        const lines = [...readLines(path, 0)].map((line) => line.toString());
        expect(lines.join("")).toBe(text.slice(0, text.lastIndexOf("\n") + 1));
        expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
      }),
      { seed, numRuns: 40 },
    );
  });
});
