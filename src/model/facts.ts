import type { SessionProtocol } from "../events/index.js";
import type { SessionId } from "../kernel/index.js";

/** The person as the directory knows them; nothing here is secret but the phrase. */
export interface PersonFacts {
  readonly name: string;
  readonly groups: readonly string[];
  /** Chosen at enrolment, shown in every challenge, never sent to a target: proves who is asking. */
  readonly phrase: string;
  /** Factors the person is enrolled for, best first. */
  readonly factors: readonly Factor[];
  /** BCP 47 (`pt-BR`): messages of rules come in it where they have it. */
  readonly language?: string;
}

/** Ways to prove who one is; a plug-in of identity/ answers for each. */
export const FACTORS = ["totp", "password", "webauthn", "webhook"] as const;
export type Factor = (typeof FACTORS)[number];
/** What is typed in answer to a question; every other factor is answered elsewhere, out of band. */
export const TYPED_FACTORS: readonly Factor[] = ["totp", "password"];
/** Answered where a link leads, which the person has to be shown somewhere. */
export const LINK_FACTORS: readonly Factor[] = ["webauthn"];

export interface TargetFacts {
  readonly name: string;
  /** `host:port`, or `embedded` for the local pty. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly embedded: boolean;
  /** Absent: SSH. */
  readonly protocol?: SessionProtocol;
}

/** What is true of a session from its first moment to its last. */
export interface SessionFacts {
  readonly id: SessionId;
  readonly protocol: SessionProtocol;
  readonly person: PersonFacts;
  readonly account: string;
  readonly target: TargetFacts;
  readonly origin: string;
  readonly clientVersion: string;
  readonly authMethods: readonly string[];
  /** The ticket or change the gateway opened the session for. */
  readonly ticket?: string;
  /** What else the gateway said about the session. */
  readonly context?: Readonly<Record<string, string>>;
  /** A gateway tells what happens, and acts on nothing that it is told: so nothing is held or ended here. */
  readonly onlyTold?: true;
  /** What the person would type in answer to a question, their gateway hands in for them. */
  readonly answeredByGateway?: true;
  /** Counted over the person's sessions before this one: it begins with the question who is there. */
  readonly proofOwed?: ProofOwed;
}

/** The person has to prove who they are, whatever they do. */
export interface ProofOwed {
  /** As told in `reauth.*`: what was counted, or who counts. */
  readonly trigger: string;
  /** For the person to see. */
  readonly reason: string;
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
/** What rules call the way that something took: the kinds of channel policy, and requests of web sessions. */
export const RULED_CHANNELS = [...CHANNEL_KINDS, "web", "desktop"] as const;
export type RuledChannel = (typeof RULED_CHANNELS)[number];
/** `reauth` and `approve`: it is opened once the person, or somebody else, has answered for it. */
export type ChannelVerdict = "allow" | "deny" | "reauth" | "approve";
export type ChannelPolicy = Readonly<Record<ChannelKind, ChannelVerdict>>;

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
