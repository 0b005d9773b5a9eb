import type { Duplex } from "node:stream";
import type { Fault, RequestId, Result } from "../../../kernel/index.js";
import type {
  PageCard,
  SessionFacts,
  WebAnswer,
  WebAsked,
  WebExchange,
  WebFile,
  WebMessage,
  WebOutcome,
  WebVerdict,
} from "../../../model/index.js";
import type { KeptExchange } from "../log/kept-exchange.js";
import type { WebRoute } from "../ports.js";
import type { CookieJar } from "../target/cookie-jar.js";
import type { WebTarget } from "../target/target.js";
import type { WebChannels } from "./channels.js";
import type { FieldRewrite } from "./field-rewrite.js";
import type { Holds } from "./holds.js";
import type { Incoming } from "./incoming.js";

/** A web session as its requests see it. */
export interface SessionCore {
  readonly facts: SessionFacts;
  readonly route: WebRoute;
  readonly secure: boolean;
  /** For bodies that are held. */
  readonly folder: string;
  readonly holds: Holds;
  /** Terminals and programs inside of WebSockets. */
  readonly channels: WebChannels;
  /** It has ended. */
  readonly over: boolean;
  /** What covers its pages. */
  readonly card: PageCard | null;
  /** Called whenever that changes, until the answer is called. */
  onCard(listener: () => void): () => void;
  /** The verdict may come within the call. Null: too many requests are open. */
  ask(asked: WebAsked, verdict: (verdict: WebVerdict) => void): RequestId | null;
  answered(request: RequestId, answer: WebAnswer, verdict: (verdict: WebVerdict) => void): void;
  left(request: RequestId): void;
  ended(request: RequestId, outcome: WebOutcome, exchange?: WebExchange): void;
  /** Calls when what was told so far is kept, or can not be. */
  told(then: (kept: boolean) => void): void;
  /** For the request log; null where there is none. */
  keep(incoming: Incoming): KeptExchange | null;
  /** For the request log: it became a WebSocket, and a message of it. */
  switched(request: RequestId, exchange: WebExchange): void;
  message(request: RequestId, message: WebMessage): void;
  file(request: RequestId, file: WebFile): void;
  refused(fault: Fault): void;
  /** Keys on the page: the answer to the question. Wiped afterwards. */
  typed(bytes: Uint8Array): void;
  /** The target, dialled and logged in to when it is first asked for. */
  reach(): Promise<Result<Reached, Fault>>;
  /** Where that has been done. */
  readonly reached: Reached | null;
  /** A connection that leaves HTTP behind: it ends with the session. */
  own(socket: Duplex): void;
}

export interface Reached {
  readonly target: WebTarget;
  readonly jar: CookieJar;
  readonly fields: FieldRewrite;
  /** The application has forgotten our log-in: the next `reach` does it again. */
  forgotten(): void;
}
