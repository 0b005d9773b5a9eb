import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeSink, never, parcels } from "../sink-lab.testing.js";
import { openRotatingFile } from "./rotating-file.js";
import { rotatingFileSink } from "./rotating-file-sink.js";

describe("a file of a sink", () => {
  let dir = "";
  let path = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-file-"));
    path = join(dir, "logs", "events.cef");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");

  it("is for its owner alone, and holds one event a line", async () => {
    const sink = makeSink(rotatingFileSink, { path });
    await sink.deliver(parcels(1, 3, "cef"), never);
    await sink.close();
    expect(read(path).trimEnd().split("\n")).toHaveLength(3);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "logs")).mode & 0o777).toBe(0o700);
  });

  it("is renamed when it would grow too large, and only so many are kept", async () => {
    const file = openRotatingFile({ path, sizeMax: 10, keep: 2, wallMs: () => 0 });
    for (const text of ["first\n", "second\n", "third\n", "fourth\n"]) await file.append(text);
    await file.close();
    expect([read(path), read(`${path}.1`), read(`${path}.2`), existsSync(`${path}.3`)]).toEqual([
      "fourth\n",
      "third\n",
      "second\n",
      false,
    ]);
  });

  it("takes as much as its limit, and not a byte more", async () => {
    const file = openRotatingFile({ path, sizeMax: 10, keep: 2, wallMs: () => 0 });
    await file.append("12345\n");
    await file.append("123\n");
    expect(existsSync(`${path}.1`)).toBe(false);
    await file.append("\n");
    expect(read(`${path}.1`)).toBe("12345\n123\n");
    await file.close();
  });

  it("is renamed when it is too old", async () => {
    let now = 1_000;
    const file = openRotatingFile({
      path,
      sizeMax: 1e6,
      ageMsMax: 500,
      keep: 2,
      wallMs: () => now,
    });
    await file.append("a\n");
    now = 1_400;
    await file.append("b\n");
    now = 1_500;
    await file.append("c\n");
    await file.close();
    expect([read(path), read(`${path}.1`)]).toEqual(["c\n", "a\nb\n"]);
  });

  it("goes on in a new file when it is told that the old one was renamed", async () => {
    const file = openRotatingFile({ path, sizeMax: 1e6, keep: 2, wallMs: () => 0 });
    await file.append("a\n");
    renameSync(path, `${path}.old`);
    file.reopen();
    await file.append("b\n");
    await file.close();
    expect([read(path), read(`${path}.old`)]).toEqual(["b\n", "a\n"]);
  });

  it("says when it can not be written", async () => {
    const file = openRotatingFile({ path: dir, sizeMax: 1e6, keep: 2, wallMs: () => 0 });
    expect(await file.append("a\n")).toMatchObject({ ok: false, error: { code: "CHP_SINK_FILE" } });
  });
});
