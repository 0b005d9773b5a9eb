import type { ChannelId, Fault, Result, SessionId, WallMicros } from "../../kernel/index.js";
import type {
  Effect,
  FactorAnswer,
  FactorOutcome,
  InputBody,
  RecordEntry,
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

/** "Is this the person?", answered by the parent; never later than `deadlineMs` after the question. */
export interface FactorDesk {
  verifyFactor(question: FactorQuestion): Promise<FactorOutcome>;
}
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
}
