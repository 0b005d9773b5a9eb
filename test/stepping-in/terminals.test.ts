// Stepping in where a terminal is: a command asked before it starts, several channels under one
// question, a session that stands still and goes on, a person who is kept out.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startControlLab, type ControlLab } from "../admin/lab.js";
import type { LabPerson } from "../e2e/lab/lab.js";
import { run, start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { KEY, openTerminal, type Terminal } from "../e2e/lab/terminal.js";
import { totpCode, wrongCode } from "../e2e/lab/totp.js";
import { eventually } from "../e2e/lab/wait.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: terminals, version: 1.0.0 }
rules:
  - { id: t-guarded, name: Guarded, match: { command: { exec: touch, args: { any: { contains: guarded } } } }, action: { do: reauth, factors: [totp], attempts: 2, grace: 5m } }
  - { id: t-still, name: Stands still, match: { command: { exec: touch, args: { any: { contains: still } } } }, action: suspend, message: Somebody looks at this first. }
  - { id: t-out, name: Kept out, match: { command: { exec: touch, args: { any: { contains: expelled } } } }, action: lock-user }
`;

let control: ControlLab;
const terminals: Terminal[] = [];
const ran = (name: string): boolean => existsSync(control.lab.inHome(name));
const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** `ssh -tt via <command>`, as a person at a keyboard starts it. */
function onTerminal(person: LabPerson, command: string, options: readonly string[] = []): Terminal {
  const args = [...control.lab.sshArgs("via", person), ...options, "-tt", "via", command];
  const terminal = openTerminal("ssh", args);
  terminals.push(terminal);
  return terminal;
}

const codeOf = (person: LabPerson): string => totpCode(control.lab.totpSecret(person));
const order = (session: string, deed: string) =>
  control.call(`/v1/sessions/${session}/${deed}`, { body: { reason: "a closer look" } });

describe.skipIf(!sshdThere)("stepping in at a terminal (needs sshd)", () => {
  beforeAll(async () => {
    control = await startControlLab({ rules: RULES });
    await eventually("the control API", () => answers(`${control.url}/v1/health`));
  });
  afterAll(async () => {
    for (const terminal of terminals) terminal.close();
    await control.lab.end();
  });

  it("asks on the terminal of the command itself, before anything of it starts", async () => {
    const terminal = onTerminal("alice", "touch guarded-t; echo it ran; exit 3");
    await terminal.shows(control.lab.phrase("alice"));
    expect(ran("guarded-t")).toBe(false);
    terminal.type(`${codeOf("alice")}\r`);
    expect((await terminal.exited).code).toBe(3);
    expect(terminal.received()).toContain("it ran");
    expect(ran("guarded-t")).toBe(true);
  });

  it("ends it with a reason and 126 when the answers are wrong", async () => {
    const wrong = wrongCode(control.lab.totpSecret("bob"));
    const terminal = onTerminal("bob", "touch guarded-w");
    await terminal.shows(control.lab.phrase("bob"));
    terminal.type(`${wrong}\r`);
    await terminal.shows("1 attempt left");
    terminal.type(`${wrong}\r`);
    expect((await terminal.exited).code).toBe(126);
    expect(terminal.received()).toContain("The check failed");
    expect(ran("guarded-w")).toBe(false);
  });

  it("asks once for a loop of commands beside an open terminal, and the loop stays intact", async () => {
    const path = ["-o", `ControlPath=${join(control.lab.folder, "loop")}`];
    const terminal = control.lab.terminal("via", {
      person: "carol",
      options: ["-o", "ControlMaster=yes", ...path],
    });
    await terminal.ready();
    const one = (index: number) =>
      run(
        "ssh",
        [
          ...control.lab.sshArgs("via", "carol"),
          ...path,
          "via",
          `touch guarded-loop-${index} && cat && exit ${index}`,
        ],
        { stdin: `line ${index}\n` },
      );
    const first = one(1);
    const second = one(2);
    await terminal.shows(control.lab.phrase("carol"));
    expect(ran("guarded-loop-1") || ran("guarded-loop-2")).toBe(false);
    terminal.type(`${codeOf("carol")}\r`);
    const finished = [await first, await second, await one(3), await one(4)];
    expect(finished.map((done) => done.code)).toEqual([1, 2, 3, 4]);
    expect(finished.map((done) => done.stdout.toString())).toEqual(
      [1, 2, 3, 4].map((index) => `line ${index}\n`),
    );
    await terminal.ready();
    const asked = control.lab.sidecar
      .events()
      .filter((event) => event.type.includes("reauth.requested"))
      .filter((event) => event.data.session?.person === "carol");
    expect(asked).toHaveLength(1);
    terminal.close();
  });

  it("holds a session: nothing moves, the person sees why, and all of it goes on", async () => {
    const path = ["-o", `ControlPath=${join(control.lab.folder, "held")}`];
    const terminal = control.lab.terminal("via", {
      person: "dave",
      options: ["-o", "ControlMaster=yes", ...path],
    });
    await terminal.ready();
    await terminal.runs("echo was here before");
    const before = terminal.screen();
    const sink = control.lab.inHome("stream");
    const copy = start("ssh", [
      ...control.lab.sshArgs("via", "dave"),
      ...path,
      "via",
      `cat > ${sink}`,
    ]);
    copy.stdin?.write("first\n");
    await eventually("the stream to work", () => sizeOf(sink) > 0);
    const session = await control.sessionOf("dave");
    expect((await order(session, "suspend")).status).toBe(202);
    await terminal.shows("a closer look");
    expect(terminal.screen()).toContain(control.lab.phrase("dave"));
    copy.stdin?.write(Buffer.alloc(3_000_000, "x"));
    terminal.type("touch typed-while-held\r");
    // A full round of another session passes meanwhile.
    expect((await control.lab.ssh("via", ["true"], { person: "erin" })).code).toBe(0);
    expect(sizeOf(sink)).toBe(6);
    expect(ran("typed-while-held")).toBe(false);
    expect((await order(session, "resume")).status).toBe(202);
    await eventually("what was typed", () => ran("typed-while-held"));
    await terminal.ready();
    expect(terminal.screen().startsWith(before.trimEnd())).toBe(true);
    expect(terminal.alternate).toBe(false);
    copy.stdin?.end();
    await eventually("all of the stream", () => sizeOf(sink) === 3_000_006);
    terminal.close();
  });

  it("holds a session when a rule says so, and drops the line when it goes on", async () => {
    const terminal = control.lab.terminal("via", { person: "frank" });
    await terminal.ready();
    terminal.type("touch still-1\r");
    await terminal.shows("Chaperone holds this session.");
    expect(terminal.screen()).toContain("Somebody looks at this first.");
    const session = await control.sessionOf("frank");
    expect((await order(session, "resume")).status).toBe(202);
    await terminal.ready();
    await terminal.runs("touch goes-on");
    expect(ran("goes-on")).toBe(true);
    expect(ran("still-1")).toBe(false);
    terminal.close();
  });

  it("keeps a person out when a rule says so, until somebody lets them in", async () => {
    const other = control.lab.terminal("via", { person: "grace" });
    await other.ready();
    const done = await control.lab.ssh("via", ["touch expelled-1"], { person: "grace" });
    expect(done.code).not.toBe(0);
    expect(ran("expelled-1")).toBe(false);
    expect((await other.exited).code).not.toBe(0);
    await eventually("the log-in to be refused", async () => {
      const again = await control.lab.ssh("via", ["true"], { person: "grace" });
      return again.code !== 0;
    });
    await control.lab.sidecar.told("person.locked", () => true);
    const { status } = await control.call("/v1/people/grace/unlock", {
      body: { reason: "talked" },
    });
    expect(status).toBeLessThan(300);
    expect((await control.lab.ssh("via", ["true"], { person: "grace" })).code).toBe(0);
  });

  it("shows a message without touching the line that is being typed", async () => {
    const terminal = control.lab.terminal("via", { person: "heidi" });
    await terminal.ready();
    terminal.type("touch message");
    await eventually("the echo", () => terminal.line().includes("touch message"));
    const session = await control.sessionOf("heidi");
    const path = `/v1/sessions/${session}/message`;
    expect((await control.call(path, { body: { text: "backup at noon" } })).status).toBe(202);
    await terminal.shows("backup at noon");
    expect(terminal.line()).toContain("touch message");
    terminal.type(`-typed${KEY.enter}`);
    await eventually("the command", () => ran("message-typed"));
    terminal.close();
  });
});
