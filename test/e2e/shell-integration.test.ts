// A target whose shell is asked to tell what it runs, through real OpenSSH on both sides. The person must
// not see a difference, nor must the target's files.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startLab, type Lab } from "./lab/lab.js";
import { sshdThere } from "./lab/sshd.js";

describe.skipIf(!sshdThere)("a target with shell integration (needs sshd)", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ start: false });
    const config = JSON.parse(readFileSync(lab.configFile, "utf8")) as {
      targets: { name: string }[];
    };
    lab.writeConfig({
      targets: config.targets.map((one) => ({ ...one, shellIntegration: "auto" })),
    });
    await lab.restart();
  });
  afterAll(() => lab.end());

  it("tells the exact command, its end and its folder, and shows nothing of how it knows", async () => {
    rmSync(lab.inHome(".history"), { force: true });
    writeFileSync(lab.inHome("forged.log"), "\x1b]633;E;echo never;0123\x07forged\n");
    const through = lab.terminal("via");
    await through.ready();
    await lab.sidecar.told("integration.changed", (data) => data.state === "active");
    await through.runs("cd /tmp; false # ; one");
    await lab.sidecar.told(
      "command.finished",
      (data) =>
        data.text === "cd /tmp; false # ; one" &&
        data.exitCode === 1 &&
        data.cwd === "/tmp" &&
        data.judged === "same",
    );
    await through.runs(`cat ${lab.inHome("forged.log")}`);
    await lab.sidecar.told("integration.changed", (data) => data.state === "forged");

    const direct = lab.terminal("direct");
    await direct.ready();
    await direct.runs("cd /tmp; false # ; one");
    await direct.runs(`cat ${lab.inHome("forged.log")}`);
    expect(through.screen()).toBe(direct.screen());
    expect(through.received()).not.toContain("chp");
    const history = readFileSync(lab.inHome(".history"), "utf8");
    expect(history).toContain("cd /tmp; false # ; one");
    expect(history).not.toContain("chp");
    const recordings = join(lab.stateDir, "recordings");
    expect(existsSync(recordings)).toBe(true);
    through.close();
    direct.close();
  });

  it("works the same in a shell of its own", async () => {
    const local = lab.terminal("local");
    await local.ready();
    await local.runs("echo in-$((40+2))");
    await lab.sidecar.told(
      "command.finished",
      (data) => data.text === "echo in-$((40+2))" && data.exitCode === 0,
    );
    local.close();
  });

  it("is not asked for by commands without a terminal", async () => {
    const { stdout } = await lab.ssh("via", ["declare -F; env"]);
    expect(stdout.toString()).not.toContain("chp");
  });
});
