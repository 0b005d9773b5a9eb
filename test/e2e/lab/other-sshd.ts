import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.js";
import { start } from "./program.js";
import { answersWithBanner } from "./ssh-banner.js";
import { makeKey, stopped } from "./sshd.js";
import { eventually } from "./wait.js";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

export interface OtherSshd {
  readonly port: number;
  /** Path of the private host key of this type. */
  readonly hostKey: (type: KeyType) => string;
  readonly stop: () => Promise<void>;
}

/** One more real OpenSSH server on loopback, with host keys and a configuration of its own. */
export async function startOtherSshd(
  folder: string,
  server: { readonly hostKeys: readonly KeyType[]; readonly config: readonly string[] },
): Promise<OtherSshd> {
  mkdirSync(folder, { recursive: true });
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  const hostKey = (type: KeyType): string => join(folder, `host_${type}`);
  for (const type of server.hostKeys) await makeKey(hostKey(type), type);
  const port = await freePort();
  const file = join(folder, "sshd_config");
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...server.hostKeys.map((type) => `HostKey ${hostKey(type)}`),
    `PidFile ${join(folder, "sshd.pid")}`,
    "StrictModes no",
    "PrintMotd no",
    `SetEnv HOME=${home}`,
    ...server.config,
    "",
  ];
  writeFileSync(file, lines.join("\n"));
  const child = start("/usr/sbin/sshd", ["-D", "-e", "-f", file]);
  child.stdin?.end();
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  await eventually(`sshd on port ${port}`, () => answersWithBanner(port), {
    instead: () => Buffer.concat(said).toString(),
  });
  return { port, hostKey, stop: () => stopped(child) };
}
