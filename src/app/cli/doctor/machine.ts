import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { hashPassword } from "../../../identity/index.js";
import { describeError, Secret } from "../../../kernel/index.js";
import { PACKAGE_FOLDER } from "../../config/index.js";
import { bad, fine, info, warn, type Finding } from "./finding.js";

/** Node 20 gets no more security fixes since April 2026. */
const NODE_MAINTAINED = 22;
const NODE_LEAST = [20, 19] as const;

/** Everything that does not depend on the configuration. */
export async function examineMachine(): Promise<readonly Finding[]> {
  return [
    nodeVersion(process.versions.node),
    await nativeCrypto(),
    await terminals(),
    await passwordHashing(),
    clock(Date.now()),
    sftpServer(),
  ];
}

export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = NODE_LEAST;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return bad("node", `${version} is too old`, "install a current LTS release of Node");
  }
  return major < NODE_MAINTAINED
    ? warn(
        "node",
        `${version} works, but gets no security fixes any more`,
        "use a current LTS release",
      )
    : fine("node", version);
}

async function nativeCrypto(): Promise<Finding> {
  try {
    const { nativeCryptoAvailable } = await import("../../../protocols/ssh/door/index.js");
    return nativeCryptoAvailable
      ? fine("ssh crypto", "native addon in use")
      : warn(
          "ssh crypto",
          "native addon missing: bulk transfers are slower (roughly 0.55 instead of 0.65 of a direct connection), nothing else changes",
          "with a C++ compiler and Python: npm rebuild ssh2 --foreground-scripts",
        );
  } catch (error) {
    return bad("ssh crypto", words(error), "npm ci");
  }
}

async function terminals(): Promise<Finding> {
  try {
    await import("node-pty");
    return fine("terminals", "node-pty loads: embedded targets work");
  } catch (error) {
    return warn(
      "terminals",
      `node-pty does not load, embedded targets can not work: ${words(error)}`,
      "npm ci on this machine (the package brings one binary per platform)",
    );
  }
}

async function passwordHashing(): Promise<Finding> {
  try {
    const from = process.hrtime.bigint();
    await hashPassword(new Secret(Uint8Array.from(Buffer.from("doctor"))));
    const tookMs = Number(process.hrtime.bigint() - from) / 1e6;
    return fine("argon2", `one password takes ${tookMs.toFixed(0)} ms`);
  } catch (error) {
    return bad("argon2", words(error), "npm ci on this machine");
  }
}

/** A clock that is before the installation itself is wrong; TOTP needs it right to 30 s. */
export function clock(nowMs: number): Finding {
  const installed = statSync(join(PACKAGE_FOLDER, "package.json")).mtimeMs;
  const now = new Date(nowMs).toISOString();
  if (nowMs < installed) {
    return bad(
      "clock",
      `${now} is before this installation`,
      "set the clock (NTP): TOTP depends on it",
    );
  }
  return existsSync("/run/systemd/timesync/synchronized")
    ? fine("clock", `${now}, synchronised`)
    : info("clock", `${now}; compare it: TOTP codes of a clock that is 30 s off are refused`);
}

const SFTP_SERVERS = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/lib/ssh/sftp-server",
  "/usr/libexec/sftp-server",
];

function sftpServer(): Finding {
  const found = SFTP_SERVERS.find(isExecutable);
  return found === undefined
    ? info(
        "sftp",
        "no sftp-server here: sftp does not work on embedded targets (servers have their own)",
      )
    : fine("sftp", found);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function words(error: unknown): string {
  return describeError(error).split("\n")[0] ?? "";
}
