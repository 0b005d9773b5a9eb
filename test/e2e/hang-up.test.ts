// SIGHUP: a service reads its rules again; a sidecar that was started by hand ends with its terminal.
import { spawn } from "node-pty";
import { afterEach, describe, expect, it } from "vitest";

import { isAlive } from "./lab/processes.js";
import { startLab, type Lab } from "./lab/lab.js";
import { BIN, eventFileOf } from "./lab/sidecar.js";
import { readEvents, shortType } from "./lab/events.js";
import { sshdThere } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

describe.skipIf(!sshdThere)("when the terminal of a sidecar is closed (needs sshd)", () => {
  let lab: Lab;
  afterEach(() => lab.end());

  it("the sidecar stops, and says so in its events", async () => {
    lab = await startLab({ start: false });
    const terminal = spawn(process.execPath, [BIN, "run", "--config", lab.configFile], {
      name: "xterm",
      cols: 80,
      rows: 24,
    });
    const told = (type: string) =>
      readEvents(eventFileOf(lab.stateDir)).find((event) => shortType(event) === type);
    let exited = false;
    terminal.onExit(() => (exited = true));
    await eventually("the sidecar to start", () => told("sidecar.started"));
    const { pid } = terminal;
    terminal.kill("SIGHUP");
    await eventually("the sidecar to end", () => exited && !isAlive(pid));
    expect(told("sidecar.stopped")?.data.reason).toBe("SIGHUP");
  });
});
