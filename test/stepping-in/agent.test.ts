// Agents that are led to the target: nothing of them reaches it while somebody has to answer.
import { existsSync, readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startControlLab, type ControlLab } from "../admin/lab.js";
import { startAgent, type Agent } from "../e2e/lab/agent.js";
import type { LabPerson } from "../e2e/lab/lab.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { totpCode } from "../e2e/lab/totp.js";
import { eventually } from "../e2e/lab/wait.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: agents, version: 1.0.0 }
rules:
  - { id: a-guarded, name: Guarded, match: { command: { exec: touch, args: { any: { contains: guarded } } } }, action: { do: reauth, factors: [totp], grace: 0s } }
`;

const ENDINGS = ["approved", "denied", "client-gone", "killed"] as const;

let control: ControlLab;
let agent: Agent;

describe.skipIf(!sshdThere)("a forwarded agent (needs sshd)", () => {
  beforeAll(async () => {
    control = await startControlLab({
      rules: RULES,
      config: { channels: { agent: "approve" } },
    });
    agent = await startAgent(control.lab.folder);
  });
  afterAll(async () => {
    await agent.stop();
    await control.lab.end();
  });

  const lending = (): readonly string[] => ["-A", "-o", `IdentityAgent=${agent.socket}`];
  const env = (): Record<string, string> => ({ SSH_AUTH_SOCK: agent.socket });

  async function pendingOf(person: LabPerson) {
    return await eventually("the approval to be asked", async () => {
      const { body } = await control.call("/v1/approvals", { role: "operator" });
      const all = body["approvals"] as readonly { id: string; person: string; session: string }[];
      return all.find((one) => one.person === person);
    });
  }

  it.each(ENDINGS)("waits until somebody else agrees: %s", async (ending) => {
    const { lab } = control;
    const person = (["alice", "bob", "carol", "dave"] as const)[ENDINGS.indexOf(ending)] ?? "alice";
    const out = lab.inHome(`agent-${ending}`);
    const client = start(
      "ssh",
      [
        ...lab.sshArgs("via", person),
        ...lending(),
        "via",
        `echo started > ${out}; ssh-add -l >> ${out} 2>&1`,
      ],
      { env: env() },
    );
    const pending = await pendingOf(person);
    // What is started behind it waits, too.
    expect(existsSync(out)).toBe(false);
    const decide = async (decision: string): Promise<void> => {
      const path = `/v1/approvals/${pending.id}`;
      expect((await control.call(path, { role: "operator", body: { decision } })).status).toBe(200);
    };
    if (ending === "approved") await decide("approve");
    if (ending === "denied") await decide("deny");
    if (ending === "client-gone") client.kill("SIGKILL");
    if (ending === "killed") {
      const path = `/v1/sessions/${pending.session}/kill`;
      expect((await control.call(path, { body: { reason: "a test" } })).status).toBe(202);
    }
    await eventually("its end", () => client.exitCode !== null || client.signalCode !== null);
    if (ending === "approved") {
      expect(client.exitCode).toBe(0);
      expect(readFileSync(out, "utf8")).toContain("ED25519");
    } else if (ending === "denied") {
      // The client does not depend on it: it goes on without its agent.
      expect(readFileSync(out, "utf8")).toContain("started");
      expect(readFileSync(out, "utf8")).not.toContain("ED25519");
      await lab.sidecar.told("channel.refused", (data) => data.kind === "agent");
    } else {
      expect(client.exitCode).not.toBe(0);
      await lab.sidecar.told("session.closed", (data) => data.session?.id === pending.session);
      expect(existsSync(out)).toBe(false);
    }
    await lab.sidecar.told("approval.decided", (data) => data.session?.id === pending.session);
  });

  it("stands still while a question is open on the terminal, and answers afterwards", async () => {
    const { lab } = control;
    const terminal = lab.terminal("via", { person: "erin", options: lending(), env: env() });
    const pending = await pendingOf("erin");
    await control.call(`/v1/approvals/${pending.id}`, {
      role: "operator",
      body: { decision: "approve" },
    });
    await terminal.ready();
    await terminal.runs("ssh-add -l | grep -c ED25519");
    expect(terminal.screen()).toContain("\n1");
    const [go, asked, out] = ["go", "asked", "late"].map((name) => lab.inHome(`agent-${name}`));
    await terminal.runs(
      `(until [ -e ${go} ]; do sleep 0.05; done; : > ${asked}; ssh-add -l > ${out}.new 2>&1; mv ${out}.new ${out}) &`,
    );
    terminal.type("touch guarded-by-question\r");
    await terminal.shows(lab.phrase("erin"));
    // The target's own side asks the agent now; nothing of its answer comes back.
    expect((await lab.ssh("direct", [`: > ${go}`])).code).toBe(0);
    await eventually("the target to ask", () => existsSync(asked ?? ""));
    // A full round of another session passes meanwhile.
    expect((await lab.ssh("via", ["true"], { person: "frank" })).code).toBe(0);
    expect(existsSync(out ?? "")).toBe(false);
    terminal.type(`${totpCode(lab.totpSecret("erin"))}\r`);
    await eventually("the agent's answer", () => existsSync(out ?? ""));
    expect(readFileSync(out ?? "", "utf8")).toContain("ED25519");
    terminal.close();
  });
});
