// Everything that can be wrong outside: each gets a clear answer, and the sidecar goes on.
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createSeededRandom } from "../../src/testing/random.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { freePort } from "./lab/free-port.js";
import { startLab, type Lab } from "./lab/lab.js";
import { residentBytes } from "./lab/processes.js";
import { run, type Finished } from "./lab/program.js";
import { LAB_RULES } from "./lab/rules.js";
import { BIN } from "./lab/sidecar.js";
import { sshdThere } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

const MIB = 1024 * 1024;
let lab: Lab;

function chaperone(...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [BIN, ...args]);
}

describe.skipIf(!sshdThere)("a configuration that is wrong (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES, start: false });
  });
  afterAll(() => lab.end());

  const place = String.raw`chaperone\.yaml:\d+:\d+`;
  const rows: readonly { what: string; text: (good: string) => string; says: RegExp }[] = [
    {
      what: "YAML that is none",
      text: () => "people: [\n  - name: alice\n",
      says: new RegExp(`${place} CHP_CONFIG_YAML `),
    },
    {
      what: "an unknown key",
      text: (good) => good.replace('"site"', '"sight": 1,\n  "site"'),
      says: new RegExp(`${place} CHP_CONFIG_\\w+ .*sight`),
    },
    {
      what: "a port beyond all ports",
      text: (good) => good.replace(/"port": \d+/, '"port": 70000'),
      says: new RegExp(`${place} CHP_CONFIG_\\w+ `),
    },
    {
      what: "a secret that is not there",
      text: (good) => good.replace('"value": "password of alice"', '"env": "NO_SUCH_SECRET_HERE"'),
      says: /CHP_\w+ .*NO_SUCH_SECRET_HERE/,
    },
    {
      what: "a target twice",
      text: (good) => good.replace('"name": "local"', '"name": "sshd"'),
      says: new RegExp(`${place} CHP_CONFIG_\\w+ .*sshd`),
    },
  ];

  it.each(rows)("$what: check names the place and run does not start", async ({ text, says }) => {
    lab.writeConfig();
    writeFileSync(lab.configFile, text(readFileSync(lab.configFile, "utf8")));
    const checked = await chaperone("check", "--config", lab.configFile);
    expect(checked.code).toBe(1);
    expect(checked.stdout.toString() + checked.stderr).toMatch(says);
    const started = await chaperone("run", "--config", lab.configFile);
    expect(started.code).not.toBe(0);
    expect(started.code).not.toBeNull();
    expect(started.stderr).toMatch(/CHP_/);
    lab.writeConfig();
  });

  const ruleRows: readonly { what: string; text: string; says: RegExp }[] = [
    {
      what: "a regular expression that does not compile",
      text: LAB_RULES.replace("{ contains: deadly }", '{ regex: "dead(ly" }'),
      says: /lab\.yaml:\d+:\d+ CHP_RULES?_\w+ /,
    },
    {
      what: "a regular expression that would not end",
      text: LAB_RULES.replace("{ contains: deadly }", String.raw`{ regex: "(a+)\\1(?=x)" }`),
      says: /lab\.yaml:\d+:\d+ CHP_RULES?_\w+ /,
    },
    {
      what: "an unknown key in a rule",
      text: LAB_RULES.replace("    action: kill", "    action: kill\n    severity: high"),
      says: /lab\.yaml:\d+:\d+ CHP_RULES?_\w+ .*severity/,
    },
    {
      what: "two rules of one name",
      text: LAB_RULES.replace("id: lab-kill", "id: lab-warn"),
      says: /lab\.yaml:\d+:\d+ CHP_RULES?_\w+ .*lab-warn/,
    },
  ];

  it.each(ruleRows)("$what: the whole set is refused", async ({ text, says }) => {
    writeFileSync(lab.rulesFile, text);
    const checked = await chaperone("check", "--config", lab.configFile);
    expect(checked.code).toBe(1);
    expect(checked.stdout.toString() + checked.stderr).toMatch(says);
    const started = await chaperone("run", "--config", lab.configFile);
    expect(started.code).not.toBe(0);
    expect(started.code).not.toBeNull();
    writeFileSync(lab.rulesFile, LAB_RULES);
  });

  it("a good configuration passes", async () => {
    const checked = await chaperone("check", "--config", lab.configFile);
    expect(checked.stderr + checked.stdout.toString()).not.toMatch(/ CHP_/);
    expect(checked.code).toBe(0);
  });

  it("a port that somebody else has: it says so and ends", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(lab.port, "127.0.0.1", resolve));
    const started = await chaperone("run", "--config", lab.configFile);
    expect(started.code).toBe(3);
    expect(started.stderr).toContain(String(lab.port));
    await new Promise((resolve) => other.close(resolve));
  });

  it("a command that does not exist: usage, exit 2", async () => {
    const finished = await chaperone("dance");
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(/usage/i);
  });
});

