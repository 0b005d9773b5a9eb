import type { Socket } from "node:net";
import type { SessionId } from "../../../kernel/index.js";
import { createConnection, type Connection } from "../connection/connection.js";
import { keepAlive, KEEPALIVE_DEFAULT } from "../connection/keepalive.js";
import { createTransport, type Greeting } from "../door/index.js";
import type { SshPorts } from "../ports.js";
import { createSessionRelay, type SessionRelay } from "../relay/session-relay.js";
import { DISCONNECT } from "../wire/numbers.js";
import { createLogin, type AcceptedLogin } from "./login.js";
import { LOGIN_GRACE_MS, type SshServerOptions } from "./options.js";

/** One person's connection, from the client's greeting to the last byte. */
export interface PersonConnection {
  readonly socket: Socket;
  /** Ends the session (or the login) and tells the person why. */
  end(reason: string): void;
  /** The socket is gone. */
  closed(reason: string): void;
}

interface PersonStart {
  readonly greeting: Greeting;
  readonly session: SessionId;
  readonly origin: string;
  readonly options: SshServerOptions;
}

/** Messages that a client may send before its session is open; more is not what clients do. */
const EARLY_BYTES_MAX = 256 * 1024;

type Stage =
  | { readonly name: "login" }
  /** Logged in; the registry is asked whether the session may begin. */
  | { readonly name: "opening"; readonly early: Uint8Array[]; bytes: number }
  | { readonly name: "open"; readonly connection: Connection; readonly relay: SessionRelay }
  | { readonly name: "over" };

export function servePerson(ports: SshPorts, start: PersonStart): PersonConnection {
  const { greeting, options } = start;
  let stage: Stage = { name: "login" };
  const transport = createTransport(greeting.inside, receive, options.rekey);
  const login = createLogin(
    ports.authority,
    { session: start.session, origin: start.origin, clientVersion: greeting.clientVersion },
    {
      accepted: (accepted) => void open(accepted),
      hopeless: (reason) => finish(DISCONNECT.noMoreAuthMethods, reason),
    },
  );
  const grace = setTimeout(() => {
    finish(DISCONNECT.byApplication, "login took too long");
  }, options.loginGraceMs ?? LOGIN_GRACE_MS).unref();

  greeting.onLogin((attempt) => void login.tried(attempt));
  transport.onDrain(() => {
    if (stage.name === "open") stage.connection.drained();
  });

  function receive(payload: Uint8Array): void {
    switch (stage.name) {
      case "login":
        finish(DISCONNECT.protocolError, "not logged in");
        return;
      case "opening":
        stage.bytes += payload.length;
        if (stage.bytes > EARLY_BYTES_MAX) finish(DISCONNECT.protocolError, "too much too early");
        else stage.early.push(new Uint8Array(payload)); // `slice` of a Buffer is no copy
        return;
      case "open":
        stage.connection.receive(payload);
        return;
      case "over":
    }
  }

  async function open({ login: facts, person, password }: AcceptedLogin): Promise<void> {
    clearTimeout(grace);
    const opening: Stage = { name: "opening", early: [], bytes: 0 };
    stage = opening;
    const session = await ports.authority.openSession({ ...facts, person }).catch(() => null);
    if (stage !== opening) {
      password?.wipe(); // the client has gone meanwhile
      return;
    }
    if (session === null || !session.ok) {
      password?.wipe();
      const why = session === null ? "sessions can not be opened now" : session.error.message;
      finish(DISCONNECT.byApplication, why);
      return;
    }
    const { takesPassword } = session.value;
    if (!takesPassword) password?.wipe();
    const relay = createSessionRelay({
      ports,
      facts: session.value.facts,
      transport,
      offered: password !== null && takesPassword ? { password } : {},
      version: options.version,
      ...(options.rekey === undefined ? {} : { rekey: options.rekey }),
      ...(options.channelsMax === undefined ? {} : { channelsMax: options.channelsMax }),
    });
    const connection = createConnection(transport, relay.person, options.channelsMax);
    relay.begin(connection);
    const stop = keepAlive(connection, options.keepalive ?? KEEPALIVE_DEFAULT, () => {
      transport.destroy();
    });
    greeting.socket.once("close", stop);
    stage = { name: "open", connection, relay };
    for (const payload of opening.early) connection.receive(payload);
  }

  function finish(reason: number, text: string): void {
    clearTimeout(grace);
    if (stage.name === "over") return;
    if (stage.name !== "open") {
      if (stage.name === "login") login.forget();
      stage = { name: "over" };
      transport.disconnect(reason, text);
    } else stage.relay.end(text);
  }

  return {
    socket: greeting.socket,
    end: (reason) => finish(DISCONNECT.byApplication, reason),
    closed(reason) {
      clearTimeout(grace);
      const was: Stage = stage;
      stage = { name: "over" };
      if (was.name === "login") login.forget();
      if (was.name !== "open") return;
      was.connection.lost();
      was.relay.personGone(reason);
    },
  };
}
