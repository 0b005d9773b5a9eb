import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { createTextSocketDoor } from "../../../net/index.js";
import type { Carrier } from "../relay/leg.js";
import { carryByWebSocket } from "./carry-by-web-socket.js";
import { readWishes, type TunnelWishes } from "./wishes.js";

/** WebSockets that carry the protocol straight to browsers. */
export interface TunnelServer {
  /** Speaks HTTP on an accepted socket; one connection, one tunnel. */
  accept(socket: Socket): void;
  close(): void;
}

export interface TunnelServerOptions {
  readonly path: string;
  /** Of guacamole-lite's tokens; absent: they are not taken. */
  readonly liteKey?: Uint8Array;
  readonly opened: (carrier: Carrier, wishes: TunnelWishes, socket: Socket) => void;
}

/** guacd's own bound on an instruction, and a client sends few of them in one message. */
const MESSAGE_BYTES_MAX = 64 * 1024;
/** A token and a few sizes. */
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MS = 10_000;

export function createTunnelServer({ path, liteKey, opened }: TunnelServerOptions): TunnelServer {
  const door = createTextSocketDoor({ bytesMax: MESSAGE_BYTES_MAX, protocol: "guacamole" });
  const http = createServer(
    { maxHeaderSize: HEADER_BYTES_MAX, headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS },
    (_request, response) => {
      response.writeHead(426, { connection: "close", "content-type": "text/plain" });
      response.end("This is a WebSocket of the protocol guacamole.\n");
    },
  );
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = addressOf(request);
    if (url?.pathname !== path) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
      return;
    }
    door.accept({ request, socket, head }, (flowing) => {
      const { carrier, events } = carryByWebSocket(flowing);
      opened(carrier, readWishes(url.searchParams, liteKey), request.socket);
      return events;
    });
  });
  http.on("clientError", (_error, socket) => void socket.destroy());
  return {
    accept(socket) {
      http.emit("connection", socket);
      // It was accepted paused, and HTTP waits for what nobody reads.
      socket.resume();
    },
    close: () => door.close(),
  };
}

function addressOf(request: IncomingMessage): URL | null {
  return URL.canParse(request.url ?? "", "http://tunnel")
    ? new URL(request.url ?? "", "http://tunnel")
    : null;
}
