import { describe, expect, it } from "vitest";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { EventFile } from "../../runtime/index.js";
import { watchEventFile } from "./watched-event-file.js";

const FULL = err(fault("CHP_RUNTIME_EVENT_FILE", "no space left"));
const LINES = new TextEncoder().encode("{}\n");

describe("an event file that can not be written", () => {
  function watched() {
    const disk: { append: Result<void, Fault>; sync: Result<void, Fault> } = {
      append: ok(undefined),
      sync: ok(undefined),
    };
    const told: string[] = [];
    const inner: EventFile = {
      position: { inode: "1", size: 0 },
      append: () => disk.append,
      sync: () => Promise.resolve(disk.sync),
      reopen: () => ok(undefined),
      moved: () => false,
      linesAfter: () => [],
      close: () => undefined,
    };
    const file = watchEventFile(inner, {
      degraded: (why) => told.push(`degraded: ${why.message}`),
      recovered: () => told.push("recovered"),
    });
    return { disk, file, told };
  }

  it("is told once, and once when it can be written again", async () => {
    const { disk, file, told } = watched();
    expect(file.append(LINES, []).ok).toBe(true);
    await file.sync();
    disk.append = FULL;
    for (let time = 0; time < 3; time += 1) {
      expect(file.append(LINES, []).ok).toBe(false);
      await file.sync(); // a full disk still syncs
    }
    expect(told).toEqual(["degraded: no space left"]);
    disk.append = ok(undefined);
    file.append(LINES, []);
    expect(told).toHaveLength(1);
    await file.sync();
    expect(told).toEqual(["degraded: no space left", "recovered"]);
  });

  it("is told when only the disk fails", async () => {
    const { disk, file, told } = watched();
    disk.sync = FULL;
    file.append(LINES, []);
    expect((await file.sync()).ok).toBe(false);
    disk.sync = ok(undefined);
    expect((await file.sync()).ok).toBe(true);
    expect(told).toEqual(["degraded: no space left", "recovered"]);
  });
});
