import type {
  ChannelId,
  Fault,
  RequestId,
  Result,
  SessionId,
  WallMicros,
} from "../../kernel/index.js";
import type {
  ApprovalOutcome,
  CommandOutcome,
  Effect,
  FactorAnswer,
  FactorOutcome,
  InputBody,
  ObservedEntry,
  ProfilePart,
  RecordEntry,
  SessionView,
} from "../../model/index.js";

/** Where events go before what they describe is done. */
export interface EventSpool {
  append(lines: string): Result<void, Fault>;
  /** Waits until what was appended survives a power loss. */
  sync(): Result<void, Fault>;
}

/** The effects that the protocol's adapter carries out; called in order, must not throw. */
export type TrafficEffect = Extract<
  Effect,
  {
    kind:
      | "answer"
      | "send-to-target"
      | "send-to-person"
      | "instruct"
      | "look-on"
      | "web-verdict"
      | "page"
      | "page-message"
      | "eof-to-target"
      | "valve"
      | "close-channel"
      | "close-session";
  }
>;
export interface Traffic {
  carryOut(effect: TrafficEffect): void;
}

/** The recordings of one session. */
export interface Recorder {
  record(channel: ChannelId, entry: RecordEntry): void;
  /** Whatever is still open ends here. */
  close(): void;
}

/** What a session asks the registry; answered by the parent, or as what fails closed. */
export interface SessionDesk {
  /** "Is this the person?": never later than `deadlineMs` after the question. */
  verifyFactor(question: FactorQuestion): Promise<FactorOutcome>;
  /** Null: it is under way, and what comes of it arrives as inputs. */
  askFactor(session: SessionId, ask: AskFactor): Promise<FactorOutcome | null>;
  askApproval(session: SessionId, ask: AskApproval): Promise<ApprovalOutcome | null>;
  /** Nobody waits for it any more. */
  withdraw(session: SessionId, request: RequestId, reason: string): void;
  grantGrace(session: SessionId, rules: readonly string[], graceMs: number): void;
  lockPerson(session: SessionId, rule: string, reason: string): void;
}
/** Where profiles of behaviour are kept; absent where nobody watches behaviour. */
export interface ProfileDesk {
  /** Null: it can not be had now. */
  ask(session: SessionId, part: ProfilePart): Promise<StoredPart | null>;
  keep(session: SessionId, revision: number, profile: string): void;
}
export interface StoredPart {
  /** JSON; null: the person is not known yet. */
  readonly profile: string | null;
  readonly revision: number;
}
export type AskFactor = Omit<Extract<Effect, { kind: "ask-factor" }>, "kind">;
export type AskApproval = Omit<Extract<Effect, { kind: "ask-approval" }>, "kind">;
export interface FactorQuestion {
  readonly session: SessionId;
  readonly origin: string;
  readonly answer: FactorAnswer;
  readonly wall: WallMicros;
  readonly deadlineMs: number;
}

/** What the rest of the process holds of a session. */
export interface SessionHandle {
  /** Stamps the input, steps the session, carries out the effects before it returns. */
  input(body: InputBody): void;
  /**
   * Calls when what the session has told so far is in the spool: at once, or at the end of this turn of the
   * event loop. `kept` is false when it could not be kept, and the session has ended for that.
   */
  told(then: (kept: boolean) => void): void;
  /** The same for an input that is answered by an effect `done` with this id. */
  order(id: string, body: InputBody): Promise<CommandOutcome>;
  view(): SessionView;
}

/** Shows something of the session to those who look on, in the parent. */
export type ShowObservers = (to: string | null, entry: ObservedEntry) => void;
