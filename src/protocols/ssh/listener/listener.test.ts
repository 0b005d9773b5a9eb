import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { err, fault, ok } from "../../../kernel/index.js";
import { CHANNELS_MAX, GLOBAL_REQUESTS_PENDING_MAX } from "../connection/limits.js";
import { connectRaw, guessPasswords } from "../door/client.testing.js";
import type { LoginAttempt, LoginOutcome } from "../ports.js";
import {
  generateKey,
  LAB_PERSON,
  labFacts,
  startLab,
  until,
  type Lab,
  type LabOptions,
} from "../ssh-lab.testing.js";
import { encodeWire, type WireValue } from "../wire/writer.js";
import { LOGIN_ATTEMPTS_MAX } from "./login.js";

let lab: Lab;
const start = async (options: LabOptions = {}): Promise<Lab> => (lab = await startLab(options));
afterEach(async () => {
  await lab.close();
});

const accepted: LoginOutcome = { type: "accepted", person: LAB_PERSON };
const judging = (judge: (attempt: LoginAttempt) => LoginOutcome): LabOptions => ({
  plan: () => ({ type: "embedded", command: ["/bin/sh"] }),
  authority: { authenticate: (attempt) => Promise.resolve(judge(attempt)) },
});

describe("login", () => {
  /** `ssh` that answers every question with the lines of `answers`, one after the other. */
  async function sshAnswering(answers: readonly string[], options: readonly string[]) {
    const file = path.join(lab.folder, "answers");
    writeFileSync(file, answers.map((line) => `${line}\n`).join(""));
    const askpass = path.join(lab.folder, "askpass");
    writeFileSync(
      askpass,
      `#!/bin/sh\nhead -n 1 ${file}; sed -i 1d ${file}; echo "$1" >> ${file}.asked\n`,
      { mode: 0o700 },
    );
    const result = await lab.run(
      "ssh",
      [
        ...["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
        ...options,
        ...["-p", String(lab.proxy.port), "alice+root@db-1@127.0.0.1", "echo in"],
      ],
      {
        stdin: null,
        env: { HOME: lab.folder, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" },
      },
    );
    return { ...result, asked: () => readFileSync(`${file}.asked`, "utf8") };
  }

  it("asks for a second method after the first, and tells the session both", async () => {
    let passed: readonly string[] = [];
    await start({
      plan: () => ({ type: "embedded", command: ["/bin/sh"] }),
      authority: {
        authenticate: (attempt) => {
          const { proof } = attempt;
          if (proof.method === "password") {
            return Promise.resolve({ type: "partial", next: ["keyboard-interactive"] });
          }
          if (proof.method === "keyboard-interactive") {
            const code = proof.answers[0]?.reveal((bytes) => Buffer.from(bytes).toString());
            return Promise.resolve(
              code === "123456" && attempt.passed.includes("password")
                ? accepted
                : { type: "refused", next: ["keyboard-interactive"] },
            );
          }
          return Promise.resolve({ type: "refused", next: ["password"] });
        },
        prompts: () =>
          Promise.resolve([{ text: "One-time code: ", echo: false, asksPassword: false }]),
        openSession: (login) => {
          passed = login.passed;
          return Promise.resolve(ok({ facts: labFacts(login), takesPassword: false }));
        },
      },
    });
    const result = await sshAnswering(
      ["s3cret", "999999", "123456"],
      ["-o", "PreferredAuthentications=password,keyboard-interactive"],
    );
    expect(result.stdout.toString()).toBe("in\n");
    expect(result.asked()).toContain("One-time code: ");
    expect(passed).toEqual(["password", "keyboard-interactive"]);
  });

  it("passes the user name on as it was sent", async () => {
    await start({ plan: () => ({ type: "embedded", command: ["/bin/sh"] }) });
    await sshAnswering(["x"], ["-o", "PreferredAuthentications=password"]);
    expect(lab.proxy.logins[0]).toMatchObject({ userName: "alice+root@db-1" });
  });

  it.each(["ed25519", "ecdsa", "rsa"] as const)("proves a key of the kind %s", async (type) => {
    const proofs: boolean[] = [];
    await start(
      judging(({ proof }) => {
        if (proof.method !== "publickey") return { type: "refused", next: ["publickey"] };
        proofs.push(proof.proved);
        return accepted;
      }),
    );
    const key = path.join(lab.folder, `key-${type}`);
    generateKey(key, type);
    const result = await lab.run("ssh", [
      ...["-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no"],
      ...[
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-p",
        String(lab.proxy.port),
        "a@127.0.0.1",
        "echo in",
      ],
    ]);
    expect(result.stdout.toString()).toBe("in\n");
    expect(proofs).toEqual([false, true]);
  });

  it("refuses a certificate, which nobody here verifies", async () => {
    await start(
      judging(({ proof }) =>
        proof.method === "publickey" ? accepted : { type: "refused", next: ["publickey"] },
      ),
    );
    const key = path.join(lab.folder, "certified");
    generateKey(key, "ed25519");
    await lab.run("ssh-keygen", [
      "-q",
      "-s",
      path.join(lab.folder, "person"),
      "-I",
      "x",
      "-n",
      "a",
      `${key}.pub`,
    ]);
    const result = await lab.run("ssh", [
      ...[
        "-F",
        "none",
        "-o",
        `CertificateFile=${key}-cert.pub`,
        "-i",
        key,
        "-o",
        "IdentitiesOnly=yes",
      ],
      ...["-o", "PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com"],
      ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
      ...["-p", String(lab.proxy.port), "a@127.0.0.1", "echo in"],
    ]);
    expect(result.code).toBe(255);
    expect(result.stdout).toHaveLength(0);
  });

  it(`ends after ${LOGIN_ATTEMPTS_MAX} attempts`, async () => {
    let judged = 0;
    await start(
      judging(() => {
        judged += 1;
        return { type: "refused", next: ["password"] };
      }),
    );
    expect(await guessPasswords(lab.proxy.port, 100)).toMatchObject({ outcome: "closed" });
    expect(judged).toBe(LOGIN_ATTEMPTS_MAX);
  });

  it("ends when the authority says so, and when it fails", async () => {
    let judged = 0;
    await start(
      judging(() => {
        judged += 1;
        return { type: "refused", next: ["password"], disconnect: "locked" };
      }),
    );
    expect(await guessPasswords(lab.proxy.port, 100)).toMatchObject({ outcome: "closed" });
    expect(judged).toBe(1);
    await lab.close();
    await start({
      authority: { authenticate: () => Promise.reject(new Error("registry is gone")) },
    });
    expect(await guessPasswords(lab.proxy.port, 100)).toMatchObject({ outcome: "closed" });
  });

  it("tells a person whose session may not begin why", async () => {
    await start({
      authority: {
        openSession: () =>
          Promise.resolve(err(fault("CHP_SSH_TARGET_LOGIN", "too many sessions of alice"))),
      },
    });
    const result = await lab.ssh(["-o", "LogLevel=INFO", "true"]);
    expect(result.code).toBe(255);
    expect(result.stderr).toContain("too many sessions of alice");
    await until("no connection is left", () => lab.proxy.server.connections === 0);
  });

  it("is over when it takes too long", async () => {
    await start({
      server: { loginGraceMs: 300 },
      authority: { authenticate: () => new Promise(() => undefined) },
    });
    expect(await guessPasswords(lab.proxy.port, 1)).toMatchObject({ outcome: "closed" });
  });
});

describe("a hostile or broken peer", () => {
  const sendRaw = (bytes: Uint8Array): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(lab.proxy.port, "127.0.0.1", () => {
        socket.write(bytes);
        resolve(socket);
      });
      socket.on("error", () => undefined);
      socket.resume();
    });

  async function stillServes(): Promise<void> {
    await until("no connection is left", () => lab.proxy.server.connections === 0);
    expect((await lab.ssh(["echo alive"])).stdout.toString()).toBe("alive\n");
  }

  it.each([
    ["garbage", randomBytes(4096)],
    ["another protocol", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    ["an endless line", Buffer.alloc(100_000, "A")],
    [
      "garbage after the greeting",
      Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), randomBytes(4096)]),
    ],
    ["a huge packet length", Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), Buffer.alloc(64, 0xff)])],
    ["a greeting and then silence", Buffer.from("SSH-2.0-x\r\n")],
    ["nothing", new Uint8Array(0)],
  ])("that sends %s is dropped, and everybody else is served", async (_what, bytes) => {
    await start({ server: { greetingMs: 300, loginGraceMs: 300 } });
    await sendRaw(bytes);
    await stillServes();
  });

  it("that comes 300 times in a row costs nothing that stays", async () => {
    await start({ server: { greetingMs: 500 } });
    const sockets = await Promise.all(
      Array.from({ length: 300 }, () => sendRaw(Buffer.from("SSH"))),
    );
    for (const socket of sockets) socket.destroy();
    await stillServes();
  });

  const MESSAGES: readonly (readonly [string, readonly Uint8Array[]])[] = [
    [
      "data for a channel that there is not",
      [encodeWire({ byte: 94 }, { uint32: 9 }, { string: "x" })],
    ],
    ["a close for a channel that there is not", [encodeWire({ byte: 97 }, { uint32: 9 })]],
    ["a truncated message", [Uint8Array.of(90, 0, 0)]],
    ["a string longer than its message", [encodeWire({ byte: 80 }, { uint32: 0xffffffff })]],
    [
      "an answer to a question that nobody asked",
      [encodeWire({ byte: 91 }, { uint32: 0 }, { uint32: 0 }, { uint32: 0 }, { uint32: 0 })],
    ],
    [
      "more than the window allows",
      [
        encodeWire(
          { byte: 90 },
          { string: "session" },
          { uint32: 0 },
          { uint32: 1000 },
          { uint32: 1000 },
        ),
        ...Array.from({ length: 4 }, () =>
          encodeWire({ byte: 94 }, { uint32: 0 }, { string: new Uint8Array(30_000) }),
        ),
      ],
    ],
    [
      "too many questions at once",
      Array.from({ length: GLOBAL_REQUESTS_PENDING_MAX + 1 }, () =>
        encodeWire(
          { byte: 80 },
          { string: "tcpip-forward" },
          { boolean: true },
          { string: "" },
          { uint32: 1 },
        ),
      ),
    ],
  ];

  it.each(MESSAGES)("that sends %s after its login is disconnected", async (what, messages) => {
    await start({
      plan: () => ({ type: "embedded", command: ["/bin/sh"] }),
      // Questions pile up only while the core takes its time.
      ...(what === "too many questions at once" ? { core: () => [] } : {}),
    });
    const client = await connectRaw(lab.proxy.port);
    for (const message of messages) client.transport.send(message);
    await client.closed;
    await until("the end", () => lab.proxy.inputs.at(-1)?.kind === "disconnected");
  });

  it("that asks for a channel of an unknown kind is refused and stays connected", async () => {
    await start({ plan: () => ({ type: "embedded", command: ["/bin/sh"] }) });
    const client = await connectRaw(lab.proxy.port);
    for (const type of ["x11", "auth-agent@openssh.com", "tun@openssh.com", ""]) {
      client.transport.send(
        encodeWire(
          { byte: 90 },
          { string: type },
          { uint32: 5 },
          { uint32: 10 },
          { uint32: 10 },
          { string: "" },
        ),
      );
    }
    await until("four refusals", () => client.received.filter((p) => p[0] === 92).length === 4);
    client.end();
    await client.closed;
  });

  it.each([
    { limit: CHANNELS_MAX, server: {} },
    { limit: 2, server: { channelsMax: 2 } },
    { limit: CHANNELS_MAX + 1, server: { channelsMax: CHANNELS_MAX + 1 } },
  ])("that opens $limit channels gets no more: $server", async ({ limit, server }) => {
    await start({ plan: () => ({ type: "embedded", command: ["/bin/sh"] }), server });
    const client = await connectRaw(lab.proxy.port);
    for (let id = 0; id <= limit; id += 1) {
      client.transport.send(
        encodeWire(
          { byte: 90 },
          { string: "session" },
          { uint32: id },
          { uint32: 1000 },
          { uint32: 1000 },
        ),
      );
    }
    await until("all answers", () => client.received.length === limit + 1);
    expect(client.received.map((payload) => payload[0])).toEqual([
      ...new Array<number>(limit).fill(91),
      92,
    ]);
    client.end();
    await client.closed;
  });

  it("that sends two programs on one channel gets the first only", async () => {
    await start({ plan: () => ({ type: "embedded", command: ["/bin/sh"] }) });
    const client = await connectRaw(lab.proxy.port);
    client.transport.send(
      encodeWire(
        { byte: 90 },
        { string: "session" },
        { uint32: 3 },
        { uint32: 100_000 },
        { uint32: 30_000 },
      ),
    );
    await until("the channel", () => client.received.length === 1);
    for (const command of ["cat", "echo second"]) {
      client.transport.send(
        encodeWire(
          { byte: 98 },
          { uint32: 0 },
          { string: "exec" },
          { boolean: true },
          { string: command },
        ),
      );
    }
    await until("two replies", () => client.received.filter((p) => (p[0] ?? 0) >= 99).length === 2);
    expect(client.received.filter((p) => (p[0] ?? 0) >= 99).map((p) => p[0])).toEqual([99, 100]);
    client.end();
    await client.closed;
  });
});