describe.skipIf(!sshdThere)("a target that is not right (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ start: false });
    const nobody = await freePort();
    const account = { name: lab.sshd.account, key: { file: lab.sshd.keyFile } };
    const address = `127.0.0.1:${lab.sshd.port}`;
    const target = (name: string, more: object): object => ({
      name,
      protocol: "ssh",
      address,
      hostKey: { sha256: lab.sshd.fingerprint },
      accounts: [account],
      ...more,
    });
    lab.writeConfig({
      targets: [
        target("sshd", {}),
        target("down", { address: `127.0.0.1:${nobody}` }),
        target("impostor", { hostKey: { sha256: `SHA256:${"A".repeat(43)}` } }),
        target("locked", {
          accounts: [{ name: lab.sshd.account, password: { value: "not the password" } }],
        }),
        target("trusted", { hostKey: { trust: "first-use" } }),
      ],
    });
    await lab.restart();
  });
  afterAll(() => lab.end());

  const to = (target: string): Promise<Finished> =>
    lab.ssh("via", ["echo reached"], {
      options: ["-o", `User=alice+${lab.sshd.account}@${target}`],
    });

  it.each(["down", "impostor", "locked"])(
    "%s: the person is told and nothing runs",
    async (name) => {
      const finished = await to(name);
      expect(finished.code).toBe(255);
      expect(finished.stdout.toString()).toBe("");
      expect(finished.stderr).toMatch(/CHP_\w+ /);
      expect(finished.stderr).toContain(name);
    },
  );

  it("a target or account that does not exist tells nothing about those that do", async () => {
    const answers = await Promise.all([
      to("nowhere"),
      lab.ssh("via", ["true"], { options: ["-o", "User=alice+nobody-here@sshd"] }),
      lab.ssh("via", ["true"], { options: ["-o", "User=mallory"] }),
    ]);
    for (const answer of answers) {
      expect(answer.code).toBe(255);
      expect(answer.stderr).not.toContain("impostor");
    }
  });

  it("trusted on first use: reached twice, and after a restart", async () => {
    for (let time = 0; time < 2; time += 1) expect((await to("trusted")).code).toBe(0);
    await lab.restart();
    expect((await to("trusted")).stdout.toString()).toBe("reached\n");
  });

  it("and the others are still served", async () => {
    expect((await to("sshd")).stdout.toString()).toBe("reached\n");
  });
});

describe.skipIf(!sshdThere)("peers that do not speak SSH (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ config: { login: { timeout: "3s", failuresPerAddress: 100_000 } } });
  });
  afterAll(() => lab.end());

  it("garbage: the connection is closed and others are served", async () => {
    const random = createSeededRandom(seed);
    for (let round = 0; round < (longRun ? 200 : 20); round += 1) {
      const socket = await dial();
      socket.write(random.bytes(1 + random.below(4_096)));
      socket.end();
      await closed(socket);
    }
    await served();
  });

  it("garbage after a good beginning: the same", async () => {
    const random = createSeededRandom(seed + 1);
    for (let round = 0; round < (longRun ? 200 : 20); round += 1) {
      const socket = await dial();
      socket.write("SSH-2.0-Fuzz\r\n");
      socket.write(random.bytes(1 + random.below(40_000)));
      socket.end();
      await closed(socket);
    }
    await served();
  });

  it("silence: it is closed when its time is over", async () => {
    const silent = await Promise.all(Array.from({ length: 5 }, dial));
    await served();
    await Promise.all(silent.map(closed));
  });

  it("a banner without end: it is closed", async () => {
    const socket = await dial();
    const feed = (): void => {
      while (!socket.destroyed && socket.write("x".repeat(1_000)));
    };
    socket.on("drain", feed);
    feed();
    await closed(socket);
    await served();
  });

  it("connections in quick succession: memory stays, and people still get in", async () => {
    const count = longRun ? 10_000 : 500;
    const atOnce = 20;
    await knock(100, atOnce);
    const before = residentBytes(lab.sidecar.pid);
    await knock(count, atOnce);
    await served();
    const grown = residentBytes(lab.sidecar.pid) - before;
    expect(grown / MIB).toBeLessThan(200);
  });
});

function dial(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: lab.port });
    // What comes of it is looked at by `closed`.
    socket.on("error", () => undefined);
    socket.on("connect", () => resolve(socket));
    socket.on("close", () => resolve(socket));
    socket.resume();
  });
}

function closed(socket: Socket): Promise<unknown> {
  return eventually("the connection to be closed", () => socket.destroyed);
}

async function knock(count: number, atOnce: number): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    const sockets = await Promise.all(Array.from({ length: atOnce }, dial));
    for (const socket of sockets) socket.destroy();
  }
}

/** A person gets in. A full house may turn them away at first; it has to let them in soon. */
async function served(): Promise<void> {
  await eventually(
    "a person to be served",
    async () => (await lab.ssh("via", ["true"])).code === 0,
  );
  expect(lab.sidecar.alive).toBe(true);
}
