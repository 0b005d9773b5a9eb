import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";

/** One whole message of a WebSocket (RFC 6455), however it was cut into frames. */
export interface SocketMessage {
  /** Else it is text: valid UTF-8. */
  readonly binary: boolean;
  readonly bytes: Uint8Array;
}

/** One end of a WebSocket whose messages are read; both directions can be held back. */
export interface MessageSocket {
  /** Chosen in the handshake; "" where none was. */
  readonly protocol: string;
  /** `sent`: the message has left us. What is sent to a socket that is closing goes nowhere. */
  send(message: SocketMessage, sent?: () => void): void;
  /** Bytes that the other side has not taken yet. */
  readonly waitingBytes: number;
  pause(): void;
  resume(): void;
  /** After what was sent; cut off when the other side does not agree in time. */
  close(code: number, reason: string): void;
}

export interface MessageEvents {
  readonly message: (message: SocketMessage) => void;
  /** Once, whoever ended it. Codes: RFC 6455 section 7.4.1. */
  readonly closed: (code: number, reason: string) => void;
}

export interface AcceptOptions {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the head of the request. */
  readonly behind: Buffer;
  /** One that the other side has offered; "": none. */
  readonly protocol: string;
  /** Further lines of the answer's head. */
  readonly headers: readonly (readonly [string, string])[];
  /** Of one message; a longer one ends the connection (1009). */
  readonly bytesMax: number;
}

export interface DialMessagesOptions {
  readonly createConnection: () => Duplex;
  readonly headers: readonly (readonly [string, string])[];
  readonly protocols: readonly string[];
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

/** Header fields of the answer, or why there is no socket. */
export type DialledMessages =
  | { readonly type: "open"; readonly socket: MessageSocket; readonly headers: readonly Field[] }
  | { readonly type: "answered"; readonly status: number }
  | { readonly type: "failed"; readonly reason: string };

type Field = readonly [name: string, value: string];

/** A silent peer is found by two questions without an answer. */
const PING_MS = 15_000;
/** A close that nobody agrees to is carried out all the same. */
const CLOSE_MS = 2_000;

/**
 * Answers an upgrade request. Compression is never agreed on: messages have to be read, and a context
 * for each direction would cost more memory than what a terminal says.
 */
export function acceptMessageSocket(
  options: AcceptOptions,
  opened: (socket: MessageSocket) => MessageEvents,
): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: options.bytesMax,
    perMessageDeflate: false,
    handleProtocols: () => (options.protocol === "" ? false : options.protocol),
  });
  server.on("headers", (lines: string[]) => {
    for (const [name, value] of options.headers) lines.push(`${name}: ${value}`);
  });
  server.handleUpgrade(options.request, options.socket, options.behind, (ws) => {
    listen(ws, opened(socketOf(ws)), true);
  });
}

/** Asks a server for a WebSocket over a connection of ours. Redirects are answers like others. */
export function dialMessageSocket(
  path: string,
  options: DialMessagesOptions,
  events: (socket: MessageSocket) => MessageEvents,
): Promise<DialledMessages> {
  return new Promise((settled) => {
    // The host is that of `headers`; where the bytes go is decided by `createConnection`.
    const ws = new WebSocket(`ws://target${path}`, [...options.protocols], {
      createConnection: options.createConnection,
      headers: headersOf(options.headers),
      handshakeTimeout: options.timeoutMs,
      maxPayload: options.bytesMax,
      perMessageDeflate: false,
      followRedirects: false,
    });
    let headers: readonly Field[] = [];
    ws.once("upgrade", (answer) => (headers = pairsOf(answer.rawHeaders)));
    ws.once("unexpected-response", (request, answer) => {
      answer.resume();
      request.destroy();
      settled({ type: "answered", status: answer.statusCode ?? 0 });
    });
    ws.on("error", (error) => settled({ type: "failed", reason: error.message }));
    ws.once("open", () => {
      const socket = socketOf(ws);
      listen(ws, events(socket), false);
      settled({ type: "open", socket, headers });
    });
  });
}

function socketOf(ws: WebSocket): MessageSocket {
  return {
    protocol: ws.protocol,
    send: ({ binary, bytes }, sent) => ws.send(bytes, { binary }, () => sent?.()),
    get waitingBytes() {
      return ws.bufferedAmount;
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close(code, reason) {
      ws.resume();
      ws.close(code, reason.slice(0, CLOSE_REASON_CHARS_MAX));
      setTimeout(() => ws.terminate(), CLOSE_MS).unref();
    },
  };
}

/** RFC 6455 section 5.5: a close frame has room for 123 bytes; ASCII is written here. */
const CLOSE_REASON_CHARS_MAX = 120;

function listen(ws: WebSocket, events: MessageEvents, pings: boolean): void {
  let alive = true;
  const asking = pings
    ? setInterval(() => {
        // Of a peer that we do not read nothing can be heard.
        if (!alive && !ws.isPaused) ws.terminate();
        alive = false;
        ws.ping();
      }, PING_MS).unref()
    : null;
  ws.on("pong", () => (alive = true));
  ws.on("message", (data, binary) => {
    alive = true;
    if (Buffer.isBuffer(data)) events.message({ binary, bytes: data });
  });
  // Told by `close` as well, which follows.
  ws.on("error", () => undefined);
  ws.once("close", (code, reason) => {
    if (asking !== null) clearInterval(asking);
    events.closed(code, reason.toString("utf8"));
  });
}

function headersOf(fields: readonly Field[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) {
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function pairsOf(raw: readonly string[]): readonly Field[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""] as const] : [],
  );
}
