import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteOldRecordings } from "./retention.js";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 20);

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-keep-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, ageMs: number): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "x");
  const at = new Date(NOW - ageMs);
  utimesSync(path, at, at);
  return path;
}

const look = (live: readonly string[] = []) =>
  deleteOldRecordings({
    folder,
    keepMs: 30 * DAY_MS,
    nowMs: NOW,
    isLive: (session) => live.includes(session),
  });

describe("recordings that are older than they are kept", () => {
  it("go, of every kind and with all their parts; others, and what is no recording, stay", async () => {
    const old = [
      "a-1.cast",
      "b-0.guac.age",
      "b-0.guac.tail.age",
      "c-0.web",
      "c-0.input.web.age",
    ].map((name) => file(`2026/10/01/${name}`, 31 * DAY_MS));
    const kept = [
      file("2026/10/01/notes.txt", 90 * DAY_MS),
      file("2026/10/21/d-1.cast", 30 * DAY_MS),
      file("2026/10/01/live-1.cast", 31 * DAY_MS),
      file("e-1.cast", 90 * DAY_MS),
      file("other/10/01/f-1.cast", 90 * DAY_MS),
    ];
    expect(await look(["live"])).toEqual({ files: old.length, problems: [] });
    expect(old.filter((path) => existsSync(path))).toEqual([]);
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("leave no empty day behind, once nobody writes there", async () => {
    file("2026/10/01/a-1.cast", 31 * DAY_MS);
    await look();
    const day = join(folder, "2026/10/01");
    utimesSync(day, new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
    expect(await look()).toEqual({ files: 0, problems: [] });
    expect(existsSync(day)).toBe(false);
  });

  it("are nothing to complain about where there are none", async () => {
    rmSync(folder, { recursive: true });
    expect(await look()).toEqual({ files: 0, problems: [] });
  });
});
