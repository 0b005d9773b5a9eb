import { cockpit, isCockpitPath } from "./cockpit.js";
import type { SocketRequest, TerminalDialect } from "./dialect.js";
import { isKubernetesPath, kubernetes } from "./kubernetes.js";
import { ttyd } from "./ttyd.js";
import { json, xterm } from "./xterm.js";

/** Every dialect by its name; the first two show themselves in no request. */
const NAMED = { xterm, json, ttyd, kubernetes, cockpit } as const;
export type DialectName = keyof typeof NAMED;

/** A path of a target at which its terminals are. */
export interface TerminalPath {
  /** Below the route; `*`: one segment, `**`: any number of them at the end. */
  readonly path: string;
  readonly dialect: DialectName;
}

/** Null: a WebSocket in which no terminal is known. */
export function dialectOf(
  request: SocketRequest,
  paths: readonly TerminalPath[],
): TerminalDialect | null {
  const named = paths.find(({ path }) => fits(path, request.path));
  if (named !== undefined) return NAMED[named.dialect];
  if (isKubernetesPath(request.path)) return kubernetes;
  if (isCockpitPath(request.path) || request.protocols.includes("cockpit1")) return cockpit;
  return request.protocols.includes("tty") ? ttyd : null;
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  for (const [index, segment] of wanted.entries()) {
    if (segment === "**") return true;
    if (segment !== "*" && segment !== given[index]) return false;
    if (segment === "*" && (given[index] ?? "") === "") return false;
  }
  return wanted.length === given.length;
}
