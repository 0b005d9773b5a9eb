// A sidecar that runs for months: rules change under it, it is stopped in the middle of work, one
// session must not disturb another.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { sequenceFaults, shortType } from "./lab/events.js";
import { startLab, type Lab } from "./lab/lab.js";
import { start } from "./lab/program.js";
import { residentBytes } from "./lab/processes.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere, stopped } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

const MIB = 1024 * 1024;
const BLOCKS_TOUCH = LAB_RULES.replace(
  "rules:\n",
  `rules:
  - id: lab-new
    name: A rule that came later
    match: { command: { exec: touch, args: { any: { contains: newly } } } }
    action: block
    message: This rule is new.
`,
);

let lab: Lab;

describe.skipIf(!sshdThere)("a running sidecar (needs sshd)", () => {
  beforeEach(async () => {
    lab = await startLab({ rules: LAB_RULES });
  });
  afterEach(() => lab.end());

  it.each([
    { how: "on SIGHUP", touch: () => lab.sidecar.hangUp() },
    { how: "when the file changes", touch: () => undefined },
  ])("takes new rules $how, and running sessions obey from their next command", async (row) => {
    const terminal = lab.terminal("via");
    await terminal.ready();
    await terminal.runs("touch newly-1");
    expect(existsSync(lab.inHome("newly-1"))).toBe(true);
    const before = (await lab.sidecar.told("rules.loaded")).data.digest;
    writeFileSync(lab.rulesFile, BLOCKS_TOUCH);
    row.touch();
    await lab.sidecar.told("rules.loaded", (data) => data.digest !== before);
    await eventually("the new rule to hold", async () => {
      terminal.type("touch newly-2\r");
      await terminal.until("an answer", () => terminal.line().startsWith("ready$ "));
      await terminal.ready();
      return terminal.screen().includes("This rule is new.");
    });
    terminal.type("touch newly-3\r");
    await terminal.until("the line gone", () => terminal.line() !== "ready$ touch newly-3");
    await terminal.ready();
    expect(existsSync(lab.inHome("newly-3"))).toBe(false);
  });

  it("keeps the last good rules when the new ones are bad, and says so", async () => {
    const terminal = lab.terminal("via");
    await terminal.ready();
    writeFileSync(lab.rulesFile, LAB_RULES.replace("action: kill", "action: obliterate"));
    lab.sidecar.hangUp();
    const refused = await lab.sidecar.told("rules.refused");
    expect(refused.data.faults?.join("\n")).toMatch(/lab\.yaml:\d+:\d+/);
    mkdirSync(lab.inHome("victim"));
    terminal.type("rm -rf victim\r");
    await terminal.shows("Removing whole trees is not permitted here.");
    expect(existsSync(lab.inHome("victim"))).toBe(true);
  });

  it("on SIGTERM tells people, ends sessions, tells everything, and exits with 0", async () => {
    lab.writeConfig({ shutdown: { drain: "1s" } });
    await lab.restart();
    const terminal = lab.terminal("via");
    await terminal.ready();
    await terminal.runs("echo before the end");
    const { code } = await lab.sidecar.stop();
    expect(code).toBe(0);
    expect((await terminal.exited).code).not.toBe(0);
    expect(terminal.received()).toMatch(/chaperone|shut|stop/i);
    const events = lab.sidecar.events();
    expect(sequenceFaults(events)).toEqual([]);
    const types = events.map(shortType);
    expect(types.at(-1)).toBe("sidecar.stopped");
    const session = events.find((event) => event.data.text === "echo before the end")?.subject;
    const last = events.filter((event) => event.subject === session).at(-1);
    expect(last === undefined ? "" : shortType(last)).toBe("session.closed");
  });

  it("types on in one session while another moves bulk and a third does not read", async () => {
    const stalled = start("ssh", [...lab.sshArgs("via", "bob"), "via", "cat /dev/zero"]);
    stalled.stdout?.pause();
    const bulk = start("ssh", [...lab.sshArgs("via", "carol"), "via", "cat /dev/zero"]);
    let moved = 0;
    bulk.stdout?.on("data", (chunk: Buffer) => {
      moved += chunk.length;
    });
    await eventually("bulk to flow", () => moved > 32 * MIB);
    const before = residentBytes(lab.sidecar.pid);
    const terminal = lab.terminal("via");
    await terminal.ready();
    for (let line = 0; line < 10; line += 1) await terminal.runs(`echo line ${line}`);
    await eventually("more bulk to flow", () => moved > 256 * MIB, { patienceMs: 60_000 });
    // The one that does not read costs its windows and queues, not what its target has to say.
    expect((residentBytes(lab.sidecar.pid) - before) / MIB).toBeLessThan(150);
    await stopped(bulk);
    await stopped(stalled);
  });
});
