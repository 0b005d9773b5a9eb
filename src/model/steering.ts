import type { ChannelId, Micros, SessionId, WallMicros } from "../kernel/index.js";
import type { SessionFacts } from "./facts.js";

/** Who steers a session from outside. The name is the operator's, the gateway's, the rule's. */
export interface CommandedBy {
  readonly kind: "operator" | "gateway" | "core" | "rule";
  readonly name: string;
}

/** What can be ordered of a session that runs. */
export const SESSION_DEEDS = ["kill", "suspend", "resume", "reauth", "message"] as const;
export type SessionDeed = (typeof SESSION_DEEDS)[number];

/** An order from outside to one session; answered by an effect `done` with the same id. */
export interface SessionCommand {
  readonly id: string;
  readonly do: SessionDeed;
  readonly by: CommandedBy;
  /** Why, in words for the person; of a `message`: the message itself. */
  readonly reason: string;
}

/** What became of an order. `done` of a `reauth` says that the question is asked, not how it ended. */
export type CommandOutcome =
  | { readonly type: "done" }
  /** Nothing had to be done: it is suspended already, or not suspended at all. */
  | { readonly type: "already" }
  /** It can not be done; the reason is for whoever ordered it. */
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "no-such-session" }
  /** The process of the session did not answer in time: what it did is not known. */
  | { readonly type: "timeout" };

/** Why a session stands still, and since when. */
export interface Suspension {
  readonly by: CommandedBy | { readonly kind: "risk" | "policy"; readonly name: string };
  readonly reason: string;
  readonly since: WallMicros;
}

/** A running session as those who steer it see it. */
export interface SessionView {
  readonly id: SessionId;
  readonly state: "open" | "challenged" | "suspended";
  readonly suspension?: Pick<Suspension, "reason" | "since"> & { readonly by: string };
  readonly channels: readonly ChannelView[];
  readonly counts: {
    readonly channels: number;
    readonly commands: number;
    readonly blocked: number;
    readonly reauths: number;
  };
  /** How unlike the person it looks by now, 0..100; absent: nobody scores it. */
  readonly risk?: number;
  /** Names of those who watch; the one who has the keyboard, when somebody has. */
  readonly observers: readonly string[];
  readonly controller?: string;
}

export interface ChannelView {
  readonly id: ChannelId;
  /** Kind of channel policy; absent until something was started on it. */
  readonly kind?: string;
  readonly request?: string;
  readonly terminal: boolean;
}

/** The same with what the registry knows of it. */
export interface LiveSession extends SessionView {
  readonly facts: SessionFacts;
  /** UTC. */
  readonly since: WallMicros;
}

/** What an observer of a session is shown; nothing that was typed unseen is in it. */
export type ObservedEntry = { readonly at: Micros } & (
  | {
      /** A terminal as it stands now; the first entry of each terminal. */
      readonly type: "screen";
      readonly channel: ChannelId;
      readonly columns: number;
      readonly rows: number;
      /** Bytes that make a cleared terminal of that size show it. */
      readonly bytes: Uint8Array;
    }
  | { readonly type: "output"; readonly channel: ChannelId; readonly bytes: Uint8Array }
  | {
      readonly type: "resize";
      readonly channel: ChannelId;
      readonly columns: number;
      readonly rows: number;
    }
  /** Of a desktop: instructions that draw it, from an empty screen on. */
  | { readonly type: "drawn"; readonly channel: ChannelId; readonly text: string }
  | { readonly type: "closed"; readonly channel: ChannelId }
  /** The last entry: the session is over, the observer was too slow, or was sent away. */
  | { readonly type: "end"; readonly reason: "over" | "too-slow" | "left" }
);

/** Somebody who watches a session, or has its keyboard. */
export interface Observer {
  /** Unique; made by whoever lets them in. */
  readonly id: string;
  readonly name: string;
  readonly mode: "watch" | "control";
}
