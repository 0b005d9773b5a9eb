import { unreachable } from "../kernel/index.js";
import type {
  ChannelAsked,
  ChannelKind,
  ChannelPolicy,
  GlobalAsked,
  RequestAsked,
} from "../model/index.js";

/** Channel policy comes before command policy: every kind and request is typed here first. */
export type Access =
  | { readonly type: "allowed"; readonly kind: ChannelKind | null }
  /** Once it has been answered for: by the person, or by somebody else. */
  | {
      readonly type: "demanding";
      readonly kind: ChannelKind;
      readonly demand: "reauth" | "approve";
    }
  | { readonly type: "denied"; readonly kind: ChannelKind | "unknown"; readonly reason: string };

export interface AccessPolicy {
  readonly channels: ChannelPolicy;
  readonly env: readonly string[];
  /** The local pty has no network of its own to forward into and no agent to lend. */
  readonly embedded: boolean;
}

/** Longest value of an environment variable that passes: more is not a locale or a terminal name. */
const ENV_VALUE_CHARS_MAX = 1024;

export function channelAccess(asked: ChannelAsked, policy: AccessPolicy): Access {
  switch (asked.type) {
    case "session":
      return { type: "allowed", kind: null };
    case "direct-tcpip":
      return byKind("localForward", policy);
    case "forwarded-tcpip":
      return byKind("remoteForward", policy);
    case "direct-streamlocal":
    case "forwarded-streamlocal":
      return byKind("streamlocal", policy);
    case "x11":
      return byKind("x11", policy);
    case "auth-agent":
      return byKind("agent", policy);
    case "unknown":
      return unknownKind(asked.name);
    default:
      return unreachable(asked);
  }
}

export function requestAccess(asked: RequestAsked, policy: AccessPolicy): Access {
  switch (asked.type) {
    case "pty":
    case "window-change":
    case "signal":
    case "break":
      return { type: "allowed", kind: null };
    case "env":
      return envAccess(asked.name, asked.value, policy);
    case "shell":
      return byKind("shell", policy);
    case "exec":
      return byKind("exec", policy);
    case "subsystem":
      return byKind(asked.name === "sftp" ? "sftp" : "subsystem", policy);
    case "agent":
      return byKind("agent", policy);
    case "x11":
      return byKind("x11", policy);
    case "unknown":
      return unknownKind(asked.name);
    default:
      return unreachable(asked);
  }
}

export function globalAccess(asked: GlobalAsked, policy: AccessPolicy): Access {
  switch (asked.type) {
    case "tcpip-forward":
      return byKind("remoteForward", policy);
    case "streamlocal-forward":
      return byKind("streamlocal", policy);
    case "unknown":
      return unknownKind(asked.name);
    default:
      return unreachable(asked);
  }
}

/** `LC_*` allows every name that begins with `LC_`. */
export function envAllowed(name: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

const NETWORK_KINDS: ReadonlySet<ChannelKind> = new Set([
  "localForward",
  "remoteForward",
  "streamlocal",
  "agent",
  "x11",
]);

function byKind(kind: ChannelKind, policy: AccessPolicy): Access {
  if (policy.embedded && NETWORK_KINDS.has(kind)) {
    return { type: "denied", kind, reason: `${kind} is never available on the embedded target` };
  }
  const verdict = policy.channels[kind];
  switch (verdict) {
    case "allow":
      return { type: "allowed", kind };
    case "reauth":
    case "approve":
      return { type: "demanding", kind, demand: verdict };
    case "deny":
      return { type: "denied", kind, reason: `channel policy denies ${kind}` };
    default:
      return unreachable(verdict);
  }
}

function envAccess(name: string, value: string, policy: AccessPolicy): Access {
  const denied = (reason: string): Access => ({ type: "denied", kind: "unknown", reason });
  if (!envAllowed(name, policy.env)) return denied("not in the list of allowed variables");
  if (value.length > ENV_VALUE_CHARS_MAX) return denied("value too long");
  return { type: "allowed", kind: null };
}

function unknownKind(name: string): Access {
  return { type: "denied", kind: "unknown", reason: `unknown kind ${name.slice(0, 64)}` };
}
