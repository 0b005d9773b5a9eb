// Real clients whose channels wait for somebody else to agree: nothing reaches the target before, and
// what they expect of ssh holds afterwards. The file system of the target is the judge.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { longRun, seed } from "../../src/testing/seed.js";
import { startControlLab, type ControlLab } from "../admin/lab.js";
import { PEOPLE, type LabPerson } from "../e2e/lab/lab.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";
import { CLIENTS, launch } from "./clients.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: held, version: 1.0.0 }
rules:
  - id: held-long
    name: Somebody else agrees
    match: { command: { exec: { regex: "^(tee|scp|rsync|git-upload-pack)$" }, args: { any: { contains: patient } } } }
    action: { do: approve, approvers: [ "role:operator" ], timeout: 60s }
  - id: held-short
    name: Somebody else agrees soon
    match: { command: { exec: { regex: "^(tee|scp|rsync|git-upload-pack)$" }, args: { any: { contains: hurried } } } }
    action: { do: approve, approvers: [ "role:operator" ], timeout: 1s }
`;

const ENDINGS = ["approved", "denied", "timed-out", "client-gone", "killed", "suspended"] as const;

const all = CLIENTS.flatMap((client) => ENDINGS.map((ending) => ({ client, ending })))
  // Channel policy has one time for all: what happens then is shown with commands.
  .filter(
    ({ client, ending }) =>
      ending !== "timed-out" || !["sftp", "a forwarded connection"].includes(client.name),
  );
const SAMPLE = 7;
const rows = (longRun ? all : sampled(all, SAMPLE)).map((row, index) => ({
  ...row,
  title: `${row.client.name}: ${row.ending}`,
  index,
}));

/** Every ending in turn; with which client, the seed says. */
function sampled(from: typeof all, count: number): typeof all {
  return Array.from({ length: count }, (_, i) => {
    const ending = ENDINGS[i % ENDINGS.length];
    const those = from.filter((row) => row.ending === ending);
    const row = those[(Math.abs(seed) + i) % those.length];
    if (row === undefined) throw new Error("no rows");
    return row;
  });
}

interface Pending {
  readonly id: string;
  readonly session: string;
  readonly person: string;
}

let control: ControlLab;

async function pendingOf(person: string): Promise<Pending | undefined> {
  const { body } = await control.call("/v1/approvals", { role: "operator" });
  return (body["approvals"] as Pending[]).find((one) => one.person === person);
}

/** The sidecar listens for people before it listens for operators. */
async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

describe.skipIf(!sshdThere)(
  `clients that wait for an approval (needs sshd; ${rows.length} of ${all.length} rows, seed ${seed})`,
  () => {
    beforeAll(async () => {
      control = await startControlLab({
        rules: RULES,
        config: { channels: { sftp: "approve", localForward: "approve" } },
      });
      await eventually("the control API", () => answers(`${control.url}/v1/health`));
    });
    afterAll(() => control.lab.end());

    it.each(rows)("$title", async ({ client, ending, index }) => {
      const { lab } = control;
      const person: LabPerson = PEOPLE[index % PEOPLE.length] ?? "alice";
      const mark = `${ending === "timed-out" ? "hurried" : "patient"}-${index}`;
      const prepared = await client.prepare(lab, { person, mark });
      const running = launch(prepared);
      const pending = await eventually("the approval to be asked", () => pendingOf(person));
      expect(prepared.arrived()).toBeNull();
      const decide = (decision: "approve" | "deny") =>
        control.call(`/v1/approvals/${pending.id}`, { role: "operator", body: { decision } });
      const order = (deed: "kill" | "suspend" | "resume") =>
        control.call(`/v1/sessions/${pending.session}/${deed}`, { body: { reason: "a test" } });

      switch (ending) {
        case "approved":
          expect((await decide("approve")).status).toBe(200);
          break;
        case "denied":
          expect((await decide("deny")).status).toBe(200);
          break;
        case "client-gone":
          running.hangUp();
          break;
        case "killed":
          expect((await order("kill")).status).toBe(202);
          break;
        case "suspended":
          expect((await order("suspend")).status).toBe(202);
          expect((await decide("approve")).status).toBe(200);
          // The decision has arrived, and nothing comes of it: a full round passes meanwhile.
          expect((await control.call("/v1/sessions")).status).toBe(200);
          expect(prepared.arrived()).toBeNull();
          expect((await order("resume")).status).toBe(202);
          break;
        case "timed-out":
          break;
      }

      const { code, said, out } = await running.outcome;
      if (ending === "approved" || ending === "suspended") {
        const arrived = prepared.arrived() ?? out;
        expect(arrived.subarray(0, prepared.expected.length).equals(prepared.expected), said).toBe(
          true,
        );
        if (client.name !== "a forwarded connection") expect(code, said).toBe(0);
      } else {
        expect(prepared.arrived()).toBeNull();
        expect(out.toString()).not.toContain("SSH-2.0-");
        if (ending !== "client-gone") expect(code).not.toBe(0);
        if (ending === "denied" && prepared.refusedCode !== undefined) {
          expect(code, said).toBe(prepared.refusedCode);
        }
        if (ending === "denied" && prepared.shows) expect(said).toContain("did not agree");
      }
      await eventually("nothing to be asked any more", async () =>
        (await pendingOf(person)) === undefined ? true : undefined,
      );
      await eventually("the decision to be told", () =>
        lab.sidecar
          .events()
          .some(
            (event) => event.subject === pending.session && event.type.includes("approval.decided"),
          ),
      );
    });
  },
);
