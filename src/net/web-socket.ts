import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";

/** One end of a WebSocket (RFC 6455) that carries text alone. */
export interface TextSocket {
  send(text: string): void;
  /** Bytes that the other side has not taken yet. */
  readonly waitingBytes: number;
  /** Codes: RFC 6455 section 7.4.1. */
  close(code: number, reason: string): void;
}

/** An end whose two directions can be held back, for streams. */
export interface FlowingSocket extends TextSocket {
  /** `sent`: the text has left us. */
  send(text: string, sent?: () => void): void;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Without a word. */
  destroy(): void;
}

export interface TextSocketEvents {
  readonly text: (text: string) => void;
  /** Once, whoever ended it. */
  readonly closed: () => void;
}

export interface TextSocketDoor {
  /** Answers an upgrade request; `opened` gives what is told from then on. */
  accept(
    upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
    opened: (socket: FlowingSocket) => TextSocketEvents,
  ): void;
  close(): void;
}

/** A silent peer is found by two questions without an answer. */
const PING_MS = 15_000;

export function createTextSocketDoor(options: {
  /** Of one message. */
  readonly bytesMax: number;
  /** The subprotocol that both sides speak; chosen where the other side offers it. */
  readonly protocol: string;
}): TextSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: options.bytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(options.protocol) ? options.protocol : false),
  });
  return {
    accept({ request, socket, head }, opened) {
      server.handleUpgrade(request, socket, head, (ws) => tend(ws, opened));
    },
    close() {
      for (const ws of server.clients) ws.terminate();
      server.close();
    },
  };
}

function tend(ws: WebSocket, opened: (socket: FlowingSocket) => TextSocketEvents): void {
  const events = opened({
    // A socket that is closing takes nothing; that it is gone is told by "close".
    send: (text, sent) => ws.send(text, () => sent?.()),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    destroy: () => ws.terminate(),
    get waitingBytes() {
      return ws.bufferedAmount;
    },
    close: (code, reason) => ws.close(code, reason),
  });
  let alive = true;
  const pings = setInterval(() => {
    if (!alive) ws.terminate();
    alive = false;
    ws.ping();
  }, PING_MS);
  pings.unref();
  ws.on("pong", () => (alive = true));
  ws.on("message", (data, binary) => {
    alive = true;
    if (binary || !Buffer.isBuffer(data)) ws.close(1003, "text only");
    else events.text(data.toString("utf8"));
  });
  // Told by `close` as well, which follows.
  ws.on("error", () => undefined);
  ws.on("close", () => {
    clearInterval(pings);
    events.closed();
  });
}
