import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.js";
import { programThere, run, start, succeeded } from "./program.js";
import { answersWithBanner } from "./ssh-banner.js";
import { fingerprintOf, makeKey, sshdThere, stopped } from "./sshd.js";
import { eventually } from "./wait.js";

/** Accounts with passwords can only be made by root. */
export const accountsThere =
  sshdThere &&
  userInfo().uid === 0 &&
  programThere("useradd") &&
  programThere("chpasswd") &&
  existsSync("/etc/pam.d/sshd");

export interface TestAccount {
  readonly name: string;
  readonly password: string;
  remove(): Promise<void>;
}

/** A system account that lives as long as the test. */
export async function makeAccount(password: string): Promise<TestAccount> {
  const name = `chp-test-${process.pid}`;
  succeeded(
    "useradd",
    await run("useradd", ["--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", name]),
  );
  succeeded("chpasswd", await run("chpasswd", [], { stdin: `${name}:${password}\n` }));
  return {
    name,
    password,
    async remove() {
      // A session that is just ending would keep it.
      await eventually(
        `${name} to be removed`,
        async () => (await run("userdel", [name])).code === 0,
      );
    },
  };
}

export interface PasswordSshd {
  readonly port: number;
  readonly fingerprint: string;
  stop(): Promise<void>;
}

/** A real OpenSSH server that takes passwords, by exactly one of the two methods. */
export async function startPasswordSshd(
  folder: string,
  method: "password" | "keyboard-interactive",
): Promise<PasswordSshd> {
  mkdirSync(folder, { recursive: true });
  mkdirSync("/run/sshd", { recursive: true });
  const hostKey = await makeKey(join(folder, "host_ed25519"), "ed25519");
  const port = await freePort();
  const config = join(folder, "sshd_config");
  const byPassword = method === "password";
  writeFileSync(
    config,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `PidFile ${join(folder, "sshd.pid")}`,
      // Without PAM there is nothing that asks in keyboard-interactive.
      `UsePAM ${byPassword ? "no" : "yes"}`,
      `PasswordAuthentication ${byPassword ? "yes" : "no"}`,
      `KbdInteractiveAuthentication ${byPassword ? "no" : "yes"}`,
      "PubkeyAuthentication no",
      "PrintMotd no",
      "",
    ].join("\n"),
  );
  const child = start("/usr/sbin/sshd", ["-D", "-e", "-f", config]);
  child.stdin?.end();
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  await eventually(`sshd on port ${port}`, () => answersWithBanner(port), {
    instead: () => Buffer.concat(said).toString(),
  });
  return { port, fingerprint: await fingerprintOf(hostKey), stop: () => stopped(child) };
}
