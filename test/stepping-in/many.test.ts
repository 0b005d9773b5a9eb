// One order reaches every live session, whichever process has it. How long that takes is printed, and
// decides nothing here.
import type { ChildProcess } from "node:child_process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { longRun } from "../../src/testing/seed.js";
import { startControlLab, type ControlLab } from "../admin/lab.js";
import { PEOPLE } from "../e2e/lab/lab.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";

const SESSIONS = 200;
/** So many log in at once; more than that a sidecar on two processors makes wait. */
const AT_ONCE = 8;
/** Two hundred log-ins on a busy machine. */
const OPENING_MS_MAX = 600_000;

let control: ControlLab;
const clients: ChildProcess[] = [];

async function sessionIds(state: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const path = `/v1/sessions?state=${state}&limit=100&offset=${ids.length}`;
    const { body } = await control.call(path);
    const page = body["sessions"] as { id: string }[];
    ids.push(...page.map((one) => one.id));
    if (page.length < 100) return ids;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

describe.skipIf(!sshdThere || !longRun)(`${SESSIONS} live sessions (needs sshd, --long)`, () => {
  beforeAll(async () => {
    control = await startControlLab();
    await eventually("the control API", () => answers(`${control.url}/v1/health`));
    for (let from = 0; from < SESSIONS; from += AT_ONCE) {
      for (let i = from; i < Math.min(SESSIONS, from + AT_ONCE); i += 1) {
        const person = PEOPLE[i % PEOPLE.length] ?? "alice";
        clients.push(start("ssh", [...control.lab.sshArgs("via", person), "via", "cat"]));
      }
      const wanted = Math.min(SESSIONS, from + AT_ONCE);
      await eventually("the sessions", async () => (await sessionIds("open")).length >= wanted);
    }
  }, OPENING_MS_MAX);
  afterAll(async () => {
    for (const client of clients) client.kill("SIGKILL");
    await control.lab.end();
  });

  it("are all suspended, resumed and ended by one order each", async () => {
    const sessions = await sessionIds("open");
    expect(sessions).toHaveLength(SESSIONS);
    const order = async (deed: string): Promise<void> => {
      const began = performance.now();
      const body = { sessions, reason: "all of you" };
      const { status } = await control.call(`/v1/sessions/${deed}`, { body });
      expect(status).toBe(202);
      console.log(
        `${deed} ${SESSIONS} sessions: answered after ${(performance.now() - began).toFixed(0)} ms`,
      );
    };
    await order("suspend");
    expect(await sessionIds("suspended")).toHaveLength(SESSIONS);
    await order("resume");
    expect(await sessionIds("open")).toHaveLength(SESSIONS);
    const began = performance.now();
    await order("kill");
    await eventually("every client to have ended", () =>
      clients.every((client) => client.exitCode !== null || client.signalCode !== null),
    );
    console.log(`every client had ended after ${(performance.now() - began).toFixed(0)} ms`);
    expect(clients.every((client) => client.exitCode !== 0)).toBe(true);
    // The last words of a session are told after its client has gone.
    await eventually("the end of all", async () => (await sessionIds("open")).length === 0);
  });
});
