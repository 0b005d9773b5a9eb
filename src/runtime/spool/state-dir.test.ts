import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, markOfThisProcess } from "./process-mark.js";
import { openStateDir } from "./state-dir.js";

describe("the state directory", () => {
  let dir = "";
  beforeEach(() => (dir = join(mkdtempSync(join(tmpdir(), "chaperone-state-")), "var")));
  afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }));

  it("is made for its owner alone", () => {
    const state = openStateDir(dir);
    expect(state.ok).toBe(true);
    for (const path of [dir, join(dir, "spool"), join(dir, "registry")]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
  });

  it("is closed to others when it was made wider", () => {
    expect(openStateDir(dir).ok).toBe(true);
    rmSync(join(dir, "sidecar.lock"));
    chmodSync(dir, 0o755);
    expect(openStateDir(dir).ok).toBe(true);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it("belongs to one sidecar, and to the next one when that has ended", () => {
    const first = openStateDir(dir);
    const second = openStateDir(dir);
    expect(second).toMatchObject({ ok: false, error: { code: "CHP_RUNTIME_STATE_LOCKED" } });
    expect(!second.ok && second.error.message).toContain(String(process.pid));
    if (first.ok) first.value.release();
    expect(openStateDir(dir).ok).toBe(true);
  });

  it.each([
    ["of a process that is dead", JSON.stringify({ pid: 2 ** 22 - 3, born: "1" })],
    [
      "of another process that has our pid by chance",
      JSON.stringify({ pid: process.pid, born: "1" }),
    ],
    ["that a crash has left empty", ""],
  ])("is taken over from a lock %s", (_which, lock) => {
    const state = openStateDir(dir);
    if (state.ok) state.value.release();
    writeFileSync(join(dir, "sidecar.lock"), lock);
    expect(openStateDir(dir).ok).toBe(true);
    expect(JSON.parse(readFileSync(join(dir, "sidecar.lock"), "utf8"))).toEqual(
      markOfThisProcess(),
    );
  });

  it("is refused with its path when it can not be made", () => {
    writeFileSync(join(dir, "..", "file"), "");
    expect(openStateDir(join(dir, "..", "file", "var"))).toMatchObject({
      error: { code: "CHP_RUNTIME_STATE_DIR" },
    });
  });
});

describe("a process mark", () => {
  it("is alive as long as its process, and no longer", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const stat = readFileSync(`/proc/${child.pid ?? 0}/stat`, "latin1");
    const born = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    const mark = { pid: child.pid ?? 0, born };
    expect(isAlive(mark)).toBe(true);
    expect(isAlive({ ...mark, born: `${born}0` })).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(mark)).toBe(false);
    expect(isAlive(markOfThisProcess())).toBe(true);
  });
});
