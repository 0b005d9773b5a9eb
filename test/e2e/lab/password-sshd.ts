import { existsSync } from "node:fs";
import { userInfo } from "node:os";

import { startOtherSshd } from "./other-sshd.js";
import { programThere, run, succeeded } from "./program.js";
import { fingerprintOf, sshdThere } from "./sshd.js";
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
  readonly stop: () => Promise<void>;
}

/** A real OpenSSH server that takes passwords, by exactly one of the two methods. */
export async function startPasswordSshd(
  folder: string,
  method: "password" | "keyboard-interactive",
): Promise<PasswordSshd> {
  const byPassword = method === "password";
  const sshd = await startOtherSshd(folder, {
    hostKeys: ["ed25519"],
    config: [
      // Without PAM there is nothing that asks in keyboard-interactive.
      `UsePAM ${byPassword ? "no" : "yes"}`,
      `PasswordAuthentication ${byPassword ? "yes" : "no"}`,
      `KbdInteractiveAuthentication ${byPassword ? "no" : "yes"}`,
      "PubkeyAuthentication no",
    ],
  });
  const fingerprint = await fingerprintOf(sshd.hostKey("ed25519"));
  return { port: sshd.port, fingerprint, stop: sshd.stop };
}
