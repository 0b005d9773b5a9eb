import type { Socket } from "node:net";
import { serveDesktop, type DesktopConnection } from "./relay/desktop-connection.js";
import { carryBySocket, createLeg } from "./relay/leg.js";
import { createParameterBook } from "./relay/parameter-book.js";
import type { GuacamolePorts } from "./ports.js";

/** Speaks guacd's protocol to web applications. */
export interface GuacamoleServer {
  /** Serves an accepted socket (it may be paused). `origin`: the peer's address. */
  accept(socket: Socket, origin: string): void;
  /** Tells everybody why, closes everything, resolves when the last connection is closed. */
  close(reason: string): Promise<void>;
}

export interface GuacamoleServerOptions {
  /** The real guacd. */
  readonly guacd: { readonly host: string; readonly port: number };
  /** From the first byte to a session. */
  readonly loginTimeoutMs: number;
}

/** guacd is near: longer, and it is not there. */
const CONNECT_MS = 5_000;
const KEEPALIVE_MS = 30_000;

export function createGuacamoleServer(
  ports: GuacamolePorts,
  options: GuacamoleServerOptions,
): GuacamoleServer {
  const parameters = createParameterBook({ ...options.guacd, timeoutMs: CONNECT_MS });
  const connections = new Set<DesktopConnection>();
  let closing: string | null = null;
  let allGone: (() => void) | null = null;

  return {
    accept(socket, origin) {
      if (closing !== null || socket.destroyed) {
        socket.destroy();
        return;
      }
      socket.setKeepAlive(true, KEEPALIVE_MS);
      const connection = serveDesktop(ports, {
        leg: createLeg(carryBySocket(socket)),
        origin,
        loginTimeoutMs: options.loginTimeoutMs,
        parameters,
        closed() {
          connections.delete(connection);
          if (connections.size === 0) allGone?.();
        },
      });
      connections.add(connection);
    },
    async close(reason) {
      closing = reason;
      if (connections.size === 0) return;
      const gone = new Promise<void>((resolve) => (allGone = resolve));
      for (const connection of connections) connection.end(reason);
      await gone;
    },
  };
}
