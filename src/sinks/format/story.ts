import type { Criticality } from "../../events/index.js";

/**
 * What an event says, in words that every format can use. An event type is told once, in stories.ts;
 * a format turns kinds into its own classes and categories, in a table of its own.
 */
export interface Story {
  readonly kind: StoryKind;
  /** A headline without values: the same for every event of the type and decision. */
  readonly name: string;
  /** One sentence with who and where, without the text of a command. */
  readonly message: string;
  readonly severity: Criticality;
  readonly outcome: Outcome;
  /** What was done, one word: `allowed`, `blocked`, `opened`, ... */
  readonly action: string;
  /** Somebody should look at it. */
  readonly alert: boolean;
  readonly reason?: string;
  /** Who it is about, where the event has no session. */
  readonly person?: string;
  /** Address they came from, where the event has no session. */
  readonly origin?: string;
  /** The call of the control API. */
  readonly operation?: string;
  readonly command?: CommandStory;
  readonly rule?: RuleStory;
  readonly traffic?: { readonly toTarget: number; readonly toPerson: number };
  readonly durationMs?: number;
  /** How the person proved, or was asked to prove, who they are. */
  readonly factor?: string;
  readonly file?: FileStory;
  readonly web?: { readonly method: string; readonly url: string; readonly status?: number };
  /** 0 to 100. */
  readonly riskScore?: number;
}

export type Outcome = "success" | "failure" | "unknown";

export interface CommandStory {
  /** Absent when it was typed with the echo off. */
  readonly text?: string;
  /** The first program that it starts. */
  readonly program?: string;
  readonly argv?: readonly string[];
  readonly runas?: string;
  readonly interactive: boolean;
  /** Milliseconds from the start of the recording. */
  readonly recordingOffsetMs?: number;
}

export interface RuleStory {
  readonly id: string;
  readonly name?: string;
  readonly version?: string;
  readonly author?: readonly string[];
  readonly tags?: readonly string[];
}

export interface FileStory {
  readonly path: string;
  /** What was done to it, in the words of `file.changed`. */
  readonly operation?: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** Kinds of happenings; several event types may be of one kind. */
export const STORY_KINDS = [
  "session-opened",
  "session-closed",
  "session-failed",
  "session-changed",
  "login",
  "step-up",
  "approval",
  "command",
  "detection",
  "anomaly",
  "response",
  "channel-opened",
  "channel-closed",
  "channel-refused",
  "tunnel-opened",
  "tunnel-closed",
  "tunnel-refused",
  "file-sent",
  "file-fetched",
  "file-changed",
  "clipboard",
  "web",
  "account-locked",
  "account-unlocked",
  "credential-viewed",
  "credential-changed",
  "score",
  "operator",
  "api-call",
  "service-started",
  "service-stopped",
  "service-changed",
  "service-troubled",
] as const;
export type StoryKind = (typeof STORY_KINDS)[number];

/** What a format may know besides the event. */
export interface FormatOptions {
  /** Of this program; part of the headers of CEF and LEEF. */
  readonly version: string;
}
