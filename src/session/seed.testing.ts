import { createHash } from "node:crypto";
import { sessionId } from "../kernel/index.js";
import type { ChannelPolicy } from "../model/index.js";
import { compileRules, type Ruleset } from "../rules/index.js";
import type { SessionSeed } from "./index.js";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export function rulesFrom(text: string): Ruleset {
  const compiled = compileRules([{ file: "lab.yaml", text }], { sha256 });
  if (!compiled.ok) throw new Error(compiled.error.map((fault) => fault.message).join("\n"));
  return compiled.value;
}

/** The channel policy of the contract. */
export const DEFAULT_CHANNELS: ChannelPolicy = {
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

export interface SeedOptions {
  readonly rules?: string;
  readonly stepUp?: Partial<SessionSeed["stepUp"]>;
  readonly approval?: Partial<SessionSeed["approval"]>;
  readonly suspension?: Partial<SessionSeed["suspension"]>;
  readonly factors?: SessionSeed["facts"]["person"]["factors"];
  readonly doubt?: Partial<SessionSeed["doubt"]>;
  readonly channels?: Partial<ChannelPolicy>;
  readonly recording?: SessionSeed["recording"];
  readonly integration?: SessionSeed["integration"];
}

/** Alice of the dba group at a target called lab, with rules that a test can recognise. */
export function seedOf(options: SeedOptions = {}): SessionSeed {
  const ruleset = rulesFrom(options.rules ?? LAB_RULES);
  return {
    facts: {
      id: sessionId("s-lab"),
      protocol: "ssh",
      person: {
        name: "alice",
        groups: ["dba"],
        phrase: "blue heron",
        factors: options.factors ?? ["totp"],
      },
      account: "root",
      target: { name: "lab", address: "127.0.0.1:22", labels: {}, embedded: false },
      origin: "127.0.0.1",
      clientVersion: "SSH-2.0-OpenSSH_9.2",
      authMethods: ["publickey"],
    },
    channels: { ...DEFAULT_CHANNELS, ...options.channels },
    env: ["LANG"],
    doubt: {
      onFault: "block",
      onUncertain: "alert",
      onUnparsed: "alert",
      audit: "normal",
      ...options.doubt,
    },
    stepUp: {
      factors: ["totp"],
      attempts: 3,
      timeoutMs: 60_000,
      graceMs: 60_000,
      onFail: "block",
      onTimeout: "block",
      ...options.stepUp,
    },
    approval: {
      approvers: [],
      min: 1,
      timeoutMs: 60_000,
      onFail: "block",
      onTimeout: "block",
      ...options.approval,
    },
    suspension: { timeoutMs: 60_000, onTimeout: "kill", ...options.suspension },
    observation: { shown: true },
    graces: [],
    recording: options.recording ?? { terminal: "asciicast", input: "masked" },
    rules: { current: () => ruleset },
    ...(options.integration === undefined ? {} : { integration: options.integration }),
    firstSequence: 0,
  };
}

/** `rm -rf` is blocked; `touch X` does what X says. */
export const LAB_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-rm
    name: No recursive forced delete
    criticality: high
    match: { command: { exec: rm, flags: { all: [recursive, force] } } }
    action: block
    message: "Recursive delete is not permitted here."
  - id: lab-reauth
    name: Ask who it is
    criticality: medium
    match: { command: { exec: touch, args: { any: "secret*" } } }
    action: { do: reauth, factors: [totp] }
  - id: lab-warn
    name: Are you sure
    criticality: low
    match: { command: { exec: touch, args: { any: "warn*" } } }
    action: warn
  - id: lab-kill
    name: End of session
    criticality: critical
    match: { command: { exec: touch, args: { any: "kill*" } } }
    action: kill
  - id: lab-alert
    name: Tell somebody
    criticality: low
    match: { command: { exec: touch, args: { any: "alert*" } } }
    action: alert
`;
