import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRecordingsPort } from "./recordings-port.js";

describe("recordings, for the control API", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-recordings-port-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const FILES = [
    "a-b-0.cast",
    "a-b-1.guac",
    "s-0.cast.age",
    "s-0.cast.tail.age",
    "s-0.input.cast.age",
    "s-0.input.cast.tail.age",
    "s-1.guac.age",
  ];

  it("are found by an id each, encrypted ones and their parts too, and nothing else is", async () => {
    const day = join(folder, "2026", "11", "20");
    mkdirSync(day, { recursive: true });
    for (const file of [...FILES, "s-0.cast.tail.age.new", "notes.txt"]) {
      writeFileSync(join(day, file), `of ${file}`);
    }
    const port = createRecordingsPort(folder, (session) => session === "s");
    const listed = await port.list({ limit: 100 });
    expect(Object.fromEntries(listed.map((one) => [one.id, one]))).toMatchObject({
      "a-b-0": { session: "a-b", channel: 0, format: "asciicast", encrypted: false, live: false },
      "a-b-1": { session: "a-b", channel: 1, format: "guacamole", encrypted: false },
      "s-0": { session: "s", encrypted: true, format: "asciicast", live: true },
      "s-0.tail": { session: "s", encrypted: true },
      "s-0.input": { session: "s", encrypted: true },
      "s-0.input.tail": { session: "s", encrypted: true },
      "s-1": { session: "s", channel: 1, encrypted: true, format: "guacamole" },
    });
    expect(listed).toHaveLength(FILES.length);
    for (const { id, encrypted } of listed) {
      const opened = await port.open(id);
      if (!opened.ok) throw new Error(`${id}: ${opened.error.message}`);
      expect(opened.value.encrypted).toBe(encrypted);
      expect(FILES).toContain(opened.value.fileName);
      expect(await text(opened.value.content)).toBe(`of ${opened.value.fileName}`);
    }
    for (const id of ["s-2", "s-1.tail", "a-b-0.tail", "notes"]) {
      expect(await port.open(id)).toMatchObject({ ok: false });
    }
  });

  it("hand out what files and clipboards held, by the name in the event, and nothing beside it", async () => {
    const day = join(folder, "2026", "11", "20");
    mkdirSync(day, { recursive: true });
    const kept = {
      "s-0.content-1": "s-0.content-1.bin",
      "s-0.content-2": "s-0.content-2.cut.bin",
      "s-0.content-3": "s-0.content-3.bin.age",
      "s-0.content-4": "s-0.content-4.cut.bin.age",
      "s-0.content-4.tail": "s-0.content-4.bin.tail.age",
    };
    for (const file of [...Object.values(kept), "s-0.content-5.bin.new", "s-0.cast"]) {
      writeFileSync(join(day, file), `of ${file}`);
    }
    const port = createRecordingsPort(folder, () => false);
    for (const [name, fileName] of Object.entries(kept)) {
      const opened = await port.openContent(name);
      if (!opened.ok) throw new Error(`${name}: ${opened.error.message}`);
      expect(opened.value).toMatchObject({ fileName, bytes: `of ${fileName}`.length });
      expect(await text(opened.value.content)).toBe(`of ${fileName}`);
    }
    for (const name of ["s-0.content-5", "s-0.content-1.tail", "s-0", "s-0.content-11"]) {
      expect(await port.openContent(name)).toMatchObject({ ok: false });
    }
  });
});
