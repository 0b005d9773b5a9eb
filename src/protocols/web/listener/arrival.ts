import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { Reply } from "../session/reply.js";

/** A request as the HTTP parser hands it over. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly http2: boolean;
  readonly source: Readable;
  readonly reply: Reply;
  /** Address of the peer, and the name in its certificate, if one was verified. */
  readonly peer: string;
  /** Address of the person, where the peer says it; else the peer's. */
  readonly origin?: string;
  readonly commonName: string | null;
}

export interface UpgradeArrival extends Omit<Arrival, "reply"> {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly behind: Buffer;
}
