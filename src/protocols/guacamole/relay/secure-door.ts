import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

/** Certificate and key of a listener, in PEM. */
export interface DoorTls {
  readonly cert: string;
  readonly key: string;
  /** Only who has a certificate of these comes in. */
  readonly clientCa?: string;
}

/** Ends TLS on accepted sockets. `entered` gets each that has shaken hands; the others are gone. */
export interface SecureDoor {
  accept(socket: Socket): void;
}

/** Longer than any client needs, shorter than what ties up a connection. */
const HANDSHAKE_MS = 10_000;

export function createSecureDoor(
  { cert, key, clientCa }: DoorTls,
  entered: (socket: TLSSocket) => void,
): SecureDoor {
  const server = createServer({
    cert,
    key,
    minVersion: "TLSv1.2",
    handshakeTimeout: HANDSHAKE_MS,
    ...(clientCa === undefined
      ? {}
      : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
  server.on("secureConnection", entered);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return {
    accept: (socket) => void server.emit("connection", socket),
  };
}
