import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.js";
import { run, start, succeeded } from "./program.js";
import { answersWithBanner } from "./ssh-banner.js";
import { eventually } from "./wait.js";

const SSHD = "/usr/sbin/sshd";
const SFTP_SERVER = "/usr/lib/openssh/sftp-server";

/** False where the machine has no OpenSSH server: the tests that need one are skipped, visibly. */
export const sshdThere = existsSync(SSHD) && existsSync(SFTP_SERVER);

export interface Sshd {
  readonly port: number;
  /** SHA-256 fingerprint of its ed25519 host key, without prefix. */
  readonly fingerprint: string;
  /** Private key that its account accepts. */
  readonly keyFile: string;
  readonly account: string;
  /** Home folder of the account while it is logged in here. */
  readonly home: string;
  stop(): Promise<void>;
}

/** A real OpenSSH server on loopback for the user that runs the tests, with a home of its own. */
export async function startSshd(folder: string): Promise<Sshd> {
  mkdirSync(folder, { recursive: true });
  const home = join(folder, "home");
  makeHome(home);
  const hostKey = await makeKey(join(folder, "host_ed25519"), "ed25519");
  const keyFile = await makeKey(join(folder, "account_ed25519"), "ed25519");
  const port = await freePort();
  const config = join(folder, "sshd_config");
  writeFileSync(config, sshdConfig({ folder, home, hostKey, keyFile, port }));
  // As root sshd wants this folder, which the system makes at boot.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  const child = start(SSHD, ["-D", "-e", "-f", config]);
  child.stdin?.end();
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  await eventually(`sshd on port ${port}`, () => answersWithBanner(port), {
    instead: () => Buffer.concat(said).toString(),
  });
  return {
    port,
    fingerprint: await fingerprintOf(hostKey),
    keyFile,
    account: userInfo().username,
    home,
    stop: () => stopped(child),
  };
}

export async function makeKey(
  file: string,
  type: "ed25519" | "ecdsa" | "rsa",
  bits?: number,
): Promise<string> {
  const length = bits === undefined ? [] : ["-b", String(bits)];
  const options = ["-q", "-t", type, ...length, "-N", "", "-C", "test", "-f", file];
  const made = await run("ssh-keygen", options);
  succeeded("ssh-keygen", made);
  return file;
}

export async function fingerprintOf(keyFile: string): Promise<string> {
  const printed = succeeded("ssh-keygen", await run("ssh-keygen", ["-l", "-f", `${keyFile}.pub`]));
  const fingerprint = /SHA256:(\S+)/.exec(printed.stdout.toString())?.[1];
  if (fingerprint === undefined) throw new Error(`no fingerprint in ${printed.stdout.toString()}`);
  return fingerprint;
}

/** A home with a plain prompt, so that the tests know when the shell is ready. */
export function makeHome(home: string): void {
  mkdirSync(home, { recursive: true });
  const rc = [
    `cd ${home}`,
    "export LC_ALL=C.UTF-8",
    "PS1='ready$ '",
    // What bash itself says that it ran: every line, at once, after history expansion.
    `HISTFILE=${join(home, ".history")}`,
    "HISTCONTROL=",
    "PROMPT_COMMAND='history -a'",
    "shopt -s cmdhist lithist",
    "",
  ].join("\n");
  writeFileSync(join(home, ".bashrc"), rc);
  writeFileSync(join(home, ".bash_profile"), rc);
}

interface SshdFiles {
  readonly folder: string;
  readonly home: string;
  readonly hostKey: string;
  readonly keyFile: string;
  readonly port: number;
}

function sshdConfig(files: SshdFiles): string {
  return [
    `Port ${files.port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${files.hostKey}`,
    `AuthorizedKeysFile ${files.keyFile}.pub`,
    `PidFile ${join(files.folder, "sshd.pid")}`,
    // The folder of the test stands in a folder that everybody may write to.
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin yes",
    "AllowAgentForwarding yes",
    "AllowTcpForwarding yes",
    "AllowStreamLocalForwarding yes",
    "X11Forwarding no",
    "PrintMotd no",
    "PrintLastLog no",
    // Bursts of connections are part of the tests.
    "MaxStartups 500:30:1000",
    "AcceptEnv LANG LC_*",
    `SetEnv HOME=${files.home}`,
    `Subsystem sftp ${SFTP_SERVER} -d ${files.home}`,
    "",
  ].join("\n");
}

/** Sends SIGTERM and waits for the end; a process that does not obey is killed. */
export function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.once("exit", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
