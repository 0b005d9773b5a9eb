import type { SessionRef } from "../../events/index.js";

/** `alice (root@db-1)` */
export function who({ person, account, target }: SessionRef): string {
  return target === "" ? person : `${person} (${account}@${target})`;
}

/** Channels that carry somebody else's connection. */
const TUNNELS: ReadonlySet<string> = new Set([
  "localForward",
  "remoteForward",
  "streamlocal",
  "agent",
  "x11",
]);

export function isTunnel(kind: string): boolean {
  return TUNNELS.has(kind);
}

/** Actions after which somebody can not go on as before. */
export function stopped(action: string): boolean {
  return ["block", "kill", "suspend", "lock-user"].includes(action);
}
