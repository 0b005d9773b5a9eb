import type { SessionId } from "../../kernel/index.js";
import type {
  CommandOutcome,
  InputBody,
  KillOrderedBy,
  ObservedEntry,
  SessionView,
} from "../../model/index.js";

/** Unique for the life of the parent. */
export type ConnectionId = number;

/** An accepted connection on its way to the process that serves it. */
export interface ConnectionFacts {
  readonly id: ConnectionId;
  /** Address and port of the peer; behind a proxy the adapter learns the person's own. */
  readonly address: string;
  readonly port: number;
  /** Which listener took it; absent: ssh. */
  readonly door?: Door;
}

/** Listeners whose connections go to session processes, beside that of SSH. */
export type Door = "guacd" | "guacamole" | "web";

/** From the parent to a worker. What is `unknown` belongs to app/, which fills both ends. */
export type ParentMessage =
  | { readonly kind: "start"; readonly settings: unknown }
  /** The socket travels beside the message. */
  | { readonly kind: "connection"; readonly connection: ConnectionFacts }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  /** Something that holds for all sessions has changed (rules). */
  | { readonly kind: "news"; readonly news: unknown }
  | {
      readonly kind: "kill";
      readonly session: SessionId;
      readonly reason: string;
      readonly by: KillOrderedBy;
    }
  /** An input that is answered by an effect `done` with the id `done`; answered by `ordered`. */
  | {
      readonly kind: "order";
      readonly id: number;
      readonly sessions: readonly SessionId[];
      readonly done: string;
      readonly input: InputBody;
    }
  /** An input that needs no answer; nothing happens when the session does not run there. */
  | { readonly kind: "tell"; readonly session: SessionId; readonly input: InputBody }
  /** How all sessions stand; answered by `viewed`. */
  | { readonly kind: "view"; readonly id: number }
  /** End every session, then the process. */
  | { readonly kind: "shutdown"; readonly reason: string; readonly drainMs: number };

/** From a worker to the parent. */
export type WorkerMessage =
  /** The process runs and waits for its settings; `stream` is where its events will stand. */
  | { readonly kind: "hello"; readonly stream: string }
  | { readonly kind: "ready" }
  /** `spooled`: and the spool has more. */
  | {
      readonly kind: "ask";
      readonly id: number;
      readonly question: unknown;
      readonly spooled: boolean;
    }
  /** Share of the last interval in which the worker was busy, 0..1. */
  | { readonly kind: "load"; readonly busy: number }
  /** Of the sessions of the order, those that run there. */
  | {
      readonly kind: "ordered";
      readonly id: number;
      readonly outcomes: readonly (readonly [SessionId, CommandOutcome])[];
    }
  | { readonly kind: "viewed"; readonly id: number; readonly views: readonly SessionView[] }
  | {
      readonly kind: "observed";
      readonly session: SessionId;
      readonly to: string | null;
      readonly entry: ObservedEntry;
    }
  | { readonly kind: "noted"; readonly notice: Notice };

/** What needs no answer, and comes together. */
export interface Notice {
  /** The spool has more. */
  readonly spooled: boolean;
  readonly connections: readonly ConnectionId[];
  /** Those that are over. */
  readonly sessions: readonly (readonly [SessionId, Story])[];
}

/** How a session's events ended; `unfinished`: `session.closed` could not be written, the parent has to. */
export type Story = "closed" | "unfinished";
