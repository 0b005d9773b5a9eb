import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { err, fault, ok, Secret, type RequestId } from "../../../kernel/index.js";
import type { InputBody } from "../../../model/index.js";
import { connectRaw } from "../door/client.testing.js";
import type { TrafficEffect } from "../ports.js";
import {
  answer,
  freePort,
  hasSshd,
  LAB_PERSON,
  labFacts,
  listen,
  permissiveCore,
  startLab,
  until,
  type Lab,
  type LabCore,
  type LabOptions,
} from "../ssh-lab.testing.js";
import { encodeWire, type WireValue } from "../wire/writer.js";

const valve = (input: InputBody, state: "held" | "open"): TrafficEffect => {
  if (!("channel" in input) || input.channel === null) throw new Error("no channel to hold");
  return { kind: "valve", channel: input.channel, state };
};

describe.skipIf(!hasSshd)("a session between a person, the core and a target", () => {
  let lab: Lab;
  const start = async (options: LabOptions = {}): Promise<Lab> => (lab = await startLab(options));
  afterEach(async () => {
    await lab.close();
  });

  /** The permissive core, but for one kind of input. */
  function except(judge: (input: InputBody) => readonly TrafficEffect[] | undefined): LabCore {
    return (input) => judge(input) ?? permissiveCore(input);
  }
  const requestOf = (type: string) =>
    lab.proxy.inputs.find(
      (input) => input.kind === "request-asked" && input.asked.type === type,
    ) as Extract<InputBody, { kind: "request-asked" }> | undefined;

  describe("the core's answers", () => {
    it("may come late: what the client sent meanwhile waits and arrives whole", async () => {
      const sent = Buffer.alloc(3_000_000, "0123456789");
      await start({
        core: except((i) =>
          i.kind === "request-asked" && i.asked.type === "exec" ? [] : undefined,
        ),
      });
      const running = lab.ssh(["cat"], { stdin: sent });
      await until("the request", () => requestOf("exec") !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
      lab.proxy.effect(
        answer(requestOf("exec")?.request as RequestId, {
          type: "started",
          inspect: "stream",
          channelKind: "exec",
        }),
      );
      const result = await running;
      expect(result.stdout.equals(sent)).toBe(true);
    });

    it("may end a forbidden command with a reason and an exit code, without dialling", async () => {
      let plans = 0;
      await start({
        core: except((i) =>
          i.kind === "request-asked" && i.asked.type === "exec"
            ? [
                answer(i.request, {
                  type: "ended",
                  message: "not here",
                  exit: { type: "code", code: 126 },
                }),
              ]
            : undefined,
        ),
        targets: {
          plan: () => {
            plans += 1;
            return Promise.resolve(err(fault("CHP_SSH_TARGET_UNREACHABLE", "unused")));
          },
        },
      });
      const result = await lab.ssh(["rm -rf /"], { stdin: null });
      expect(result).toMatchObject({
        code: 126,
        stderr: expect.stringContaining("not here") as string,
      });
      expect(result.stdout).toHaveLength(0);
      expect(plans).toBe(0);
      await until("the channel is reported closed", () =>
        lab.proxy.inputs.some((input) => input.kind === "channel-closed"),
      );
    });

    it("may refuse any request and any channel, and the client is told", async () => {
      await start({
        core: except((i) => {
          if (i.kind === "channel-asked" && i.asked.type !== "session") {
            return [answer(i.request, { type: "refused", reason: "no forwards" })];
          }
          if (i.kind === "global-asked") {
            return [answer(i.request, { type: "refused", reason: "no forwards" })];
          }
          return i.kind === "request-asked" && i.asked.type === "subsystem"
            ? [answer(i.request, { type: "refused", reason: "no sftp" })]
            : undefined;
        }),
      });
      const forward = await lab.ssh(["-W", "127.0.0.1:1", "-o", "LogLevel=INFO"]);
      expect(forward.code).toBe(255);
      const remote = await lab.ssh(["-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1"]);
      expect(remote.code).toBe(255);
      const subsystem = await lab.ssh(["-s", "sftp"], { stdin: null });
      expect(subsystem.code).not.toBe(0);
    });

    it("are asked for every request in the client's words", async () => {
      await start();
      await lab.ssh(["-o", "SendEnv=CHAPERONE_TEST_A", "-A", "-tt", "true"], {
        env: { HOME: lab.folder, CHAPERONE_TEST_A: "x" },
      });
      expect(requestOf("env")).toMatchObject({ asked: { name: "CHAPERONE_TEST_A", value: "x" } });
      expect(requestOf("exec")).toMatchObject({ asked: { command: "true" } });
      expect(lab.proxy.inputs[0]).toEqual({ kind: "opened" });
      await until("the end", () => lab.proxy.inputs.at(-1)?.kind === "disconnected");
    });
  });

  describe("the valve", () => {
    it("holds what a person sends past the core, and releases it unchanged", async () => {
      let file = "";
      await start({
        core: except((i) =>
          i.kind === "request-asked" && i.asked.type === "exec"
            ? [valve(i, "held"), ...permissiveCore(i)]
            : undefined,
        ),
      });
      file = path.join(lab.folder, "held");
      const running = lab.ssh([`cat > ${file}; echo done`], { stdin: "held text" });
      await until("the program runs", () => existsSync(file));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(statSync(file).size).toBe(0);
      const exec = requestOf("exec");
      if (exec !== undefined) lab.proxy.effect(valve(exec, "open"));
      expect((await running).stdout.toString()).toBe("done\n");
      expect(readFileSync(file, "utf8")).toBe("held text");
    });

    it("holds a forward that was closed before it was opened", async () => {
      const got: string[] = [];
      const server = createServer((socket) =>
        socket.on("data", (d: Buffer) => got.push(d.toString())),
      );
      const port = await listen(server);
      await start({
        core: except((i) =>
          i.kind === "channel-asked" && i.asked.type === "direct-tcpip"
            ? [valve(i, "held"), ...permissiveCore(i)]
            : undefined,
        ),
      });
      let stop = (): void => undefined;
      const running = lab.ssh(["-W", `127.0.0.1:${port}`], {
        stdin: "through the tunnel",
        started: (child) => (stop = () => child.kill()),
      });
      const asked = () =>
        lab.proxy.inputs.find((i) => i.kind === "channel-asked" && i.asked.type !== "session");
      await until("the forward", () => asked() !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(got).toEqual([]);
      const forward = asked();
      if (forward !== undefined) lab.proxy.effect(valve(forward, "open"));
      await until("the text", () => got.join("") === "through the tunnel");
      stop();
      await running;
      server.close();
    });

    it("lets nothing through when the person leaves while it is held", async () => {
      await start({
        core: except((i) =>
          i.kind === "request-asked" && i.asked.type === "exec"
            ? [valve(i, "held"), ...permissiveCore(i)]
            : undefined,
        ),
      });
      const file = path.join(lab.folder, "never");
      let stop = (): void => undefined;
      const running = lab.ssh([`cat > ${file}`], {
        stdin: "never to arrive",
        started: (child) => (stop = () => child.kill("SIGKILL")),
      });
      await until("the program runs", () => existsSync(file));
      await new Promise((resolve) => setTimeout(resolve, 200));
      stop();
      await running;
      await until("the end", () => lab.proxy.inputs.at(-1)?.kind === "disconnected");
      expect(statSync(file).size).toBe(0);
    });
  });

  describe("its end", () => {
    it("by the core tells the person what was said, and the exit code", async () => {
      await start({
        core: except((i) =>
          i.kind === "target-sent"
            ? [
                ...permissiveCore(i),
                {
                  kind: "send-to-person",
                  channel: i.channel,
                  stream: "stdout",
                  bytes: Buffer.from("session ended: policy\r\n"),
                },
                { kind: "close-session", reason: "policy", exitCode: 77 },
              ]
            : undefined,
        ),
      });
      const file = path.join(lab.folder, "killed-pid");
      const result = await lab.ssh(["-tt"], {
        stdin: `echo $$ > ${file}; echo visible; sleep 600\n`,
      });
      expect(result.code).toBe(77);
      expect(result.stdout.toString()).toContain("session ended: policy");
    });

    it("by the core is told to a client that runs nothing", async () => {
      await start();
      const running = lab.ssh(["-N", "-o", "LogLevel=INFO"], { timeoutMs: 20_000 });
      await until("the session is open", () => lab.proxy.inputs.length > 0);
      lab.proxy.effect({ kind: "close-session", reason: "locked by ops", exitCode: 1 });
      const result = await running;
      expect(result.code).toBe(255);
      expect(result.stderr).toContain("locked by ops");
    });

    it("by a dying target is told as ssh would tell it", async () => {
      await start();
      const file = path.join(lab.folder, "pid");
      const running = lab.ssh([`echo $PPID > ${file}; sleep 600`], { stdin: null });
      await until("the program runs", () => existsSync(file) && statSync(file).size > 1);
      // $PPID is the target's sshd process of this connection.
      process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
      const result = await running;
      expect(result.code).toBe(255);
      expect(result.stderr).toContain("Connection to lab closed by remote host.");
      expect(lab.proxy.inputs.map((input) => input.kind)).toContain("target-failed");
    });

    it("by a client killed in mid-transfer frees the target, and the numbers are told", async () => {
      await start();
      const file = path.join(lab.folder, "pid");
      const result = await lab.ssh([`echo $$ > ${file}; exec cat /dev/zero`], {
        stdin: null,
        started: (child) => {
          let bytes = 0;
          child.stdout?.on("data", (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > 5_000_000) child.kill("SIGKILL");
          });
        },
      });
      expect(result.signal).toBe("SIGKILL");
      await until("the end", () => lab.proxy.inputs.at(-1)?.kind === "disconnected");
      const pid = Number(readFileSync(file, "utf8"));
      await until("the program is gone", () => !existsSync(`/proc/${pid}`));
      const closed = lab.proxy.inputs.find((input) => input.kind === "channel-closed");
      expect(closed?.kind === "channel-closed" && closed.bytes.toPerson).toBeGreaterThan(5_000_000);
      await until("no connection is left", () => lab.proxy.server.connections === 0);
    });

    it("is told to a client that closed its channel before the exit status came", async () => {
      await start();
      const client = await connectRaw(lab.proxy.port);
      const send = (...values: readonly WireValue[]) =>
        client.transport.send(encodeWire(...values));
      const kinds = () => client.received.map((payload) => payload[0]);
      send(
        { byte: 90 },
        { string: "session" },
        { uint32: 7 },
        { uint32: 100_000 },
        { uint32: 30_000 },
      );
      await until("the channel", () => kinds().includes(91));
      const command = "exec >&- 2>&- </dev/null; sleep 0.2; exit 3";
      send(
        { byte: 98 },
        { uint32: 0 },
        { string: "exec" },
        { boolean: false },
        { string: command },
      );
      await until("the end of the output", () => kinds().includes(96));
      send({ byte: 96 }, { uint32: 0 });
      send({ byte: 97 }, { uint32: 0 });
      await until("the close", () => kinds().includes(97));
      const status = client.received.find((payload) => payload[0] === 98);
      expect(status?.at(-1)).toBe(3);
      client.end();
      await client.closed;
    });

    it("by shutdown closes everything in bounded time", async () => {
      await start();
      const running = lab.ssh(["sleep 600"], { stdin: null });
      await until("the program runs", () => requestOf("exec") !== undefined);
      await lab.proxy.server.close("the sidecar is stopping");
      expect((await running).code).toBe(255);
      expect(lab.proxy.inputs.at(-1)?.kind).toBe("disconnected");
    });
  });

  describe("a target that can not be reached", () => {
    it.each([
      ["nobody listens", "connection refused"],
      ["the credential is wrong", "does not accept the password of this account"],
      ["the host key is refused", "host key is not the one we know"],
    ])("because %s: the person reads why, exit 255", async (why, text) => {
      const closed = await freePort();
      await start({
        plan: ({ sshdPort, folder }) => ({
          type: "ssh",
          host: "127.0.0.1",
          port: why === "nobody listens" ? closed : sshdPort,
          account: "root",
          credential:
            why === "the credential is wrong"
              ? { type: "password", password: new Secret(Buffer.from("wrong")) }
              : {
                  type: "key",
                  privateKey: new Secret(readFileSync(path.join(folder, "target-account"))),
                },
          hostKeyAlgorithms: [],
          trustedKeys: [],
          connectTimeoutMs: 5_000,
        }),
        targets: {
          judgeHostKey: () =>
            Promise.resolve(
              why === "the host key is refused"
                ? {
                    type: "refused",
                    fault: fault("CHP_SSH_TARGET_LOGIN", "the host key is not the one we know"),
                  }
                : { type: "trusted" },
            ),
        },
      });
      const result = await lab.ssh(["echo never"], { stdin: null });
      expect(result).toMatchObject({ code: 255, stdout: Buffer.alloc(0) });
      expect(result.stderr.toLowerCase()).toContain(text);
      expect(lab.proxy.inputs.map((input) => input.kind)).toContain("target-failed");
      if (why === "the host key is refused") {
        // No credential was sent to a host that is not the one we know.
        expect(lab.sshd.log()).not.toContain("Accepted");
        expect(lab.sshd.log()).not.toContain("Failed");
      }
    });

    const nobodyListens = async (): Promise<void> => {
      const closed = await freePort();
      await start({
        plan: () => ({
          type: "ssh",
          host: "127.0.0.1",
          port: closed,
          account: "root",
          credential: { type: "password", password: new Secret(Buffer.from("x")) },
          hostKeyAlgorithms: [],
          trustedKeys: [],
          connectTimeoutMs: 5_000,
        }),
      });
    };

    it("is told to a client that insists on a terminal, and would give up without one", async () => {
      await nobodyListens();
      const result = await lab.ssh(["-tt", "echo never"], { stdin: null });
      expect(result.code).toBe(255);
      expect(result.stdout.toString()).toMatch(/connection refused\r\n.*administrator/);
    });

    it("answers sftp with an error instead of silence", async () => {
      await nobodyListens();
      const result = await lab.run("sftp", [
        ...lab.clientOptions(),
        "-P",
        String(lab.proxy.port),
        "root@127.0.0.1",
      ]);
      expect(result.code).toBe(255);
      expect(result.stderr.toLowerCase()).toContain("connection refused");
    });
  });

  it("offers a target only the host key algorithms of the plan", async () => {
    await start({
      plan: ({ sshdPort, folder }) => ({
        type: "ssh",
        host: "127.0.0.1",
        port: sshdPort,
        account: "root",
        credential: {
          type: "key",
          privateKey: new Secret(readFileSync(path.join(folder, "target-account"))),
        },
        hostKeyAlgorithms: ["ecdsa-sha2-nistp256"], // the lab's sshd has only ed25519
        trustedKeys: [],
        connectTimeoutMs: 5_000,
      }),
    });
    const result = await lab.ssh(["true"], { stdin: null });
    expect(result.code).toBe(255);
    expect(result.stderr).toContain("no matching host key format");
  });

  it.each([
    { method: "password", takesPassword: true },
    { method: "keyboard-interactive", takesPassword: true },
    { method: "password", takesPassword: false },
  ] as const)(
    "hands the password of the login over and wipes it: $method, taken $takesPassword",
    async (row) => {
      let typed = "";
      let taken: Secret | undefined;
      await start({
        authority: {
          authenticate: ({ proof: { method } }) =>
            Promise.resolve(
              method === row.method
                ? { type: "accepted", person: LAB_PERSON }
                : { type: "refused", next: [row.method] },
            ),
          prompts: () => Promise.resolve([{ text: "Password: ", echo: false, asksPassword: true }]),
          openSession: (login) =>
            Promise.resolve(ok({ facts: labFacts(login), takesPassword: row.takesPassword })),
        },
        targets: {
          plan: (_facts, { password }) => {
            taken = password;
            typed = password?.reveal((bytes) => Buffer.from(bytes).toString()) ?? "";
            return Promise.resolve(err(fault("CHP_SSH_TARGET_UNREACHABLE", "seen")));
          },
        },
      });
      const askpass = path.join(lab.folder, "askpass");
      writeFileSync(askpass, "#!/bin/sh\necho s3cret\n", { mode: 0o700 });
      const result = await lab.run(
        "ssh",
        [
          ...["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
          ...["-o", `PreferredAuthentications=${row.method}`, "-p", String(lab.proxy.port)],
          ...["root@127.0.0.1", "true"],
        ],
        {
          stdin: null,
          env: { HOME: lab.folder, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" },
        },
      );
      expect(result.stderr).toContain("seen");
      expect(typed).toBe(row.takesPassword ? "s3cret" : "");
      await until("the end", () => lab.proxy.inputs.at(-1)?.kind === "disconnected");
      expect(taken?.reveal((bytes) => bytes.length) ?? 0).toBe(0);
    },
  );

  describe("memory stays flat", () => {
    const GROWTH_MAX = 48 * 1024 * 1024;
    async function growthWhile(seconds: number): Promise<number> {
      const before = process.memoryUsage.rss();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return process.memoryUsage.rss() - before;
    }

    it("when the person does not read", async () => {
      await start();
      let stop = (): void => undefined;
      const running = lab.ssh(["cat /dev/zero"], {
        stdin: null,
        started(child) {
          child.stdout?.pause();
          stop = () => child.kill("SIGKILL");
        },
      });
      await until("the program runs", () => requestOf("exec") !== undefined);
      expect(await growthWhile(2)).toBeLessThan(GROWTH_MAX);
      stop();
      await running;
    });

    it("when the target does not read", async () => {
      await start();
      let stop = (): void => undefined;
      const running = lab.run(
        "bash",
        [
          "-c",
          `cat /dev/zero | ssh ${lab.clientOptions().join(" ")} -p ${lab.proxy.port} root@127.0.0.1 'sleep 600'`,
        ],
        {
          env: { HOME: lab.folder },
          stdin: null,
          started: (c) => (stop = () => c.kill("SIGKILL")),
        },
      );
      await until("the program runs", () => requestOf("exec") !== undefined);
      expect(await growthWhile(2)).toBeLessThan(GROWTH_MAX);
      lab.proxy.effect({ kind: "close-session", reason: "test over", exitCode: 1 });
      stop();
      await running;
    });

    it("when the person's terminal is flooded and does not read", async () => {
      await start();
      let stop = (): void => undefined;
      const running = lab.ssh(["-tt"], {
        stdin: "cat /dev/zero\n",
        started(child) {
          child.stdout?.pause();
          stop = () => child.kill("SIGKILL");
        },
      });
      await until("output", () => lab.proxy.inputs.some((input) => input.kind === "target-sent"));
      expect(await growthWhile(2)).toBeLessThan(GROWTH_MAX);
      stop();
      await running;
    });
  });

  it("keeps going when a channel of one connection stalls", async () => {
    await start();
    const control = path.join(lab.folder, "control");
    const base = [...lab.clientOptions(), "-p", String(lab.proxy.port), "root@127.0.0.1"];
    const master = lab.run("ssh", ["-o", `ControlPath=${control}`, "-M", "-N", ...base]);
    await until("the control socket", () => existsSync(control));
    const slave = (args: readonly string[], paused = false) => {
      let stop = (): void => undefined;
      const done = lab.run("ssh", ["-o", `ControlPath=${control}`, "root@127.0.0.1", ...args], {
        stdin: null,
        started(child) {
          if (paused) child.stdout?.pause();
          stop = () => child.kill("SIGKILL");
        },
      });
      return { done, stop: () => stop() };
    };
    const stalled = slave(["cat /dev/zero"], true);
    await until("the program runs", () => requestOf("exec") !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const other = await slave(["seq 1 100000 | tail -n 1"]).done;
    expect(other.stdout.toString()).toBe("100000\n");
    stalled.stop();
    await stalled.done;
    await lab.run("ssh", ["-o", `ControlPath=${control}`, "-O", "exit", "root@127.0.0.1"]);
    await master;
  });

  it("asks a fresh plan when the target comes back", async () => {
    let plans = 0;
    const closed = await freePort();
    await start({
      targets: {
        plan: () => {
          plans += 1;
          return Promise.resolve(
            ok({
              type: "ssh" as const,
              host: "127.0.0.1",
              port: closed,
              account: "root",
              credential: { type: "password" as const, password: new Secret(Buffer.from("x")) },
              hostKeyAlgorithms: [],
              trustedKeys: [],
              connectTimeoutMs: 1_000,
            }),
          );
        },
      },
    });
    await lab.ssh(["true"], { stdin: null });
    await lab.ssh(["true"], { stdin: null });
    expect(plans).toBe(2);
  });
});
