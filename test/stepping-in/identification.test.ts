// Continuous identification over sessions: log-ins at prohibited times, and what the scoring core counts.
import { existsSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startControlLab, type ControlLab } from "../admin/lab.js";
import type { LabPerson } from "../e2e/lab/lab.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { totpCode } from "../e2e/lab/totp.js";
import { eventually } from "../e2e/lab/wait.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: identification, version: 1.0.0 }
rules:
  - { id: id-block, name: Not here, match: { command: { exec: touch, args: { any: { contains: forbidden } } } }, action: block }
`;

let control: ControlLab;
const ran = (name: string): boolean => existsSync(control.lab.inHome(name));

describe.skipIf(!sshdThere)("continuous identification (needs sshd)", () => {
  beforeAll(async () => {
    control = await startControlLab({
      rules: RULES,
      config: {
        login: {
          failuresPerAddress: 10_000,
          hours: { prohibited: [{ from: "00:00", to: "24:00" }], refuse: false },
        },
        policy: { reauth: { attemptsAtProhibitedTime: 2 } },
        scoring: { core: "embedded", identification: { blockedCommands: 2 } },
      },
    });
  });
  afterAll(() => control.lab.end());

  const owed = async (person: LabPerson): Promise<unknown> =>
    (await control.call(`/v1/people/${person}`)).body["proofOwed"];

  it("asks who comes again and again at a prohibited time, before their shell starts", async () => {
    const { lab } = control;
    expect((await lab.ssh("via", ["touch came-1"], { person: "bob" })).code).toBe(0);
    expect(await owed("bob")).toBeUndefined();
    const terminal = lab.terminal("via", { person: "bob" });
    await terminal.shows("2 log-ins at times when nobody should be at work.");
    expect(terminal.screen()).toContain(lab.phrase("bob"));
    expect(await owed("bob")).toMatchObject({
      trigger: "identification.attemptsAtProhibitedTime",
    });
    terminal.type("touch came-2\r");
    await terminal.shows("attempts left");
    terminal.type(`${totpCode(lab.totpSecret("bob"))}\r`);
    await terminal.ready();
    expect(ran("came-2")).toBe(false);
    await terminal.runs("touch came-3");
    expect(ran("came-3")).toBe(true);
    expect(await owed("bob")).toBeUndefined();
    const told = await lab.sidecar.told(
      "reauth.succeeded",
      (data) => data.trigger === "identification.attemptsAtProhibitedTime",
    );
    expect(told.data).toMatchObject({ factor: "totp", attempts: 2 });
    terminal.close();
  });

  it("runs nothing that can not be asked on, until an operator lets it", async () => {
    const { lab } = control;
    expect((await lab.ssh("via", ["true"], { person: "carol" })).code).toBe(0);
    const held = start("ssh", [...lab.sshArgs("via", "carol"), "via", "touch came-4"]);
    const session = await eventually("the session to stand still", async () => {
      const { body } = await control.call("/v1/sessions?person=carol&state=suspended");
      return (body["sessions"] as readonly { readonly id: string }[])[0]?.id;
    });
    expect(ran("came-4")).toBe(false);
    const { status } = await control.call(`/v1/sessions/${session}/kill`, {
      body: { reason: "not at night" },
    });
    expect(status).toBe(202);
    await eventually("its end", () => held.exitCode !== null);
    expect(held.exitCode).not.toBe(0);
    expect(ran("came-4")).toBe(false);
    expect(await owed("carol")).toBeDefined();
  });

  it("asks when the scoring core has counted enough, and the proof reaches its log", async () => {
    const { lab } = control;
    const terminal = lab.terminal("via", { person: "dave" });
    await terminal.ready();
    for (const name of ["forbidden-1", "forbidden-2"]) {
      terminal.type(`touch ${name}\r`);
      await eventually("the block", () =>
        lab.sidecar.events().some((event) => event.data.text === `touch ${name}`),
      );
    }
    await terminal.shows("2 blocked commands in the session");
    terminal.type(`${totpCode(lab.totpSecret("dave"))}\r`);
    const told = await lab.sidecar.told(
      "reauth.succeeded",
      (data) => data.trigger === "core:blocked-commands",
    );
    expect(told.data.session).toMatchObject({ person: "dave" });
    expect(await owed("dave")).toBeUndefined();
    terminal.close();
  });
});
