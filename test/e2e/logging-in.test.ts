// How people get in: one-time codes, locks, the banner, load balancers, clients that vanish.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { answering, type Answers } from "./lab/askpass.js";
import { shortType } from "./lab/events.js";
import { freePort } from "./lab/free-port.js";
import { startLab, type Lab, type LabOptions, type LabPerson } from "./lab/lab.js";
import type { Finished } from "./lab/program.js";
import { sshdThere } from "./lab/sshd.js";
import { totpCode, wrongCode } from "./lab/totp.js";

describe.skipIf(!sshdThere)("logging in (needs sshd)", () => {
  let lab: Lab;
  const start = async (config: LabOptions["config"]): Promise<void> => {
    lab = await startLab({ config: { ...config, rules: [] } });
  };

  interface Typed extends Finished {
    /** Every question that the person saw. */
    readonly asked: readonly string[];
  }

  async function logIn(
    person: LabPerson,
    methods: string,
    answers: Answers,
    more: readonly string[] = [],
  ): Promise<Typed> {
    const { env, asked } = answering(lab.folder, answers);
    const finished = await lab.ssh("via", ["echo in"], {
      person,
      env,
      options: [
        ...["-o", "BatchMode=no", "-o", `PreferredAuthentications=${methods}`],
        ...["-o", "NumberOfPasswordPrompts=3", "-o", "LogLevel=INFO", ...more],
      ],
    });
    return { ...finished, asked: readFileSync(asked, "utf8").trim().split("\n") };
  }
  const said = ({ stdout }: Finished): string => stdout.toString();
  const failures = (person: LabPerson): readonly (string | undefined)[] =>
    lab.sidecar
      .events()
      .filter(
        (event) => shortType(event) === "auth.failed" && event.data.session?.person === person,
      )
      .map(({ data }) => data.reason);

  describe("with a one-time code", () => {
    beforeAll(() => start({ workers: 2, login: { totp: "required" } }));
    afterAll(() => lab.end());
    const right = (person: LabPerson, code = totpCode(lab.totpSecret(person))): Answers => [
      [/code/, code],
      [/password/, `password of ${person}`],
    ];

    it.each([
      { first: "a key", person: "alice", methods: "publickey,keyboard-interactive", asked: 1 },
      { first: "a password", person: "bob", methods: "password,keyboard-interactive", asked: 2 },
      { first: "an answer", person: "carol", methods: "keyboard-interactive", asked: 2 },
    ] as const)("after $first: both are needed and both are told", async (row) => {
      const finished = await logIn(row.person, row.methods, right(row.person));
      expect({ ...finished, stdout: said(finished) }).toMatchObject({ code: 0, stdout: "in\n" });
      expect(finished.asked).toHaveLength(row.asked);
      expect(finished.asked.at(-1)).toContain("code");
      const factors = lab.sidecar
        .events()
        .filter(
          (one) => shortType(one) === "auth.succeeded" && one.data.session?.person === row.person,
        )
        .map(({ data }) => data.factor);
      expect(factors).toEqual([row.methods.startsWith("publickey") ? "key" : "password", "totp"]);
    });

    it("a key alone, a password alone or a wrong code is not enough", async () => {
      expect((await logIn("dave", "publickey", [])).code).toBe(255);
      expect((await logIn("dave", "password", right("dave"))).code).toBe(255);
      const wrong = right("dave", wrongCode(lab.totpSecret("dave")));
      expect((await logIn("dave", "publickey,keyboard-interactive", wrong)).code).toBe(255);
      expect(new Set(failures("dave"))).toEqual(new Set(["wrong-code"]));
    });

    it("each code opens one log-in, also after a restart and in another worker", async () => {
      const code = totpCode(lab.totpSecret("erin"));
      const methods = "publickey,keyboard-interactive";
      expect(said(await logIn("erin", methods, right("erin", code)))).toBe("in\n");
      expect((await logIn("erin", methods, right("erin", code))).code).toBe(255);
      await lab.restart();
      expect((await logIn("erin", methods, right("erin", code))).code).toBe(255);
      expect(new Set(failures("erin"))).toEqual(new Set(["reused-code"]));
    });
  });

  describe("with limits, a banner and keepalive", () => {
    beforeAll(() =>
      start({
        login: {
          failuresPerPerson: 3,
          failuresPerAddress: 1_000,
          lock: "10m",
          banner: "Authorised people only.\n",
        },
        keepalive: { interval: "1s", unanswered: 2 },
      }),
    );
    afterAll(() => lab.end());

    it("who failed too often is told so and waits; a key still opens", async () => {
      await logIn("bob", "password", [[/password/, "wrong"]]);
      const right: Answers = [[/password/, "password of bob"]];
      const locked = await logIn("bob", "password", right);
      expect(locked.code).toBe(255);
      expect(locked.stderr).toContain("too many failed log-ins");
      expect(locked.stderr).toContain("try again in 10 minutes");
      expect(failures("bob").slice(-1)).toEqual(["locked"]);
      // Nobody else is locked out, and a restart opens nothing.
      expect(said(await logIn("carol", "password", [[/password/, "password of carol"]]))).toBe(
        "in\n",
      );
      await lab.restart();
      expect((await logIn("bob", "password", right)).stderr).toContain("too many failed log-ins");
      expect(said(await logIn("bob", "publickey", []))).toBe("in\n");
    });

    it("shows the banner before the log-in", async () => {
      expect((await logIn("dave", "publickey", [])).stderr).toContain("Authorised people only.");
    });

    it("a client that vanishes is noticed, and its session ends", async () => {
      const client = spawn("ssh", [...lab.sshArgs("via"), "via", "sleep 600"], { stdio: "ignore" });
      try {
        await lab.sidecar.told("channel.opened");
        // Stopped, it answers nothing and closes nothing, like one whose network is gone.
        client.kill("SIGSTOP");
        await lab.sidecar.told("session.closed");
      } finally {
        client.kill("SIGKILL");
      }
    });
  });

  describe("each with a configuration of its own", () => {
    afterEach(() => lab.end());

    it("people without a code get in where only the enrolled are asked for one", async () => {
      lab = await startLab({
        start: false,
        config: { login: { totp: "when-enrolled" }, rules: [] },
      });
      const key = readFileSync(`${lab.folder}/person_ed25519.pub`, "utf8").trim();
      lab.writeConfig({
        people: [
          { name: "alice", keys: [key], totp: { value: lab.totpSecret("alice") } },
          { name: "bob", keys: [key] },
        ],
      });
      await lab.restart();
      expect(said(await logIn("bob", "publickey", []))).toBe("in\n");
      expect((await logIn("alice", "publickey", [])).code).toBe(255);
    });

    it("an address that failed too often waits, whoever it names", async () => {
      await start({ login: { failuresPerPerson: 1_000, failuresPerAddress: 3, lock: "10m" } });
      await logIn("bob", "password", [[/password/, "wrong"]]);
      const other = await logIn("carol", "password", [[/password/, "password of carol"]]);
      expect(other.stderr).toContain("too many failed log-ins");
    });

    it("who does not log in in time is sent away", async () => {
      await start({ login: { timeout: "1s" } });
      const { env } = answering(lab.folder, []);
      const slow = await lab.ssh("via", ["true"], {
        env: { ...env, SSH_ASKPASS: "/bin/cat" },
        options: ["-o", "BatchMode=no", "-o", "PreferredAuthentications=password"],
      });
      expect(slow.code).toBe(255);
    });
  });

  describe("behind a load balancer that speaks the PROXY protocol", () => {
    const LISTED = "127.0.0.2";
    let balancer: Server | undefined;
    beforeAll(async () => {
      lab = await startLab({ start: false, config: { rules: [] } });
      const proxyProtocol = { from: [`${LISTED}/32`] };
      lab.writeConfig({ listen: { ssh: { address: "127.0.0.1", port: lab.port, proxyProtocol } } });
      await lab.restart();
    });
    afterEach(() => {
      balancer?.close();
    });
    afterAll(() => lab.end());

    /** Puts a PROXY v2 header (haproxy, doc/proxy-protocol.txt section 2.2) before every connection. */
    async function throughBalancer(localAddress: string, header: Buffer): Promise<Typed> {
      const port = await freePort();
      const opened = createServer((person) => {
        const sidecar = connect({ host: "127.0.0.1", port: lab.port, localAddress });
        for (const end of [person, sidecar]) end.on("error", () => undefined);
        sidecar.write(header);
        person.pipe(sidecar).pipe(person);
        person.on("close", () => sidecar.destroy());
        sidecar.on("close", () => person.destroy());
      });
      balancer = opened;
      await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
      return await logIn("bob", "publickey", [], ["-o", `Port=${port}`]);
    }
    const HEADER = Buffer.concat([
      Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
      Buffer.from([203, 0, 113, 7, 127, 0, 0, 1, 0x30, 0x39, 0x08, 0xae]),
    ]);
    const opened = () => lab.sidecar.events().filter((one) => shortType(one) === "session.opened");

    it("events name the person's own address", async () => {
      expect(said(await throughBalancer(LISTED, HEADER))).toBe("in\n");
      expect(opened().map(({ data }) => data.session?.origin)).toEqual(["203.0.113.7"]);
    });

    it("a header from anybody else opens nothing, nor does a listed peer without one", async () => {
      const before = opened().length;
      expect((await throughBalancer("127.0.0.1", HEADER)).code).toBe(255);
      balancer?.close();
      expect((await throughBalancer(LISTED, Buffer.alloc(0))).code).toBe(255);
      expect(opened()).toHaveLength(before);
    });
  });
});
