import type { ChannelId, Secret, SessionId } from "../../kernel/index.js";
import type {
  CommandedBy,
  CommandOutcome,
  Factor,
  FactorOutcome,
  LiveSession,
  ObservedEntry,
  SessionDeed,
} from "../../model/index.js";
import type { Approvals } from "../registry/approval-desk.js";
import type { LockedPerson } from "../registry/person-locks.js";

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
  /** Judges what is handed in for a person, as if they had typed it, and tells the session. */
  answerChallenge(id: SessionId, answer: HandedIn): Promise<AnswerTaken>;
}

/** What a person would have typed in answer to a question, from somebody who speaks with them. */
export interface HandedIn {
  /** As told in `reauth.requested`. */
  readonly question: number;
  readonly factor: Factor;
  /** Wiped by whoever made it. */
  readonly answer: Secret;
  readonly by: CommandedBy;
}

export type AnswerTaken =
  | { readonly type: "judged"; readonly outcome: FactorOutcome }
  /** Nobody is asked this any more; a one-time code is used up all the same. */
  | { readonly type: "not-asked" }
  | { readonly type: "timeout" };

export interface LockOrder {
  readonly person: string;
  readonly by: CommandedBy;
  readonly reason: string;
  readonly untilMs: number | null;
  readonly kill: boolean;
}

export interface LockOutcome {
  /**
   * `failed`: the disk does not have it, and would not after a restart. `already`: it was so before
   * (sessions are ended all the same).
   */
  readonly type: "done" | "already" | "failed";
  readonly sessions: ReadonlyMap<SessionId, CommandOutcome>;
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
