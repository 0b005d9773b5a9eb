// Gateways that end connections themselves: one command at a time, and terminals as they are typed.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { sshdThere } from "../e2e/lab/sshd.js";
import { totpCode } from "../e2e/lab/totp.js";
import { eventually } from "../e2e/lab/wait.js";
import { startControlLab, type ControlLab } from "./lab.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - { id: lab-block, name: Not here, match: { command: { exec: touch, args: { any: "blocked*" } } }, action: block }
  - { id: lab-warn, name: Careful, match: { command: { exec: touch, args: { any: "warned*" } } }, action: warn }
  - { id: lab-approve, name: Four eyes, match: { command: { exec: touch, args: { any: "agreed*" } } }, action: { do: approve, timeout: 60s } }
  - { id: lab-reauth, name: Who is it, match: { command: { exec: touch, args: { any: "asked*" } } }, action: { do: reauth, factors: [totp], attempts: 3, grace: 0s } }
  - { id: lab-kill, name: Never, match: { command: { exec: touch, args: { any: "killed*" } } }, action: kill }
`;

type Told = Readonly<Record<string, unknown>> & { readonly type: string };

let control: ControlLab;

/** Every file below a folder, as text. */
function readEverything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

describe.skipIf(!sshdThere)("a gateway with connections of its own (needs sshd)", () => {
  beforeAll(async () => {
    control = await startControlLab({ rules: RULES });
  });
  afterAll(() => control.lab.end());

  async function opened(over: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await control.call("/v1/sessions", {
      body: {
        person: "alice",
        target: "sshd",
        account: control.lab.sshd.account,
        origin: "192.0.2.7",
        ...over,
      },
    });
    expect([status, body]).toEqual([201, expect.objectContaining({ failMode: "failClosed" })]);
    return String(body["id"]);
  }
  const inspect = async (id: string, seq: number, command: string) =>
    (await control.call(`/v1/sessions/${id}/inspect`, { body: { kind: "command", seq, command } }))
      .body;

  it("asks about one command at a time, under the rules and with the events of every session", async () => {
    const id = await opened({ deadlineMs: 200, context: { ticket: "CHG-7" } });
    expect(await inspect(id, 1, "ls -l")).toEqual({ seq: 1, verdict: "allow", told: "" });
    expect(await inspect(id, 2, "touch warned")).toMatchObject({
      verdict: "allow",
      told: expect.stringContaining("Careful") as unknown,
    });
    expect(await inspect(id, 3, "sudo touch blocked")).toMatchObject({
      verdict: "block",
      told: expect.stringContaining("lab-block") as unknown,
    });
    expect(await inspect(id, 4, "touch agreed")).toMatchObject({ verdict: "hold" });
    const { body } = await control.call("/v1/approvals");
    const [approval] = body["approvals"] as readonly { readonly id: string }[];
    await control.call(`/v1/approvals/${approval?.id ?? ""}`, { body: { decision: "approve" } });
    await eventually("the verdict", async () => {
      return (await inspect(id, 4, "touch agreed"))["verdict"] === "allow";
    });
    expect(await inspect(id, 5, "touch killed")).toMatchObject({ verdict: "kill" });
    expect((await control.call(`/v1/sessions/${id}/end`, { method: "POST" })).status).toBe(404);
    const entered = control.lab.sidecar
      .events()
      .filter((event) => event.subject === id && event.type.includes("command.entered"));
    expect(entered.map(({ data }) => [data["text"], data["decision"]])).toEqual([
      ["ls -l", "allowed"],
      ["touch warned", "warned"],
      ["sudo touch blocked", "blocked"],
      ["touch agreed", "approved"],
      ["touch killed", "killed"],
    ]);
    const session = await control.lab.sidecar.told(
      "session.opened",
      (data) => JSON.stringify(data).includes("CHG-7") && true,
    );
    expect(session.data["context"]).toMatchObject({
      ticket: "CHG-7",
      failMode: "failClosed",
      gateway: "lab-admin",
    });
    await control.lab.sidecar.told("session.closed");
  });

  it("hands in the code that its person has told it, which is judged like one that they typed", async () => {
    const id = await opened({ deadlineMs: 200 });
    const held = await inspect(id, 1, "touch asked");
    expect(held).toMatchObject({
      verdict: "hold",
      told: expect.stringContaining("code") as unknown,
    });
    // The list is kept from the events, which come when they have been written.
    const challenge = await eventually("the challenge", async () => {
      const { body } = await control.call(`/v1/challenges?session=${id}`, { role: "viewer" });
      return (body["challenges"] as readonly { readonly id: string }[])[0];
    });
    expect(challenge).toMatchObject({ factor: "totp", person: "alice", trigger: "lab-reauth" });
    const path = `/v1/challenges/${challenge.id}/answer`;
    const secret = control.lab.totpSecret("alice");
    const code = totpCode(secret);
    // Longer than a code: digits alone stand in some time or other.
    const NEVER_KEPT = "a code that stands nowhere";
    const hand = async (answer: string, role: "admin" | "operator" = "admin") =>
      await control.call(path, { role, body: { answer } });
    expect((await hand(code, "operator")).status).toBe(403);
    expect((await hand(NEVER_KEPT)).body).toMatchObject({
      outcome: "refused",
      reason: "wrong",
    });
    expect(await inspect(id, 1, "touch asked")).toMatchObject({ verdict: "hold" });
    expect((await hand(code)).body).toMatchObject({ outcome: "accepted" });
    await eventually("the verdict", async () => {
      return (await inspect(id, 1, "touch asked"))["verdict"] === "allow";
    });
    expect((await hand(code)).status).toBe(404);
    const told = await control.lab.sidecar.told(
      "reauth.succeeded",
      (data) => data.session?.id === id,
    );
    expect(told.data).toMatchObject({ by: "gateway:lab-admin", attempts: 2 });
    // What was handed in stands nowhere: not in an answer, an event, a log or anything that is kept.
    const everything = `${control.heard()}${readEverything(control.lab.stateDir)}`;
    expect(everything).toContain("reauth.succeeded");
    expect(everything).not.toContain(NEVER_KEPT);
    expect((await control.call(`/v1/sessions/${id}/end`, { method: "POST" })).status).toBe(200);
  });

  it("streams a terminal: what is typed passes, what is blocked never gets its Enter", async () => {
    const id = await opened();
    const socket = new WebSocket(
      `${control.url.replace("http", "ws")}/v1/sessions/${id}/stream`,
      ["chaperone.v1"],
      { headers: { authorization: `Bearer ${control.token("admin")}` } },
    );
    const told: Told[] = [];
    socket.on("message", (data: Buffer) => told.push(JSON.parse(data.toString()) as Told));
    await once(socket, "open");
    let seq = 0;
    const send = (frame: Readonly<Record<string, unknown>>): number => {
      seq += 1;
      socket.send(JSON.stringify({ seq, channel: 1, ...frame }));
      return seq;
    };
    const bytes = (text: string): string => Buffer.from(text).toString("base64");
    const verdict = (of: number) =>
      eventually(`the verdict on ${String(of)}`, () =>
        told.find((one) => one.type === "verdict" && one["seq"] === of),
      );
    const type = async (text: string): Promise<string> => {
      const answer = await verdict(send({ type: "client", data: bytes(text) }));
      const passed = answer["verdict"] === "pass" ? bytes(text) : String(answer["data"]);
      return Buffer.from(passed, "base64").toString();
    };
    /** A target that echoes. */
    const echoed = async (text: string): Promise<void> => {
      for (const letter of text) {
        expect(await type(letter)).toBe(letter);
        await verdict(send({ type: "target", data: bytes(letter) }));
      }
    };
    const opening = send({ type: "open", pty: { columns: 80, rows: 24 } });
    expect(await verdict(opening)).toMatchObject({ verdict: "pass" });
    expect(told.some((one) => one.type === "started")).toBe(true);
    await verdict(send({ type: "target", data: bytes("$ ") }));
    await echoed("echo good");
    // Enter is held until it is judged, and then sent: at once, or a moment later.
    const sentLater = (): string =>
      told
        .filter((one) => one.type === "to-target")
        .map((one) => Buffer.from(String(one["data"]), "base64").toString())
        .join("");
    let target = await type("\r");
    await eventually("its Enter", () => (target + sentLater()).includes("\r"));
    await verdict(send({ type: "target", data: bytes("\r\ngood\r\n$ ") }));
    const before = sentLater().length;
    await echoed("touch blocked");
    target = await type("\r");
    await eventually("its interrupt", () => (target + sentLater().slice(before)).includes("\x03"));
    expect(target + sentLater().slice(before)).not.toContain("\r");
    await control.lab.sidecar.told("command.entered", (data) => data["text"] === "touch blocked");
    // An operator reaches it as every session, and the gateway is told.
    expect(
      (await control.call(`/v1/sessions/${id}/kill`, { body: { reason: "why" } })).status,
    ).toBe(202);
    await eventually("its end", () => told.some((one) => one.type === "end"));
    await eventually("the socket's end", () => socket.readyState === WebSocket.CLOSED);
  });

  it("only tells what rules would have done, where the gateway only wants to be told", async () => {
    const id = await opened({ mode: "observe" });
    expect(await inspect(id, 1, "ls -l")).toEqual({
      seq: 1,
      verdict: "allow",
      told: "",
      rules: [],
    });
    const looked = ["touch blocked", "touch agreed", "touch asked", "touch killed"];
    const seen: unknown[] = [];
    for (const [at, text] of looked.entries()) seen.push(await inspect(id, at + 2, text));
    expect(seen).toEqual(
      ["block", "approve", "reauth", "kill"].map((wouldHave, at) => ({
        seq: at + 2,
        verdict: "allow",
        told: "",
        rules: [{ id: expect.stringContaining("lab-") as unknown, wouldHave }],
      })),
    );
    const suspended = await control.call(`/v1/sessions/${id}/suspend`, { body: { reason: "why" } });
    expect(suspended.status).toBe(409);
    const socket = new WebSocket(
      `${control.url.replace("http", "ws")}/v1/sessions/${id}/stream`,
      ["chaperone.v1"],
      { headers: { authorization: `Bearer ${control.token("admin")}` } },
    );
    const told: Told[] = [];
    socket.on("message", (data: Buffer) => told.push(JSON.parse(data.toString()) as Told));
    await once(socket, "open");
    let seq = 0;
    const send = (frame: Readonly<Record<string, unknown>>): void => {
      seq += 1;
      socket.send(JSON.stringify({ seq, channel: 1, ...frame }));
    };
    const bytes = (text: string): string => Buffer.from(text).toString("base64");
    send({ type: "open", pty: { columns: 80, rows: 24 } });
    send({ type: "target", data: bytes("$ ") });
    for (const letter of "touch blocked") {
      send({ type: "client", data: bytes(letter) });
      send({ type: "target", data: bytes(letter) });
    }
    send({ type: "client", data: bytes("\r") });
    send({ type: "target", data: bytes("\r\n$ ") });
    await eventually(
      "every verdict",
      () => told.filter((one) => one.type === "verdict").length === seq,
    );
    await eventually("what was seen", () => told.some((one) => one.type === "observed"));
    expect(told.filter((one) => one.type === "verdict" && one["verdict"] !== "pass")).toEqual([]);
    expect(told.find((one) => one.type === "observed")).toEqual({
      type: "observed",
      rules: [{ id: "lab-block", wouldHave: "block" }],
    });
    expect(told.map((one) => one.type).filter((type) => type.startsWith("to-"))).toEqual([]);
    socket.close();
    await control.lab.sidecar.told("session.closed", (data) => data.session?.id === id);
    const events = control.lab.sidecar.events().filter((event) => event.subject === id);
    const entered = events.filter((event) => event.type.includes("command.entered"));
    expect(entered.map(({ data }) => [data.text, data.decision])).toEqual(
      ["ls -l", ...looked, "touch blocked"].map((text) => [text, "allowed"]),
    );
    expect(events.filter((event) => event.type.includes("rule.matched"))).toHaveLength(5);
  });

  it("ends the session when the gateway goes, or talks nonsense, and lets nobody else in", async () => {
    const connect = (id: string, role: "admin" | "operator" = "admin") =>
      new WebSocket(
        `${control.url.replace("http", "ws")}/v1/sessions/${id}/stream`,
        "chaperone.v1",
        {
          headers: { authorization: `Bearer ${control.token(role)}` },
        },
      );
    const refused = connect(await opened(), "operator");
    const [error] = (await once(refused, "error")) as [Error];
    expect(error.message).toContain("403");
    const id = await opened();
    const socket = connect(id);
    await once(socket, "open");
    const second = connect(id);
    const [code] = (await once(second, "close")) as [number];
    expect(code).toBe(1008);
    socket.send('{"type":"client","seq":1,"channel":1,"data":"***"}');
    const [ended] = (await once(socket, "close")) as [number];
    expect(ended).toBe(1008);
    const closed = await control.lab.sidecar.told(
      "session.closed",
      (data) => data.session?.id === id,
    );
    expect(JSON.stringify(closed)).toContain("gateway-gone");
    await eventually("that it is known no more", async () => {
      const answer = (await inspect(id, 1, "ls")) as { error?: { code?: string } };
      return answer.error?.code === "CHP_ADMIN_NOT_FOUND";
    });
  });
});
