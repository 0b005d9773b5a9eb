import { describe, expect, it } from "vitest";
import { CHANNEL_KINDS, type ChannelPolicy } from "../model/index.js";
import {
  channelAccess,
  envAllowed,
  globalAccess,
  requestAccess,
  type AccessPolicy,
} from "./access.js";

const DEFAULTS: ChannelPolicy = {
  shell: "allow",
  exec: "allow",
  sftp: "allow",
  subsystem: "deny",
  localForward: "deny",
  remoteForward: "deny",
  streamlocal: "deny",
  agent: "deny",
  x11: "deny",
};
const everything = Object.fromEntries(
  CHANNEL_KINDS.map((kind) => [kind, "allow"]),
) as ChannelPolicy;
const policy = (channels: ChannelPolicy, embedded = false): AccessPolicy => ({
  channels,
  embedded,
  env: ["LANG", "LC_*"],
});
const forward = {
  type: "direct-tcpip",
  host: "db",
  port: 5432,
  originHost: "::1",
  originPort: 1,
} as const;

describe("channel policy", () => {
  it("lets a shell in and keeps a forward out by default", () => {
    expect(requestAccess({ type: "shell" }, policy(DEFAULTS)).type).toBe("allowed");
    expect(channelAccess(forward, policy(DEFAULTS))).toMatchObject({
      type: "denied",
      kind: "localForward",
    });
  });

  it("refuses every kind that it does not know, whatever the policy says", () => {
    const open = policy(everything);
    expect(channelAccess({ type: "unknown", name: "tun@openssh.com" }, open).type).toBe("denied");
    expect(requestAccess({ type: "unknown", name: "evil" }, open).type).toBe("denied");
    expect(globalAccess({ type: "unknown", name: "evil" }, open).type).toBe("denied");
  });

  it("keeps sftp and other subsystems apart", () => {
    const only = policy({ ...DEFAULTS, sftp: "allow", subsystem: "deny" });
    expect(requestAccess({ type: "subsystem", name: "sftp" }, only).type).toBe("allowed");
    expect(requestAccess({ type: "subsystem", name: "netconf" }, only).type).toBe("denied");
  });

  it("never forwards from the embedded target, even when the policy allows it", () => {
    const embedded = policy(everything, true);
    expect(channelAccess(forward, embedded).type).toBe("denied");
    expect(requestAccess({ type: "agent" }, embedded).type).toBe("denied");
    expect(requestAccess({ type: "x11" }, embedded).type).toBe("denied");
    expect(globalAccess({ type: "tcpip-forward", host: "", port: 0 }, embedded).type).toBe(
      "denied",
    );
    expect(requestAccess({ type: "shell" }, embedded).type).toBe("allowed");
  });

  it.each([
    ["LANG", true],
    ["LC_ALL", true],
    ["LANGUAGE", false],
    ["BASH_ENV", false],
    ["LD_PRELOAD", false],
    ["PROMPT_COMMAND", false],
    ["lc_all", false],
  ])("passes the variable %s: %s", (name, passes) => {
    expect(envAllowed(name, ["LANG", "LC_*"])).toBe(passes);
  });

  it("refuses a variable whose value is longer than any locale", () => {
    const of = (length: number): string =>
      requestAccess({ type: "env", name: "LANG", value: "x".repeat(length) }, policy(DEFAULTS))
        .type;
    expect(of(1024)).toBe("allowed");
    expect(of(1025)).toBe("denied");
  });
});
