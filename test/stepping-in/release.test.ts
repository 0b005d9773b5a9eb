// How long a command that waits for somebody else goes on waiting once they have agreed. Printed; it decides
// nothing here.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { longRun } from "../../src/testing/seed.js";
import { startControlLab, type ControlLab } from "../admin/lab.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: held, version: 1.0.0 }
rules:
  - { id: held, name: Four eyes, match: { command: { exec: printf } }, action: { do: approve, timeout: 60s } }
`;
const TIMES = 30;

let control: ControlLab;

describe.skipIf(!sshdThere || !longRun)("an approval (needs sshd, --long)", () => {
  beforeAll(async () => {
    control = await startControlLab({ rules: RULES });
  });
  afterAll(() => control.lab.end());

  it("releases what is held", async () => {
    const took: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      const client = start("ssh", [...control.lab.sshArgs("via"), "via", "printf it-ran"]);
      const ran = new Promise<number>((resolve) => {
        client.stdout?.once("data", () => resolve(performance.now()));
      });
      const pending = await eventually("the approval", async () => {
        const { body } = await control.call("/v1/approvals");
        return (body["approvals"] as readonly { readonly id: string }[])[0];
      });
      const agreed = performance.now();
      const path = `/v1/approvals/${pending.id}`;
      const decided = control.call(path, { role: "operator", body: { decision: "approve" } });
      took.push((await ran) - agreed);
      expect((await decided).status).toBe(200);
      await eventually("its end", () => client.exitCode !== null);
    }
    took.sort((a, b) => a - b);
    const [median, worst] = [took[TIMES / 2] ?? 0, took.at(-1) ?? 0];
    console.log(
      `from the approval to the command's first output: median ${median.toFixed(0)} ms, worst of ${TIMES} ${worst.toFixed(0)} ms`,
    );
  });
});
