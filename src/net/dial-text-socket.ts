import { WebSocket } from "ws";
import { err, ok, type Fault, type Result } from "../kernel/index.js";
import { connectionFault, type TlsClientOptions } from "./tls-client.js";
import type { TextSocket, TextSocketEvents } from "./web-socket.js";

export interface TextDialOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsClientOptions;
  /** Until the other side has agreed. */
  readonly timeoutMs: number;
  /** Of one message. */
  readonly bytesMax: number;
}

/**
 * Opens a WebSocket that carries text alone. A redirect is not followed. Nobody is pinged from this
 * side: whoever waits for an answer has to have a deadline.
 */
export function dialTextSocket(
  url: string,
  { headers, tls, timeoutMs, bytesMax }: TextDialOptions,
  events: TextSocketEvents,
): Promise<Result<TextSocket, Fault>> {
  return new Promise((settled) => {
    const ws = new WebSocket(url, {
      headers,
      handshakeTimeout: timeoutMs,
      maxPayload: bytesMax,
      perMessageDeflate: false,
      ...(tls ?? {}),
    });
    let open = false;
    ws.once("open", () => {
      open = true;
      settled(ok(textSocket(ws)));
    });
    ws.on("error", (error) => {
      // After the handshake `close` follows, which is told.
      if (!open) settled(err(connectionFault(url, error)));
    });
    ws.on("message", (data, binary) => {
      if (binary || !Buffer.isBuffer(data)) ws.close(UNSUPPORTED, "text only");
      else events.text(data.toString("utf8"));
    });
    ws.once("close", () => {
      if (open) events.closed();
    });
  });
}

/** Binary messages (RFC 6455 section 7.4.1). */
const UNSUPPORTED = 1_003;

function textSocket(ws: WebSocket): TextSocket {
  return {
    send(text) {
      if (ws.readyState === WebSocket.OPEN) ws.send(text);
    },
    get waitingBytes() {
      return ws.bufferedAmount;
    },
    close: (code, reason) => ws.close(code, reason),
  };
}
