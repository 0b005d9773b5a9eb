import type { MessageSocket, SocketMessage } from "../../../net/index.js";

/** The two ends of a WebSocket that carries terminals, and the pace between them. */
export interface SocketLink {
  readonly bytes: { toTarget: number; toPerson: number };
  person(socket: MessageSocket): void;
  target(socket: MessageSocket): void;
  /** Waits for that end while there is none yet. */
  toPerson(messages: readonly SocketMessage[]): void;
  toTarget(messages: readonly SocketMessage[]): void;
  /** Reads nothing more of that end until it is called with false; each `why` by itself. */
  hold(end: "person" | "target", why: string, held: boolean): void;
  /** `target`: what is said to that end, where it is not an ordinary end. */
  close(code: number, reason: string, target?: readonly [code: number, reason: string]): void;
}

/** From here on an end is not keeping up, and the other one is not read. */
const WAITING_BYTES_HIGH = 256 * 1024;
/** Messages that wait for an end which is not there yet: a size, a first line of output. */
const EARLY_MESSAGES_MAX = 256;

interface End {
  socket: MessageSocket | null;
  readonly early: SocketMessage[];
  readonly held: Set<string>;
}

export function createSocketLink(): SocketLink {
  const ends = { person: newEnd(), target: newEnd() };
  const bytes = { toTarget: 0, toPerson: 0 };
  let closed: Readonly<Record<"person" | "target", readonly [number, string]>> | null = null;

  function hold(name: "person" | "target", why: string, held: boolean): void {
    const end = ends[name];
    const before = end.held.size > 0;
    if (held) end.held.add(why);
    else end.held.delete(why);
    const now = end.held.size > 0;
    if (now === before) return;
    if (now) end.socket?.pause();
    else end.socket?.resume();
  }

  function send(name: "person" | "target", messages: readonly SocketMessage[]): void {
    const { socket, early } = ends[name];
    const other = name === "person" ? "target" : "person";
    for (const message of messages) {
      bytes[name === "person" ? "toPerson" : "toTarget"] += message.bytes.length;
      if (socket === null) {
        if (early.length < EARLY_MESSAGES_MAX) early.push(message);
        continue;
      }
      socket.send(message, () => {
        if (socket.waitingBytes <= WAITING_BYTES_HIGH / 2) hold(other, "slow", false);
      });
      if (socket.waitingBytes > WAITING_BYTES_HIGH) hold(other, "slow", true);
    }
  }

  function attach(name: "person" | "target", socket: MessageSocket): void {
    const end = ends[name];
    end.socket = socket;
    if (end.held.size > 0) socket.pause();
    send(name, end.early.splice(0));
    if (closed !== null) socket.close(...closed[name]);
  }

  return {
    bytes,
    person: (socket) => attach("person", socket),
    target: (socket) => attach("target", socket),
    toPerson: (messages) => send("person", messages),
    toTarget: (messages) => send("target", messages),
    hold,
    close(code, reason, target = [NORMAL, ""]) {
      if (closed !== null) return;
      closed = { person: [code, reason], target };
      ends.person.socket?.close(code, reason);
      ends.target.socket?.close(...target);
    },
  };
}

/** RFC 6455 section 7.4.1. */
const NORMAL = 1_000;

function newEnd(): End {
  return { socket: null, early: [], held: new Set() };
}
