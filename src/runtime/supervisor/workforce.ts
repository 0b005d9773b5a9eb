import type { Socket } from "node:net";
import type { Fault, Result, SessionId } from "../../kernel/index.js";
import type {
  CommandOutcome,
  InputBody,
  KillOrderedBy,
  ObservedEntry,
  SessionView,
} from "../../model/index.js";
import type { ConnectionFacts, ConnectionId, Story } from "../worker/messages.js";

/** Who serves connections: worker processes, or this process. */
export interface Workforce {
  readonly connections: number;
  /** Answers when connections can be served. */
  start(): Promise<Result<void, Fault>>;
  /** Hands a connection over; false when nobody can take it (the socket stays the caller's). */
  assign(connection: ConnectionFacts, socket: Socket): boolean;
  /** Told to everybody, also to workers that start later. */
  news(news: unknown): void;
  kill(session: SessionId, reason: string, by: KillOrderedBy): void;
  /** One message to each process; outcomes of the sessions that run, by `deadlineMs` at the latest. */
  order(order: WorkOrder, deadlineMs: number): Promise<ReadonlyMap<SessionId, CommandOutcome>>;
  /** Gives a session an input from outside. */
  tell(session: SessionId, input: InputBody): void;
  /** How all sessions stand, of the processes that answer in time. */
  views(deadlineMs: number): Promise<readonly SessionView[]>;
  /** Ends every session with its events, waits at most `drainMs` for what is still on its way. */
  stop(reason: string, drainMs: number): Promise<void>;
}

export interface WorkOrder {
  readonly sessions: readonly SessionId[];
  /** Id of the effect `done` that answers it. */
  readonly done: string;
  readonly input: InputBody;
}

/** What the workforce tells and asks. */
export interface WorkforceDeps {
  /** The registry; must not throw. */
  readonly answer: (question: unknown, from: { readonly stream: string }) => Promise<unknown>;
  /** Told once for each connection that was assigned. */
  readonly connectionEnded: (connection: ConnectionId) => void;
  readonly sessionEnded: (session: SessionId, story: Story) => void;
  readonly observed: (session: SessionId, to: string | null, entry: ObservedEntry) => void;
  /** All connections and sessions of this worker are gone. */
  readonly workerDied: (stream: string) => void;
}
