import type { SessionId } from "../kernel/index.js";

/** The person as the directory knows them; nothing here is secret but the phrase. */
export interface PersonFacts {
  readonly name: string;
  readonly groups: readonly string[];
  /** Chosen at enrolment, shown in every challenge, never sent to a target: proves who is asking. */
  readonly phrase: string;
  /** Factors the person is enrolled for, best first. */
  readonly factors: readonly Factor[];
}

export type Factor = "totp" | "password";

export interface TargetFacts {
  readonly name: string;
  /** `host:port`, or `embedded` for the local pty. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly embedded: boolean;
}

/** What is true of a session from its first moment to its last. */
export interface SessionFacts {
  readonly id: SessionId;
  readonly protocol: "ssh";
  readonly person: PersonFacts;
  readonly account: string;
  readonly target: TargetFacts;
  readonly origin: string;
  readonly clientVersion: string;
  readonly authMethods: readonly string[];
}

/** The kinds that channel policy speaks of; the names are the contract's. */
export const CHANNEL_KINDS = [
  "shell",
  "exec",
  "sftp",
  "subsystem",
  "localForward",
  "remoteForward",
  "streamlocal",
  "agent",
  "x11",
] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];
export type ChannelPolicy = Readonly<Record<ChannelKind, "allow" | "deny">>;

export type UncertainPolicy = "allow" | "alert" | "reauth" | "block";

/** What the administrator decided about doubt and failure (`policy:` in the configuration). */
export interface DoubtPolicy {
  /** An inspector threw. */
  readonly onFault: "allow" | "block";
  /** The witnesses of the typed line disagree. */
  readonly onUncertain: UncertainPolicy;
  /** The line could not be analysed. */
  readonly onUnparsed: UncertainPolicy;
  readonly audit: "normal" | "strict";
}
