// A gateway as its authors would write it: the example, and people who log in by its directory.
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { answering } from "../e2e/lab/askpass.js";
import { freePort } from "../e2e/lab/free-port.js";
import { startLab, type Lab } from "../e2e/lab/lab.js";
import { run, start, succeeded } from "../e2e/lab/program.js";
import { sshdThere, stopped } from "../e2e/lab/sshd.js";

const EXAMPLE = fileURLToPath(new URL("../../examples/gateway/", import.meta.url));

describe("the example gateway", () => {
  it("routes a session through Chaperone, which judges what is done in it", async () => {
    const ports = {
      SSH_PORT: String(await freePort()),
      ADMIN_PORT: String(await freePort()),
      GATEWAY_PORT: String(await freePort()),
    };
    const routed = await run(join(EXAMPLE, "run.sh"), ["echo routed; exit 3"], { env: ports });
    expect([routed.code, routed.stdout.toString()]).toEqual([
      3,
      expect.stringMatching(/^routed\n/),
    ]);
  });
});

describe("the example of a gateway with connections of its own", () => {
  it("runs what Chaperone allows, and nothing else", async () => {
    const ports = { SSH_PORT: String(await freePort()), ADMIN_PORT: String(await freePort()) };
    const done = await run(join(EXAMPLE, "../inspection/run.sh"), [], { env: ports });
    expect([done.code, done.stdout.toString().split("--- what")[0]]).toEqual([
      0,
      "runs    echo one\none\nstopped sudo systemctl restart db-1\nruns    echo two\ntwo\n",
    ]);
  });
});

describe.skipIf(!sshdThere)("people whom a gateway knows (needs sshd)", () => {
  let lab: Lab;
  let gateway: ReturnType<typeof start>;
  beforeAll(async () => {
    lab = await startLab({ start: false });
    const port = await freePort();
    const keyFile = join(lab.folder, "directory.key");
    writeFileSync(keyFile, "k".repeat(44), { mode: 0o600 });
    const account = userInfo().uid === 0 ? "nobody" : userInfo().username;
    gateway = start(process.execPath, [join(EXAMPLE, "gateway.mjs"), "serve"], {
      env: { GATEWAY_PORT: String(port), GATEWAY_KEY_FILE: keyFile, GATEWAY_ACCOUNT: account },
    });
    lab.writeConfig({
      people: [],
      directory: { webhook: `http://127.0.0.1:${port}/`, key: { file: keyFile } },
    });
    await lab.restart();
  });
  afterAll(async () => {
    await stopped(gateway);
    await lab.end();
  });

  async function logIn(person: string, password: string) {
    const { env } = answering(lab.folder, [[/password/, password]]);
    const methods = "PreferredAuthentications=keyboard-interactive";
    const options = ["-o", `User=${person}@local`, "-o", "BatchMode=no", "-o", methods];
    return await run("ssh", ["-F", lab.sshConfig, ...options, "local", "echo in"], { env });
  }

  it("log in with the gateway's password, and go where it lets them", async () => {
    const alice = succeeded("alice", await logIn("alice", "alice's own password"));
    expect(alice.stdout.toString()).toBe("in\n");
    const opened = await lab.sidecar.told("session.opened");
    expect(opened.data).toMatchObject({ groups: ["dba"], context: { ticket: "CHG-1" } });
    const bob = await logIn("bob", "bob's own password");
    expect([bob.code, bob.stderr]).toEqual([
      255,
      expect.stringContaining("not one of your targets"),
    ]);
    expect((await logIn("alice", "guessed")).code).toBe(255);
    expect((await logIn("mallory", "guessed")).code).toBe(255);
    expect(readFileSync(join(lab.stateDir, "events.ndjson"), "utf8")).not.toContain("own password");
  });

  it("can not log in while the gateway is gone", async () => {
    await stopped(gateway);
    expect((await logIn("alice", "alice's own password")).code).toBe(255);
    await lab.sidecar.told("auth.failed", (data) => data.reason === "unavailable");
  });
});
