import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLine } from "../spool/checked-line.js";
import { compiled } from "../testing/compiled.testing.js";
import type { ParentMessage, WorkerMessage } from "./messages.js";
import { Secret } from "../../kernel/index.js";
import { createQuestions } from "./questions.js";
import { packMessage, unpackMessage, wipeSecrets } from "./wire-secrets.js";
import { eventually } from "../testing/eventually.testing.js";

const shown = (secret: unknown): string =>
  secret instanceof Secret ? secret.reveal((bytes) => Buffer.from(bytes).toString()) : "no secret";

describe("a message between processes", () => {
  it("carries secrets as bytes and hands them over as secrets", () => {
    const password = new Secret(Buffer.from("hunter2"));
    const packed = packMessage({ kind: "ask", deep: [{ password, n: 1 }], blob: Buffer.from([1]) });
    const there = structuredClone(packed.message);
    packed.wipe();
    const got = unpackMessage(there) as { deep: { password: Secret; n: number }[] };
    expect(shown(got.deep[0]?.password)).toBe("hunter2");
    expect(got.deep[0]?.n).toBe(1);
    // The sender's secret is still its own: only the copy for the channel is gone.
    expect(shown(password)).toBe("hunter2");
    expect(JSON.stringify(packed.message)).not.toContain(String("hunter2".charCodeAt(0)));
  });

  it("is passed on as it is where it holds no secret", () => {
    const message = { kind: "ask", list: [1, { deep: Buffer.from([1]) }] };
    expect(packMessage(message).message).toBe(message);
    expect(unpackMessage(message)).toBe(message);
    const half = { plain: { n: 1 }, list: [{ secret: new Secret(Buffer.from("x")) }, "y"] };
    const packed = packMessage(half).message as typeof half;
    expect(packed.plain).toBe(half.plain);
    expect(packed.list).not.toBe(half.list);
    expect(half.list[0]).toHaveProperty("secret", expect.any(Secret));
  });

  it("leaves nothing of its secrets when it has been dealt with", () => {
    const bytes = Buffer.from("hunter2");
    wipeSecrets({ answers: [new Secret(bytes)] });
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

describe("questions to the registry", () => {
  it("are answered, each with its own answer", async () => {
    const sent: number[] = [];
    const questions = createQuestions((id) => sent.push(id));
    const answers = [questions.ask("a", 5_000), questions.ask("b", 5_000)];
    questions.answered(sent[1] ?? -1, "B");
    questions.answered(sent[0] ?? -1, "A");
    expect(await Promise.all(answers)).toEqual(["A", "B"]);
  });

  it("get no answer when none comes in time, and none after that", async () => {
    const sent: number[] = [];
    const questions = createQuestions((id) => sent.push(id));
    expect(await questions.ask("a", 10)).toBeNull();
    questions.answered(sent[0] ?? -1, "late");
    const next = questions.ask("b", 5_000);
    questions.abandon();
    expect(await next).toBeNull();
  });

  it("are refused when the parent leaves thousands of them unanswered", async () => {
    const questions = createQuestions(() => undefined);
    const waiting = Array.from({ length: 4_096 }, () => questions.ask("a", 60_000));
    expect(await questions.ask("one more", 60_000)).toBeNull();
    questions.abandon();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([null]));
  });
});

describe("a worker whose parent is gone", () => {
  it("ends every session with its events, and then itself", async () => {
    const dir = mkdtempSync(join(tmpdir(), "chaperone-orphan-"));
    const child = fork(
      compiled("runtime/testing/toy-worker.testing.js"),
      [dir, "w0", join(dir, "effects")],
      {
        serialization: "advanced",
      },
    );
    const heard: WorkerMessage[] = [];
    child.on("message", (message) => heard.push(message as WorkerMessage)); // our own module
    const kinds = (): string[] => heard.map((message) => message.kind);
    await eventually(kinds).toContain("hello");
    const start: ParentMessage = { kind: "start", settings: null };
    child.send(start);
    await eventually(kinds).toContain("ready");
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      const connection = { id: 1, address: "127.0.0.1", port: 1 };
      const message: ParentMessage = { kind: "connection", connection };
      child.send(message, socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
    client.on("error", () => undefined);
    client.write("ls\n");
    await once(client, "data");

    const exited = once(child, "exit");
    child.disconnect();
    expect(await exited).toEqual([0, null]);
    const events = readdirSync(dir)
      .filter((file) => file.startsWith("w0-"))
      .flatMap((file) => readFileSync(join(dir, file), "utf8").trim().split("\n"))
      .map((line) => JSON.parse(String(openLine(Buffer.from(`${line}\n`)))) as { type: string })
      .map(({ type }) => type);
    expect(events).toEqual([
      "io.chaperone.session.opened.v1",
      "io.chaperone.command.entered.v1",
      "io.chaperone.session.closed.v1",
    ]);
    server.close();
    client.destroy();
    rmSync(dir, { recursive: true, force: true });
  });
});
