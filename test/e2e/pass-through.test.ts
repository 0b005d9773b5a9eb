// The password that a person types at log-in opens the account on the target: `passthrough: true`.
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { answering } from "./lab/askpass.js";
import { startLab, type Lab } from "./lab/lab.js";
import {
  accountsThere,
  makeAccount,
  startPasswordSshd,
  type PasswordSshd,
  type TestAccount,
} from "./lab/password-sshd.js";
import type { Finished } from "./lab/program.js";

// The lab's password of alice, which is the account's as well.
const PASSWORD = "password of alice";

describe.skipIf(!accountsThere)("pass-through (needs root, sshd, useradd and PAM)", () => {
  let lab: Lab;
  let account: TestAccount;
  let targets: readonly object[] = [];
  const servers: PasswordSshd[] = [];

  beforeAll(async () => {
    lab = await startLab({ start: false });
    account = await makeAccount(PASSWORD);
    const byPassword = await startPasswordSshd(join(lab.folder, "by-password"), "password");
    const byQuestion = await startPasswordSshd(join(lab.folder, "by-q"), "keyboard-interactive");
    servers.push(byPassword, byQuestion);
    const target = (name: string, { port, fingerprint }: PasswordSshd, credential: object) => ({
      name,
      protocol: "ssh",
      address: `127.0.0.1:${port}`,
      hostKey: { sha256: fingerprint },
      accounts: [{ name: account.name, ...credential }],
    });
    targets = [
      target("by-password", byPassword, { passthrough: true }),
      target("by-question", byQuestion, { passthrough: true }),
      target("stored-question", byQuestion, { password: { value: PASSWORD } }),
    ];
    lab.writeConfig({ targets });
    await lab.restart();
  });
  afterAll(async () => {
    await lab.end();
    for (const server of servers) await server.stop();
    await account.remove();
  });

  function to(target: string, person: "alice" | "bob", methods: string): Promise<Finished> {
    const { env } = answering(lab.folder, [[/password/, `password of ${person}`]]);
    return lab.ssh("via", ["id -un"], {
      env,
      options: [
        ...["-o", `User=${person}+${account.name}@${target}`],
        ...["-o", "BatchMode=no", "-o", `PreferredAuthentications=${methods}`],
      ],
    });
  }

  it.each([
    { target: "by-password", methods: "password" },
    { target: "by-password", methods: "keyboard-interactive" },
    { target: "by-question", methods: "password" },
    { target: "by-question", methods: "keyboard-interactive" },
    { target: "stored-question", methods: "publickey" },
  ])("$target is reached by somebody who logged in by $methods", async ({ target, methods }) => {
    const finished = await to(target, "alice", methods);
    expect(finished.stderr).toBe("");
    expect(finished.stdout.toString()).toBe(`${account.name}\n`);
    expect(finished.code).toBe(0);
  });

  it("who logged in by key is told to log in by password", async () => {
    const finished = await to("by-password", "alice", "publickey");
    expect(finished.code).toBe(255);
    expect(finished.stderr).toContain("CHP_RUNTIME_PASSTHROUGH");
    expect(finished.stderr).toContain("log in by password");
    expect(finished.stdout.toString()).toBe("");
  });

  it("a password that the target does not know is refused by the target", async () => {
    const finished = await to("by-password", "bob", "password");
    expect(finished.code).toBe(255);
    expect(finished.stderr).toContain("CHP_SSH_TARGET_LOGIN");
  });

  it("works in the parent, too, and no event or message has the password", async () => {
    lab.writeConfig({ targets, workers: 0 });
    await lab.restart();
    expect((await to("by-password", "alice", "password")).stdout.toString()).toContain(
      account.name,
    );
    expect(JSON.stringify(lab.sidecar.events())).not.toContain(PASSWORD);
    expect(lab.sidecar.printed()).not.toContain(PASSWORD);
  });
});
