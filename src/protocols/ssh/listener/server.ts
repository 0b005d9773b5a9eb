import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { sessionId } from "../../../kernel/index.js";
import { createSshServerDoor, type Greeting } from "../door/index.js";
import type { SshPorts } from "../ports.js";
import { GREETING_MS, type SshServerOptions } from "./options.js";
import { servePerson, type PersonConnection } from "./person-connection.js";

export interface SshServer {
  /**
   * Serves an accepted socket (it may be paused, as `pauseOnConnect` leaves it). `origin` overrides the
   * peer's address, when a PROXY header named the real one.
   */
  accept(socket: Socket, origin?: string): void;
  /** Connections being served, logged in or not. */
  readonly connections: number;
  /** Tells everybody why, closes everything, resolves when the last socket is closed. */
  close(reason: string): Promise<void>;
}

export function createSshServer(ports: SshPorts, options: SshServerOptions): SshServer {
  const origins = new WeakMap<Socket, string>();
  const sockets = new Set<Socket>();
  const people = new Set<PersonConnection>();
  const greetingTimers = new WeakMap<Socket, NodeJS.Timeout>();
  let closing: string | null = null;

  const door = createSshServerDoor({
    hostKeys: options.hostKeys,
    ...(options.banner === undefined ? {} : { banner: options.banner }),
    ident: `Chaperone_${options.version}`,
    greeted,
  });

  function greeted(greeting: Greeting): void {
    clearTimeout(greetingTimers.get(greeting.socket));
    const person = servePerson(ports, {
      greeting,
      session: sessionId(randomUUID()),
      origin: origins.get(greeting.socket) ?? greeting.socket.remoteAddress ?? "unknown",
      options,
    });
    people.add(person);
    greeting.onClose((reason) => {
      people.delete(person);
      person.closed(reason);
    });
    if (closing !== null) person.end(closing);
  }

  return {
    get connections() {
      return sockets.size;
    },
    accept(socket, origin) {
      if (closing !== null || socket.destroyed) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // Before ssh2 listens, and after it has let go: an error must never be unhandled.
      socket.on("error", () => socket.destroy());
      if (origin !== undefined) origins.set(socket, origin);
      const timer = setTimeout(() => socket.destroy(), options.greetingMs ?? GREETING_MS).unref();
      socket.once("close", () => clearTimeout(timer));
      greetingTimers.set(socket, timer);
      door.inject(socket);
    },
    async close(reason) {
      closing = reason;
      const gone = [...sockets].map(
        (socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())),
      );
      for (const person of people) person.end(reason);
      for (const socket of sockets) if (!isServed(socket)) socket.destroy();
      await Promise.all(gone);

      function isServed(socket: Socket): boolean {
        return [...people].some((person) => person.socket === socket);
      }
    },
  };
}