describe("requests of a channel", () => {
  it("reach the core and the target: signals, sizes and breaks", async () => {
    await start({ plan: () => ({ type: "embedded", command: ["/bin/bash"] }) });
    const client = await connectRaw(lab.proxy.port);
    const request = (type: string, ...body: readonly WireValue[]) =>
      client.transport.send(
        encodeWire({ byte: 98 }, { uint32: 0 }, { string: type }, { boolean: true }, ...body),
      );
    const replies = () => client.received.filter((p) => p[0] === 99 || p[0] === 100).length;
    const output = () =>
      Buffer.concat(
        client.received.filter((p) => p[0] === 94).map((p) => p.subarray(9)),
      ).toString();
    client.transport.send(
      encodeWire(
        { byte: 90 },
        { string: "session" },
        { uint32: 0 },
        { uint32: 100_000 },
        { uint32: 30_000 },
      ),
    );
    await until("the channel", () => client.received.length === 1);
    request("exec", {
      string: "trap 'echo caught; exit 3' USR1; echo ready; while :; do sleep 0.05; done",
    });
    await until("the program runs", () => output().includes("ready"));
    request("signal", { string: "USR1" });
    await until("the signal", () => output().includes("caught"));
    expect(replies()).toBeGreaterThanOrEqual(1);
    await until("the exit status", () =>
      client.received.some(
        (p) => p[0] === 98 && Buffer.from(p).includes("exit-status") && p.at(-1) === 3,
      ),
    );
    client.end();
    await client.closed;
    expect(lab.proxy.inputs).toContainEqual(
      expect.objectContaining({ kind: "request-asked", asked: { type: "signal", name: "USR1" } }),
    );
  });
});
