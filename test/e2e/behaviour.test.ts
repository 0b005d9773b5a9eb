// A person is learnt over real sessions, survives a restart of the sidecar as a sealed profile, and
// somebody else who works in their account is asked who they are.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { shortType } from "./lab/events.js";
import { startLab, type Lab, type LabPerson } from "./lab/lab.js";
import { run, succeeded } from "./lab/program.js";
import { recordingsBelow } from "./lab/recordings.js";
import { BIN } from "./lab/sidecar.js";
import { sshdThere } from "./lab/sshd.js";
import type { Terminal } from "./lab/terminal.js";
import { totpCode, wrongCode } from "./lab/totp.js";
import { eventually } from "./lab/wait.js";

/** What each of them does all day; warm after 300 programs. */
const WORK: Readonly<Partial<Record<LabPerson, readonly string[]>>> = {
  alice: ["cd /tmp", "pwd", "test -d src", "echo one", "umask", "type ls", "echo two"],
  bob: ["true", "printf %s x", "jobs", "ulimit -n", "times", "date", "hostname"],
};
/** Nothing that alice ever does; each line comes in one packet, so that no rhythm is in it. */
const FOREIGN = [
  "id -u; uname -a; hostname; date; id -u; uname -a; hostname; date; id -u; uname -a; hostname",
  "uname -m; hostname; date; id -g; uname -s; hostname; date; id -G; uname -n; hostname; date",
  "date; id -n; uname -v; hostname; date; id -u; uname -r; hostname; date; id -u; uname -p",
  "printf %s a; true; sleep 0; printf %s b; true; sleep 0; printf %s c; true; sleep 0; true",
];
const SESSIONS = 2;
const LINES = 14;
const PROGRAMS_PER_LINE = 12;

let lab: Lab;

/** A shell without a terminal: each line is judged, told and learnt as a typed one is. */
async function work(person: LabPerson): Promise<void> {
  const programs = WORK[person] ?? [];
  let next = 0;
  const lines = Array.from({ length: LINES }, () =>
    Array.from({ length: PROGRAMS_PER_LINE }, () => programs[next++ % programs.length]).join("; "),
  );
  const stdin = `${lines.join("\n")}\nexit\n`;
  succeeded("a day's work", await lab.ssh("via", [], { person, stdin, options: ["-T"] }));
}

/** Types foreign lines until the session asks; answers how many of them ran. */
async function untilAsked(terminal: Terminal): Promise<number> {
  for (const [ran, line] of FOREIGN.entries()) {
    terminal.type(`${line}\r`);
    await terminal.until(
      "a prompt or a question",
      (screen) =>
        screen.includes(lab.phrase("alice")) ||
        (!terminal.alternate &&
          /\$ *$/.test(screen) &&
          terminal.received().split("\n").length > ran + 2),
    );
    if (terminal.alternate) return ran;
  }
  await terminal.shows(lab.phrase("alice"));
  return FOREIGN.length;
}

const profiles = (): readonly string[] => readdirSync(join(lab.stateDir, "profiles"));

describe.skipIf(!sshdThere)("behaviour over real sessions (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({
      config: {
        risk: { steps: { notify: "never", warn: "never", reauth: 15, suspend: 60, kill: "never" } },
        policy: { reauth: { attempts: 1 } },
      },
    });
  });
  afterAll(() => lab.end());

  it("learns people, sealed, and knows them after a restart", async () => {
    for (let session = 0; session < SESSIONS; session += 1) {
      await Promise.all([work("alice"), work("bob")]);
    }
    await eventually("two profiles to be kept", () => profiles().length === 2);
    for (const file of profiles()) {
      const sealed = readFileSync(join(lab.stateDir, "profiles", file), "latin1");
      expect(sealed.startsWith("CHPPROF1")).toBe(true);
      expect(sealed).not.toMatch(/alice|bob|uname/);
    }
    await lab.restart();
    await work("alice");
    expect(lab.sidecar.events().filter((one) => shortType(one) === "reauth.requested")).toEqual([]);
  });

  it("asks somebody else in the same account, who can not answer, and lets the session stand still", async () => {
    const terminal = lab.terminal("via");
    await terminal.ready();
    await untilAsked(terminal);
    terminal.type(`${wrongCode(lab.totpSecret("alice"))}\r`);
    const stood = await lab.sidecar.told("session.suspended");
    expect(stood.data.by).toBe("risk");
    terminal.close();
    const anomaly = await lab.sidecar.told(
      "anomaly.detected",
      (one) => one.detector === "sequence",
    );
    expect(anomaly.data.reasons?.[0]).toMatch(/^commands unlike alice: .+ after /);
    const risk = await lab.sidecar.told("risk.changed", (one) => (one.score ?? 0) >= 60);
    expect(risk.data.reasons?.[0]).toMatch(/^did not prove who they are \(reauth/);
    expect(stood.subject).toBe(risk.subject);
    await lab.sidecar.told("reauth.failed", () => true);
    await lab.sidecar.told("session.closed", (one) => one.session?.id === risk.subject);
  });

  it("shows the ladder over the recordings", async () => {
    const found = await run(process.execPath, [
      BIN,
      "replay",
      "--ladder",
      "--config",
      lab.configFile,
      ...recordingsBelow(join(lab.stateDir, "recordings")),
    ]);
    expect(found.stdout.toString()).toMatch(
      /\d\d:\d\d:\d\d #+\.+ +\d+ reauth +commands unlike alice/,
    );
  });

  it("lets the person who can answer go on, and knows the new work from then on", async () => {
    const terminal = lab.terminal("via");
    await terminal.ready();
    await untilAsked(terminal);
    terminal.type(`${totpCode(lab.totpSecret("alice"))}\r`);
    await terminal.ready();
    await lab.sidecar.told("reauth.succeeded", (one) => one.session?.person === "alice");
    await lab.sidecar.told("risk.changed", (one) => one.score === 0);
    terminal.close();
  });

  it("forgets a person on request", async () => {
    const args = [BIN, "people", "erase", "alice", "--config", lab.configFile];
    expect((await run(process.execPath, args)).code).toBe(2);
    expect(profiles()).toHaveLength(2);
    succeeded("people erase", await run(process.execPath, [...args, "--yes"]));
    expect(profiles()).toHaveLength(1);
  });
});
