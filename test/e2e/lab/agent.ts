import { existsSync } from "node:fs";
import { join } from "node:path";

import { textOf } from "./lab.js";
import { run, start } from "./program.js";
import { makeKey, stopped } from "./sshd.js";
import { eventually } from "./wait.js";

/** A real ssh-agent with one key. */
export interface Agent {
  readonly socket: string;
  stop(): Promise<void>;
}

let agents = 0;

export async function startAgent(folder: string): Promise<Agent> {
  agents += 1;
  const socket = join(folder, `agent-${agents}.sock`);
  const agent = start("ssh-agent", ["-D", "-a", socket]);
  await eventually("the agent", () => existsSync(socket));
  const key = await makeKey(join(folder, `agent-key-${agents}`), "ed25519");
  textOf("ssh-add", await run("ssh-add", ["-q", key], { env: { SSH_AUTH_SOCK: socket } }));
  return { socket, stop: () => stopped(agent) };
}
