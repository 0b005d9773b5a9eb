// The control API of a running sidecar, as an operator and as a gateway use it.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { longRun } from "../../src/testing/seed.js";
import { recordingsBelow } from "../e2e/lab/recordings.js";
import { LAB_RULES } from "../e2e/lab/rules.js";
import { run, start, succeeded } from "../e2e/lab/program.js";
import { BIN } from "../e2e/lab/sidecar.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";
import { startControlLab, type ControlLab } from "./lab.js";

const APPROVED = `
  - id: lab-approved
    name: Files that somebody else has to agree to
    match: { command: { exec: touch, args: { any: { contains: approved } } } }
    action: { do: approve, timeout: 60s }
    message: Somebody else has to agree.
  - id: lab-shadow
    name: Shadowed files
    mode: shadow
    match: { command: { exec: touch, args: { any: { contains: shadowed } } } }
    action: block
`;

let control: ControlLab;
const lab = () => control.lab;

describe.skipIf(!sshdThere)("the control API of a running sidecar (needs sshd)", () => {
  beforeAll(async () => {
    control = await startControlLab({ rules: LAB_RULES.trimEnd() + APPROVED });
  });
  afterAll(() => lab().end());

  it("makes its tokens on the first start, for the owner's eyes alone", () => {
    for (const role of ["viewer", "operator", "admin"] as const) {
      expect(control.token(role)).toMatch(/^[\w-]{43}$/);
      expect(statSync(join(lab().stateDir, `${role}.token`)).mode & 0o777).toBe(0o600);
    }
  });

  it("shows a session, lets it be watched from its present screen on, and stops it", async () => {
    const terminal = lab().terminal("via", { person: "bob" });
    await terminal.ready();
    await terminal.runs("echo before anybody looked");
    const id = await control.sessionOf("bob");
    const listed = succeeded("ctl sessions", await control.ctl("sessions", "--person", "bob"));
    expect(listed.stdout.toString()).toMatch(new RegExp(`${id} +bob .*open`));

    const watching = start(process.execPath, [
      ...[BIN, "ctl", "watch", id, "--json", "--config", lab().configFile],
    ]);
    const frames: string[] = [];
    watching.stdout?.on("data", (chunk: Buffer) => frames.push(chunk.toString()));
    await eventually("the screen", () => frames.join("").includes("before anybody looked"));
    const [first, second] = frames.join("").split("\n");
    const observer = JSON.parse(first ?? "") as { readonly type: string; readonly id: string };
    expect(observer.type).toBe("observer");
    expect(JSON.parse(second ?? "")).toMatchObject({ type: "screen" });
    await terminal.runs("echo while somebody looks");
    await eventually("what came after", () => frames.join("").includes("while somebody looks"));

    // Who watches may take the keyboard, types under the same rules, and gives it back.
    const keyboard = (verb: string, body?: unknown, role: "admin" | "operator" = "admin") =>
      control.call(`/v1/sessions/${id}/observers/${observer.id}/${verb}`, {
        method: "POST",
        role,
        ...(body === undefined ? {} : { body }),
      });
    const { channels } = (await control.call(`/v1/sessions/${id}`)).body as {
      readonly channels: readonly { readonly id: number }[];
    };
    const channel = channels[0]?.id;
    expect((await keyboard("take", undefined, "operator")).status).toBe(404);
    expect((await keyboard("take")).body).toMatchObject({ outcome: "done" });
    terminal.type("echo kept back");
    expect((await keyboard("keys", { channel, text: "echo from the operator\r" })).status).toBe(
      202,
    );
    await lab().sidecar.told(
      "command.entered",
      (data) => data["text"] === "echo from the operator",
    );
    await terminal.shows("\nfrom the operator");
    expect((await keyboard("give-back")).body).toMatchObject({ outcome: "done" });
    await terminal.shows("echo kept back");
    terminal.type("\r");
    await lab().sidecar.told("command.entered", (data) => data["text"] === "echo kept back");
    await terminal.ready();

    const order = (verb: string, body: unknown) =>
      control.call(`/v1/sessions/${id}/${verb}`, { role: "operator", body });
    expect((await order("message", { text: "maintenance soon" })).status).toBe(202);
    await terminal.shows("maintenance soon");
    await terminal.ready();
    expect((await order("suspend", { reason: "let us look" })).body).toMatchObject({
      outcome: "done",
    });
    await terminal.shows("let us look");
    terminal.type("touch typed-while-suspended\r");
    const { body } = await control.call(`/v1/sessions/${id}`);
    expect(body).toMatchObject({ state: "suspended", suspension: { reason: "let us look" } });
    expect(existsSync(lab().inHome("typed-while-suspended"))).toBe(false);
    expect((await order("resume", { reason: "all well" })).status).toBe(202);
    expect((await order("resume", { reason: "again" })).body).toMatchObject({ outcome: "already" });
    await eventually("what was typed", () => existsSync(lab().inHome("typed-while-suspended")));

    succeeded("kill", await control.ctl("kill", id, "--reason", "seen enough"));
    expect((await terminal.exited).code).not.toBe(0);
    expect(terminal.received()).toContain("seen enough");
    await eventually("the watch to end", () => frames.join("").includes('"type":"end"'));
    expect((await order("kill", { reason: "again" })).status).toBe(404);
    await lab().sidecar.told("session.closed", (data) => data.reason?.includes("killed") === true);
  });

  it("lets somebody else agree to a command, and the command runs", async () => {
    const terminal = lab().terminal("via", { person: "carol" });
    await terminal.ready();
    terminal.type("touch approved-1\r");
    const approval = await eventually("the question", async () => {
      const { body } = await control.call("/v1/approvals", { role: "viewer" });
      return (body["approvals"] as { id: string; held?: string }[])[0];
    });
    expect(approval).toMatchObject({ person: "carol", held: "touch approved-1" });
    expect(existsSync(lab().inHome("approved-1"))).toBe(false);
    const approved = process.hrtime.bigint();
    const path = `/v1/approvals/${approval.id}`;
    const { status } = await control.call(path, {
      body: { decision: "approve" },
      role: "operator",
    });
    expect(status).toBe(200);
    await eventually("the file", () => existsSync(lab().inHome("approved-1")));
    const ms = Number(process.hrtime.bigint() - approved) / 1e6;
    console.log(`approval to effect: ${ms.toFixed(0)} ms (looked at every 20 ms)`);
    expect((await control.call(path, { body: { decision: "approve" } })).status).toBe(404);
    await terminal.ready();
    terminal.type("touch approved-2\r");
    const second = await eventually("the question", async () => {
      const { body } = await control.call("/v1/approvals");
      return (body["approvals"] as { id: string }[])[0];
    });
    succeeded("deny", await control.ctl("deny", second.id, "--reason", "not today"));
    await terminal.shows("not today");
    await terminal.ready();
    expect(existsSync(lab().inHome("approved-2"))).toBe(false);
    terminal.close();
  });

  it("locks a person out of everything, and lets them in again", async () => {
    const terminal = lab().terminal("via", { person: "dave" });
    await terminal.ready();
    const locked = await control.ctl("lock", "dave", "--reason", "on leave", "--for", "8h");
    expect(succeeded("lock", locked).stdout.toString()).toContain("sessions ended: 1");
    expect((await terminal.exited).code).not.toBe(0);
    expect((await lab().ssh("via", ["true"], { person: "dave" })).code).not.toBe(0);
    const { body } = await control.call("/v1/people/dave");
    expect(body).toMatchObject({ lock: { by: "operator:lab-admin", reason: "on leave" } });
    const issued = await control.call("/v1/session-tokens", {
      body: { person: "dave", target: "sshd" },
    });
    const { user } = (issued.body["ssh"] ?? {}) as { user: string };
    expect((await byToken(user, ["true"])).code).not.toBe(0);
    await control.call("/v1/people/dave/unlock", { body: { reason: "back" } });
    expect((await lab().ssh("via", ["true"], { person: "dave" })).code).toBe(0);
  });

  /** As a gateway that has no key of the person's: the user name is all it has. */
  const byToken = (user: string, command: readonly string[]) =>
    run("ssh", [
      ...["-F", lab().sshConfig, "-o", `User=${user}`, "-o", "IdentityFile=none"],
      ...["-o", "PreferredAuthentications=none", "via", ...command],
    ]);

  it("issues a token that opens one session, and leaves no trace of it anywhere", async () => {
    const order = {
      person: "erin",
      target: "sshd",
      labels: { env: "prod" },
      context: { ticket: "CHG-42" },
    };
    const issued = await control.call("/v1/session-tokens", { body: order });
    expect(issued.status).toBe(201);
    const { user } = (issued.body["ssh"] ?? {}) as { user: string };
    expect((await byToken(user, ["echo", "in"])).stdout.toString()).toBe("in\n");
    expect((await byToken(user, ["echo", "again"])).code).not.toBe(0);
    const opened = await lab().sidecar.told(
      "session.opened",
      (data) => data.session?.person === "erin",
    );
    expect(opened.data).toMatchObject({
      context: { ticket: "CHG-42" },
      targetLabels: { env: "prod" },
      authMethods: ["session-token"],
    });
    const everything = [
      readFileSync(join(lab().stateDir, "events.ndjson"), "utf8"),
      lab().sidecar.printed(),
    ].join("\n");
    expect(everything).not.toContain(user);
    const none = { body: { ...order, target: "nowhere" } };
    expect((await control.call("/v1/session-tokens", none)).status).toBe(404);
  });

  it("tells what rules in shadow mode would have done, judges new rules, and loads them", async () => {
    await lab().ssh("via", ["touch shadowed-1"], { person: "frank" });
    const shadow = await eventually("the hit", async () => {
      const { body } = await control.call("/v1/rules/shadow");
      return (body["rows"] as { rule: string; hits: number }[])[0];
    });
    expect(shadow).toMatchObject({ rule: "lab-shadow", hits: 1, wouldHave: { block: 1 } });
    const bad = join(lab().folder, "bad.yaml");
    writeFileSync(bad, LAB_RULES.replace("action: kill", "action: obliterate"));
    const judged = await control.ctl("rules", "validate", bad);
    expect(judged.code).toBe(1);
    expect(judged.stdout.toString()).toMatch(/^bad\.yaml:\d+:\d+ CHP_/m);
    writeFileSync(lab().rulesFile, LAB_RULES);
    const reloaded = await control.call("/v1/rules/reload", { method: "POST" });
    expect(reloaded.body).toMatchObject({ loaded: true, faults: [] });
    expect((await control.call("/v1/rules")).text).not.toContain("lab-approved");
  });

  it("lists and hands out recordings", async () => {
    const [id] = await eventually("recordings", async () => {
      const { body } = await control.call("/v1/recordings");
      const casts = body["recordings"] as { id: string; live: boolean }[];
      const done = casts.filter((one) => !one.live).map((one) => one.id);
      return done.length > 0 && done;
    });
    const to = join(lab().folder, "download.cast");
    succeeded("download", await control.ctl("download", id ?? "", "--to", to));
    const [original] = recordingsBelow(lab().stateDir).filter((file) =>
      file.includes(`${id}.cast`),
    );
    expect(readFileSync(to)).toEqual(readFileSync(original ?? ""));
    expect((await control.call("/v1/recordings/nobody-1")).status).toBe(404);
  });

  it("counts for Prometheus, and says whether it takes sessions", async () => {
    const { text } = await control.call("/metrics", { role: "viewer" });
    expect(text).toMatch(/^chaperone_commands_total\{decision="approved"\} 1$/m);
    expect(text).toMatch(/^chaperone_events_total\{type="session.opened"\} [1-9]/m);
    expect(succeeded("status", await control.ctl("status")).stdout.toString()).toContain(
      "takes sessions",
    );
  });

  it("kills every session at once", async () => {
    const count = longRun ? 200 : 12;
    const people = ["grace", "heidi"] as const;
    const clients = Array.from({ length: count }, (_, index) =>
      start("ssh", [...lab().sshArgs("via", people[index % 2]), "via", "sleep 600"]),
    );
    const exits = clients.map(
      (client) =>
        new Promise<number>((resolve) => client.on("exit", () => resolve(performance.now()))),
    );
    const ids = await eventually(
      `${count} sessions`,
      async () => {
        const { body } = await control.call("/v1/sessions?limit=1000");
        const sessions = body["sessions"] as { id: string; counts: { channels: number } }[];
        const ready = sessions.filter((one) => one.counts.channels > 0).map((one) => one.id);
        return ready.length === count && ready;
      },
      { patienceMs: 120_000 },
    );
    const began = performance.now();
    const beganWall = Date.now();
    const killed = await control.call("/v1/sessions/kill", {
      body: { sessions: ids, reason: "all of them" },
    });
    expect((killed.body["outcomes"] as { outcome: string }[]).map((one) => one.outcome)).toEqual(
      ids.map(() => "done"),
    );
    const ordered = performance.now() - began;
    const gone = Math.max(...(await Promise.all(exits))) - began;
    const closed = await eventually("their ends in the event file", () => {
      const ends = lab()
        .sidecar.events()
        .filter((event) => event.type.includes("session.closed") && ids.includes(event.subject));
      return ends.length === count && ends.map((event) => Date.parse(event.time) - beganWall);
    });
    console.log(
      `${count} sessions: order answered after ${ordered.toFixed(0)} ms, last session closed after ${Math.max(...closed)} ms, last client gone after ${gone.toFixed(0)} ms`,
    );
    expect((await control.call("/v1/sessions")).body).toMatchObject({ total: 0 });
  });

  it("has told every call as an event, and no secret in any answer", () => {
    const calls = lab()
      .sidecar.events()
      .filter((event) => event.type.includes("admin.called"));
    const operations = new Set(calls.map((event) => event.data.operation));
    for (const operation of ["listSessions", "killSession", "lockUser", "issueSessionToken"]) {
      expect(operations).toContain(operation);
    }
    const answers = control.heard();
    for (const person of ["alice", "bob"] as const) {
      expect(answers).not.toContain(`password of ${person}`);
      expect(answers).not.toContain(lab().totpSecret(person));
      expect(answers).not.toContain(lab().phrase(person));
    }
    expect(answers).not.toContain(control.token("admin"));
    expect(answers).not.toContain("PRIVATE KEY");
  });
});
