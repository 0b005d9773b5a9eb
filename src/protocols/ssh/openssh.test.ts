import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InputBody } from "../../model/index.js";
import { freePort, hasSshd, listen, startLab, until, type Lab } from "./ssh-lab.testing.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const MB = 1024 * 1024;
/** An end of input that is overtaken shows in one of some rounds; `--long` gives it more of them. */
const ROUNDS_OF_ENDS = process.env["CHAPERONE_LONG"] === "1" ? 12 : 4;

describe.skipIf(!hasSshd)("OpenSSH's client through the sidecar to OpenSSH's server", () => {
  let lab: Lab;
  let payload: Buffer;
  let payloadFile: string;

  beforeAll(async () => {
    lab = await startLab();
    payload = randomBytes(64 * MB);
    payloadFile = path.join(lab.folder, "payload");
    writeFileSync(payloadFile, payload);
  });
  afterAll(async () => {
    await lab.close();
  });

  /** What is not about the transport is equal with and without the sidecar. */
  async function asWithoutUs(args: readonly string[], stdin?: null | Uint8Array | string) {
    const options = stdin === undefined ? {} : { stdin };
    const direct = await lab.sshDirect(args, options);
    const through = await lab.ssh(args, options);
    expect({ ...through, stdout: sha256(through.stdout) }).toEqual({
      ...direct,
      stdout: sha256(direct.stdout),
    });
    return through;
  }

  describe("exec", () => {
    it.each([
      ["output, errors and exit code", "echo out; echo err >&2; exit 7"],
      ["exit code 0", "true"],
      ["exit code 255", "exit 255"],
      ["death by SIGTERM", "kill -TERM $$"],
      ["death by SIGKILL", "kill -KILL $$"],
      ["an unknown command", "/no/such/program"],
      ["a large stderr beside a large stdout", "seq 1 400000 >&2 & seq 1 400000; wait"],
      ["binary output", "head -c 3000000 /bin/bash"],
      ["bytes that are not UTF-8 in the command", "printf 'a\\377b' | od -c"],
    ])("passes on %s", async (_what, command) => {
      await asWithoutUs([command]);
    });

    it("keeps output and exit code of a program whose input ends at once", async () => {
      for (let round = 0; round < ROUNDS_OF_ENDS; round += 1) {
        const result = await asWithoutUs(["cat; echo done; exit 5"], null);
        expect(result.code).toBe(5);
      }
    });

    it("passes the end of input on while output continues", async () => {
      const result = await asWithoutUs(["cat >/dev/null; sleep 0.2; echo after; exit 4"], "text");
      expect(result).toMatchObject({ code: 4, stdout: Buffer.from("after\n") });
    });

    it("ends when the program closes its output but leaves a child", async () => {
      await asWithoutUs(["(sleep 0.3; echo late) & echo now; exit 3"]);
    });

    it("carries 64 MB there and back unchanged", async () => {
      const result = await lab.ssh(["cat"], { stdin: payload });
      expect(result.stderr).toBe("");
      expect(sha256(result.stdout)).toBe(sha256(payload));
    });

    it("survives new keys every megabyte, both ways at once", async () => {
      const bytes = payload.subarray(0, 24 * MB);
      const result = await lab.ssh(["-o", "RekeyLimit=1M", "cat"], { stdin: bytes });
      expect(result.stderr).toBe("");
      expect(sha256(result.stdout)).toBe(sha256(bytes));
    });

    it("passes on the environment that the core allows", async () => {
      const result = await lab.ssh(["-o", "SendEnv=CHAPERONE_TEST_A", "echo $CHAPERONE_TEST_A"], {
        env: { HOME: lab.folder, CHAPERONE_TEST_A: "a value" },
      });
      expect(result.stdout.toString()).toBe("a value\n");
    });
  });

  describe("terminals", () => {
    it("run programs with size, type and modes of the person's terminal", async () => {
      // `script` gives ssh a terminal; what it shows itself may lack its end (util-linux, under load).
      const shown = path.join(lab.folder, "shown");
      const result = await lab.run(
        "script",
        [
          "-qec",
          `stty rows 33 cols 101; ssh ${lab.clientOptions().join(" ")} -p ${lab.proxy.port} -tt root@127.0.0.1 'stty size; echo $TERM; tty; exit 9' > ${shown}`,
          "/dev/null",
        ],
        { env: { HOME: lab.folder, TERM: "xterm-256color" } },
      );
      expect(result.code).toBe(9);
      // At the end of its own input `script` types a NUL, which a terminal echoes as ^@.
      expect(readFileSync(shown, "utf8").replaceAll("^@", "")).toMatch(
        /33 101\r\nxterm-256color\r\n\/dev\/pts\/\d+/,
      );
    });

    it("tell the core their modes by name", async () => {
      await lab.run(
        "script",
        [
          "-qec",
          `stty intr ^C; ssh ${lab.clientOptions().join(" ")} -p ${lab.proxy.port} -tt root@127.0.0.1 true`,
          "/dev/null",
        ],
        { env: { HOME: lab.folder, TERM: "xterm" } },
      );
      const pty = lab.proxy.inputs.findLast(
        (input) => input.kind === "request-asked" && input.asked.type === "pty",
      );
      expect(pty).toMatchObject({
        asked: { pty: { term: "xterm", modes: { VINTR: 3, ECHO: 1, ICANON: 1, ISIG: 1 } } },
      });
    });

    it("run a shell that reads commands and ends with its exit code", async () => {
      const result = await lab.ssh(["-tt"], { stdin: "echo typed-$((40+2)); exit 6\n" });
      expect(result.code).toBe(6);
      expect(result.stdout.toString()).toContain("typed-42\r\n");
    });

    it("lose nothing of 2 MB of output at exit", async () => {
      const result = await lab.ssh(["-tt", "head -c 2000000 /dev/zero | tr '\\0' x; exit 2"]);
      expect(result.code).toBe(2);
      expect(result.stdout.length).toBe(2_000_000);
    });
  });

  describe("files", () => {
    const options = () => [...lab.clientOptions()];

    it.each([
      ["sftp", []],
      ["legacy scp", ["-O"]],
    ])("scp copies there and back by %s", async (_name, mode) => {
      const copy = path.join(lab.folder, `copy-${mode.length}`);
      const back = path.join(lab.folder, `back-${mode.length}`);
      const scp = ["-q", ...mode, ...options(), "-P", String(lab.proxy.port)];
      const up = await lab.run("scp", [...scp, payloadFile, `root@127.0.0.1:${copy}`]);
      const down = await lab.run("scp", [...scp, `root@127.0.0.1:${copy}`, back]);
      expect([up.code, down.code, up.stderr, down.stderr]).toEqual([0, 0, "", ""]);
      expect(sha256(readFileSync(back))).toBe(sha256(payload));
    });

    it("sftp runs a batch and ends", async () => {
      const batch = `put ${payloadFile} ${lab.folder}/sftp-copy\nls -l ${lab.folder}/sftp-copy\n`;
      const result = await lab.run(
        "sftp",
        [...options(), "-P", String(lab.proxy.port), "-b", "-", "root@127.0.0.1"],
        { stdin: batch },
      );
      expect(result).toMatchObject({ code: 0 });
      expect(statSync(path.join(lab.folder, "sftp-copy")).size).toBe(payload.length);
    });

    it("rsync keeps two trees equal", async () => {
      const tree = path.join(lab.folder, "tree");
      mkdirSync(path.join(tree, "deep/er"), { recursive: true });
      for (let i = 0; i < 50; i += 1) {
        writeFileSync(path.join(tree, `deep/er/file-${i}`), randomBytes(1 + i * 997));
      }
      const target = path.join(lab.folder, "tree-copy");
      const rsh = `ssh ${options().join(" ")} -p ${lab.proxy.port}`;
      const copy = await lab.run("rsync", [
        "-a",
        "-e",
        rsh,
        `${tree}/`,
        `root@127.0.0.1:${target}`,
      ]);
      expect(copy).toMatchObject({ code: 0, stderr: "" });
      const compare = await lab.run("diff", ["-r", tree, target]);
      expect(compare.code).toBe(0);
    });
  });

  describe("many channels on one connection", () => {
    it("serves 20 sessions at once over a control master", async () => {
      const control = path.join(lab.folder, "control");
      const base = [...lab.clientOptions(), "-p", String(lab.proxy.port)];
      const master = lab.run(
        "ssh",
        ["-o", `ControlPath=${control}`, ...base, "-M", "-N", "root@127.0.0.1"],
        { timeoutMs: 55_000 },
      );
      await until("the control socket", () => existsSync(control));
      const slaves = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          lab.run("ssh", [
            "-o",
            `ControlPath=${control}`,
            "root@127.0.0.1",
            `head -c ${(i + 1) * 50_000} /dev/zero; echo err-${i} >&2; exit ${i}`,
          ]),
        ),
      );
      expect(slaves.map((s) => [s.code, s.stdout.length, s.stderr])).toEqual(
        Array.from({ length: 20 }, (_, i) => [i, (i + 1) * 50_000, `err-${i}\n`]),
      );
      await lab.run("ssh", ["-o", `ControlPath=${control}`, "-O", "exit", "root@127.0.0.1"]);
      await master;
    });
  });

  describe("forwards", () => {
    async function withForward(
      flags: (port: number) => readonly string[],
      use: (port: number) => Promise<void>,
    ): Promise<void> {
      const port = await freePort();
      let stop = (): void => undefined;
      const done = lab.ssh(["-N", "-o", "ExitOnForwardFailure=yes", ...flags(port)], {
        started: (child) => (stop = () => child.kill("SIGTERM")),
      });
      try {
        await use(port);
      } finally {
        stop();
        await done;
      }
    }

    /** Greets with what it was sent, after the peer has said that there is no more. */
    async function startEcho(): Promise<{ port: number; close: () => void }> {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        const parts: Buffer[] = [];
        socket.on("data", (part: Buffer) => parts.push(part));
        socket.on("end", () => socket.end(`got ${Buffer.concat(parts).toString()}`));
        socket.on("error", () => undefined);
      });
      const port = await listen(server);
      return { port, close: () => server.close() };
    }

    async function ask(port: number): Promise<string> {
      let answer = "";
      for (let attempt = 0; attempt < 100 && answer === ""; attempt += 1) {
        answer = await halfClose(port, "hello");
        if (answer === "") await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return answer;
    }

    it("-L reaches a port of the target, half-close included", async () => {
      const echo = await startEcho();
      await withForward(
        (port) => ["-L", `${port}:127.0.0.1:${echo.port}`],
        async (port) => {
          expect(await ask(port)).toBe("got hello");
        },
      );
      echo.close();
      const asked = lab.proxy.inputs.findLast(
        (input) => input.kind === "channel-asked" && input.asked.type === "direct-tcpip",
      );
      expect(asked).toMatchObject({ asked: { host: "127.0.0.1", port: echo.port } });
      await until("the bytes of the forward", () =>
        lab.proxy.inputs.some(
          (input) =>
            input.kind === "channel-closed" &&
            input.bytes.toTarget === 5 &&
            input.bytes.toPerson === 9,
        ),
      );
    });

    it("-R brings a port of the target to the person", async () => {
      const echo = await startEcho();
      await withForward(
        (port) => ["-R", `${port}:127.0.0.1:${echo.port}`],
        async (port) => {
          expect(await ask(port)).toBe("got hello");
        },
      );
      echo.close();
      expect(kinds(lab.proxy.inputs)).toContain("forwarded-tcpip");
    });

    it("-L to a socket file and back is a streamlocal channel", async () => {
      const socket = path.join(lab.folder, "echo.sock");
      const server = createServer({ allowHalfOpen: true }, (peer) => {
        peer.on("data", () => undefined);
        peer.on("end", () => peer.end("from a socket file"));
      });
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      await withForward(
        (port) => ["-L", `${port}:${socket}`],
        async (port) => {
          expect(await ask(port)).toBe("from a socket file");
        },
      );
      server.close();
      expect(kinds(lab.proxy.inputs)).toContain("direct-streamlocal");
    });

    it("a forward to a closed port fails as it does without us", async () => {
      const closed = await freePort();
      const result = await lab.ssh(["-W", `127.0.0.1:${closed}`]);
      const direct = await lab.sshDirect(["-W", `127.0.0.1:${closed}`]);
      expect(result.code).toBe(direct.code);
    });

    it("-A brings the person's agent to the target", async () => {
      const agent = path.join(lab.folder, "agent.sock");
      let stop = (): void => undefined;
      const running = lab.run("ssh-agent", ["-D", "-a", agent], {
        started: (child) => (stop = () => child.kill()),
      });
      await until("the agent's socket", () => existsSync(agent));
      const env = { HOME: lab.folder, SSH_AUTH_SOCK: agent };
      await lab.run("ssh-add", ["-q", path.join(lab.folder, "person")], { env });
      const result = await lab.ssh(["-A", "for i in 1 2 3 4 5 6 7 8; do ssh-add -L & done; wait"], {
        env,
      });
      stop();
      await running;
      expect(result.stdout.toString().trim().split("\n")).toHaveLength(8);
      expect(result.stdout.toString()).toContain("ssh-ed25519");
    });
  });
});

function kinds(inputs: readonly InputBody[]): readonly string[] {
  return inputs.flatMap((input) => (input.kind === "channel-asked" ? [input.asked.type] : []));
}

/** Sends `text`, says that there is no more, and answers what comes back; empty when refused. */
function halfClose(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    let answer = "";
    socket.on("data", (part: Buffer) => (answer += part.toString()));
    socket.on("error", () => resolve(""));
    socket.on("end", () => {
      resolve(answer);
      socket.destroy();
    });
    socket.on("connect", () => socket.end(text));
  });
}
