import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  acceptMessageSocket,
  dialMessageSocket,
  type MessageEvents,
  type SocketMessage,
} from "../../../net/index.js";
import type { HeaderField } from "../head/request-head.js";
import { SOCKET_MESSAGE_BYTES_MAX, TARGET_HEAD_MS } from "../limits.js";
import type { Reached, SessionCore } from "../session/core.js";
import { createSocketLink } from "../terminal/socket-link.js";
import { HANDSHAKE_FIELDS } from "./handshake.js";

/** An upgrade that was judged and may go on, and what is said in it is kept. */
export interface MessageUpgrade {
  readonly core: SessionCore;
  readonly reached: Reached;
  /** Path and query for the target. */
  readonly path: string;
  readonly fields: readonly HeaderField[];
  /** As offered, in order. */
  readonly protocols: readonly string[];
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly behind: Buffer;
  /** Of the answer's head, as the person may get them. Called when it opens. */
  opened(fields: readonly HeaderField[]): readonly HeaderField[];
  said(of: "person" | "target", message: SocketMessage): void;
  /** No WebSocket comes of it: the person is answered by HTTP. */
  refuse(status: number, reason: string): void;
  /** Called once. */
  ended(status: number, bytes: { readonly toTarget: number; readonly toPerson: number }): void;
}

/** Both handshakes are ours, so that every message is read; each goes on as it is, once it is whole. */
export async function relayMessages(upgrade: MessageUpgrade): Promise<void> {
  const { core, reached, socket } = upgrade;
  const link = createSocketLink();
  const state = { over: false, joined: false };

  const end = (status: number): void => {
    if (state.over) return;
    state.over = true;
    forget();
    forgetCard();
    upgrade.ended(status, link.bytes);
  };
  const close = (person: Ending, target: Ending): void => {
    link.close(...person, target);
    end(101);
  };
  const gone = (): void => close(GONE, GONE);
  const forget = core.channels.carry(() => close([POLICY, "the session is over"], GONE)) ?? NOTHING;
  // What covers the pages holds what is sent here as well.
  const look = (): void => link.hold("person", "card", core.card !== null);
  const forgetCard = core.onCard(look);
  if (forget === NOTHING) {
    upgrade.refuse(503, "too many connections are open");
    end(503);
    return;
  }
  // Once it is a WebSocket its end is told with a code.
  socket.once("close", () => {
    if (!state.joined) gone();
  });
  look();
  link.hold("target", "opening", true);
  const dialled = await dialMessageSocket(
    upgrade.path,
    {
      createConnection: () => reached.target.dial(),
      headers: upgrade.fields.filter(([name]) => !HANDSHAKE_FIELDS.has(name)),
      protocols: upgrade.protocols,
      timeoutMs: TARGET_HEAD_MS,
      bytesMax: SOCKET_MESSAGE_BYTES_MAX,
    },
    (target) => {
      link.target(target);
      return from("target");
    },
  );
  if (state.over) {
    if (dialled.type === "open") dialled.socket.close(...GONE);
    return;
  }
  if (dialled.type !== "open") {
    const answered = dialled.type === "answered" ? dialled.status : 502;
    const status = answered >= 400 ? answered : 502;
    upgrade.refuse(
      status,
      dialled.type === "answered"
        ? `the application answered ${String(dialled.status)}`
        : dialled.reason,
    );
    end(status);
    return;
  }
  const headers = upgrade.opened(dialled.headers);
  acceptMessageSocket(
    {
      request: upgrade.request,
      socket,
      behind: upgrade.behind,
      protocol: dialled.socket.protocol,
      headers: headers.filter(([name]) => !HANDSHAKE_FIELDS.has(name)),
      bytesMax: SOCKET_MESSAGE_BYTES_MAX,
    },
    (person) => {
      state.joined = true;
      link.person(person);
      return from("person");
    },
  );
  link.hold("target", "opening", false);

  function from(of: "person" | "target"): MessageEvents {
    return {
      message(message) {
        if (state.over) return;
        upgrade.said(of, message);
        if (of === "person") link.toTarget([message]);
        else link.toPerson([message]);
      },
      closed(code, reason) {
        const why: Ending = [sendable(code, of), reason.replace(/[^\x20-\x7e]/g, "?")];
        close(why, why);
      },
    };
  }
}

type Ending = readonly [code: number, reason: string];

const NOTHING = (): void => undefined;
/** RFC 6455 section 7.4.1, and 1014 of the registry that it opened. */
const NORMAL = 1_000;
const GOING_AWAY = 1_001;
const POLICY = 1_008;
const BAD_GATEWAY = 1_014;
const GONE: Ending = [GOING_AWAY, ""];

/** No code was said (1005), or nothing was (1006, 1015): these are never sent. */
function sendable(code: number, of: "person" | "target"): number {
  if (code === 1_005) return NORMAL;
  if (code !== 1_006 && code !== 1_015) return code;
  return of === "person" ? GOING_AWAY : BAD_GATEWAY;
}
