import type { Socket } from "node:net";
import { serveDesktop, type DesktopConnection } from "./relay/desktop-connection.js";
import { carryBySocket, createLeg, type Carrier } from "./relay/leg.js";
import { createSecureDoor, type DoorTls } from "./relay/secure-door.js";
import { createParameterBook } from "./relay/parameter-book.js";
import type { GuacamolePorts } from "./ports.js";
import { createTunnelServer } from "./tunnel/tunnel-server.js";
import type { TunnelWishes } from "./tunnel/wishes.js";

/** Speaks guacd's protocol to web applications. */
export interface GuacamoleServer {
  /** Serves an accepted socket (it may be paused). `origin`: the peer's address. */
  accept(socket: Socket, origin: string): void;
  /** The same for a browser, which comes by WebSocket. */
  acceptBrowser(socket: Socket, origin: string): void;
  /** Tells everybody why, closes everything, resolves when the last connection is closed. */
  close(reason: string): Promise<void>;
}

export interface GuacamoleServerOptions {
  /** The real guacd. */
  readonly guacd: { readonly host: string; readonly port: number };
  /** Where browsers find the tunnel; absent: nowhere. */
  readonly tunnelPath?: string;
  /** Absent: in the clear. */
  readonly guacdTls?: DoorTls;
  readonly tunnelTls?: DoorTls;
  /** Of guacamole-lite's tokens, 32 bytes; absent: the tunnel does not take them. */
  readonly liteKey?: Uint8Array;
  /** From the first byte to a session. */
  readonly loginTimeoutMs: number;
}

/** guacd is near: longer, and it is not there. */
const CONNECT_MS = 5_000;
const KEEPALIVE_MS = 30_000;

type Entered = (socket: Socket, origin: string) => void;

/** With TLS, `entered` gets what stands on the accepted socket. */
function doorOf(tls: DoorTls | undefined, entered: Entered): Entered {
  if (tls === undefined) return entered;
  const door = createSecureDoor(tls, (socket) =>
    entered(socket, socket.remoteAddress ?? "unknown"),
  );
  return (socket) => door.accept(socket);
}

export function createGuacamoleServer(
  ports: GuacamolePorts,
  options: GuacamoleServerOptions,
): GuacamoleServer {
  const parameters = createParameterBook({ ...options.guacd, timeoutMs: CONNECT_MS });
  const connections = new Set<DesktopConnection>();
  let closing: string | null = null;
  let allGone: (() => void) | null = null;

  const origins = new WeakMap<Socket, string>();
  const { tunnelPath } = options;
  const tunnel =
    tunnelPath === undefined
      ? null
      : createTunnelServer({
          path: tunnelPath,
          ...(options.liteKey === undefined ? {} : { liteKey: options.liteKey }),
          opened: (carrier, wishes, socket) =>
            begin(carrier, origins.get(socket) ?? "unknown", wishes),
        });

  function begin(carrier: Carrier, origin: string, tunnelled?: TunnelWishes): void {
    const connection = serveDesktop(ports, {
      leg: createLeg(carrier),
      origin,
      loginTimeoutMs: options.loginTimeoutMs,
      parameters,
      ...(tunnelled === undefined ? {} : { tunnelled }),
      closed() {
        connections.delete(connection);
        if (connections.size === 0) allGone?.();
      },
    });
    connections.add(connection);
    if (closing !== null) connection.end(closing);
  }

  /** False: nobody is served any more, or there is nobody. */
  function greets(socket: Socket): boolean {
    if (closing === null && !socket.destroyed) {
      socket.setKeepAlive(true, KEEPALIVE_MS);
      return true;
    }
    socket.destroy();
    return false;
  }

  const guacdDoor = doorOf(options.guacdTls, (socket, origin) =>
    begin(carryBySocket(socket), origin),
  );
  const tunnelDoor = doorOf(options.tunnelTls, (socket, origin) => {
    origins.set(socket, origin);
    if (tunnel === null) socket.destroy();
    else tunnel.accept(socket);
  });

  return {
    accept(socket, origin) {
      if (greets(socket)) guacdDoor(socket, origin);
    },
    acceptBrowser(socket, origin) {
      if (greets(socket)) tunnelDoor(socket, origin);
    },
    async close(reason) {
      closing = reason;
      if (connections.size === 0) {
        tunnel?.close();
        return;
      }
      const gone = new Promise<void>((resolve) => (allGone = resolve));
      for (const connection of connections) connection.end(reason);
      await gone;
      tunnel?.close();
    },
  };
}
