import type { SessionId, WallMicros } from "../../kernel/index.js";
import type { ChannelId } from "../../kernel/index.js";
import type {
  CommandedBy,
  CommandOutcome,
  LiveSession,
  ObservedEntry,
  SessionDeed,
} from "../../model/index.js";

/** An order to sessions as those give it who are outside: the id is made on the way. */
export interface Order {
  readonly do: SessionDeed;
  readonly by: CommandedBy;
  /** Why, in words for the person; of a `message`: the message itself. */
  readonly reason: string;
}

/**
 * Everything that those who steer can see and do, over all session processes: the control API, the link
 * to the scoring core and gateways speak to this. Nothing here waits longer than a few seconds.
 */
export interface Steering {
  /** Sessions that run, oldest first. One whose process does not answer is told as its facts say. */
  sessions(): Promise<readonly LiveSession[]>;
  session(id: SessionId): Promise<LiveSession | null>;
  commandSession(id: SessionId, order: Order): Promise<CommandOutcome>;
  /** All of them with one message to each process; one outcome for each id. */
  commandSessions(
    ids: readonly SessionId[],
    order: Order,
  ): Promise<ReadonlyMap<SessionId, CommandOutcome>>;
  /** All sessions of the person. */
  commandPerson(person: string, order: Order): Promise<ReadonlyMap<SessionId, CommandOutcome>>;
  /** Refuses new log-ins until `untilMs` (UTC; null: until unlocked), and by default kills. */
  lockPerson(lock: LockOrder): Promise<LockOutcome>;
  unlockPerson(person: string, by: CommandedBy, reason: string): Promise<LockOutcome>;
  lockedPeople(): readonly LockedPerson[];
  watch(id: SessionId, observer: { readonly name: string }): Promise<Observation | null>;
  readonly approvals: Approvals;
}

export interface LockOrder {
  readonly person: string;
  readonly by: CommandedBy;
  readonly reason: string;
  readonly untilMs: number | null;
  readonly kill: boolean;
}

export interface LockOutcome {
  /** False: the lock is not on the disk, and nothing was done. `already`: nothing had to be done. */
  readonly type: "done" | "already" | "failed";
  readonly sessions: ReadonlyMap<SessionId, CommandOutcome>;
}

export interface LockedPerson {
  readonly person: string;
  /** `operator:maria`. */
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly untilMs: number | null;
}

/**
 * A session as it is shown to one observer. Iterate `entries`: the first ones are the terminals as they
 * stand; the last one says why it ended. What waits for a slow reader is bounded: above that the
 * observation ends with `too-slow`.
 */
export interface Observation {
  readonly entries: AsyncIterable<ObservedEntry>;
  /** Takes the keyboard: the person's own keys are held until `handBack`. */
  takeOver(): Promise<CommandOutcome>;
  handBack(): Promise<CommandOutcome>;
  /** Keys for a terminal; only while the observer has the keyboard. They are judged like the person's. */
  type(channel: ChannelId, bytes: Uint8Array): void;
  leave(): void;
}

/** What waits for a second pair of eyes. */
export interface Approvals {
  list(): readonly PendingApproval[];
  /** Called when something was asked, decided or withdrawn. Answers how to stop being told. */
  changed(listener: () => void): () => void;
  decide(id: string, decision: ApprovalDecision): DecisionOutcome;
}

export interface PendingApproval {
  readonly id: string;
  readonly session: SessionId;
  readonly person: string;
  readonly account: string;
  readonly target: string;
  readonly origin: string;
  /** What waits: `command`, or the kind of the channel. */
  readonly action: string;
  /** The line or the request; absent when it was typed unseen. */
  readonly held?: string;
  readonly rule: string;
  readonly reason: string;
  /** `group:soc`, `role:admin`, names; empty: anybody with the right to decide. */
  readonly approvers: readonly string[];
  /** How many have to say yes, and who has. */
  readonly min: number;
  readonly approvedBy: readonly string[];
  readonly askedAt: WallMicros;
  readonly deadline: WallMicros;
}

export interface ApprovalDecision {
  readonly approve: boolean;
  /** Who decides; `person` when they are one of the directory. */
  readonly by: {
    readonly name: string;
    readonly groups: readonly string[];
    readonly roles: readonly string[];
  };
  readonly reason: string;
}

export type DecisionOutcome =
  | { readonly type: "decided" }
  /** Counted; more have to agree. */
  | { readonly type: "counted"; readonly missing: number }
  | {
      readonly type: "refused";
      readonly why: "unknown" | "own-request" | "not-an-approver" | "twice";
    };
