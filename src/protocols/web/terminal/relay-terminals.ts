import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { fault } from "../../../kernel/index.js";
import type { Exit } from "../../../model/index.js";
import {
  acceptMessageSocket,
  dialMessageSocket,
  type MessageEvents,
  type SocketMessage,
} from "../../../net/index.js";
import type { HeaderField } from "../head/request-head.js";
import { TARGET_HEAD_MS } from "../limits.js";
import type { Reached, SessionCore } from "../session/core.js";
import {
  ONLY,
  type DialectCodec,
  type SocketRequest,
  type TerminalAsked,
  type TerminalDialect,
} from "./dialect.js";
import { HANDSHAKE_FIELDS } from "../websocket/handshake.js";
import { createSocketLink } from "./socket-link.js";
import { WireTerminal } from "./wire-terminal.js";

/** An upgrade that was judged and may go on, with what is needed to answer it. */
export interface TerminalUpgrade {
  readonly core: SessionCore;
  readonly reached: Reached;
  readonly dialect: TerminalDialect;
  readonly asked: SocketRequest;
  /** Path and query for the target. */
  readonly path: string;
  readonly fields: readonly HeaderField[];
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly behind: Buffer;
  /** Of the answer's head, as the person may get them. */
  rewrite(fields: readonly HeaderField[]): readonly HeaderField[];
  /** No WebSocket comes of it: the person is answered by HTTP. */
  refuse(status: number, reason: string): void;
  /** Called once. */
  ended(status: number, bytes: { readonly toTarget: number; readonly toPerson: number }): void;
}

/** Keys and small forms from the person; Cockpit sends files in pieces of 64 KiB. */
const PERSON_MESSAGE_BYTES_MAX = 1024 * 1024;
/** Answers of D-Bus and lists of packages come whole. */
const TARGET_MESSAGE_BYTES_MAX = 32 * 1024 * 1024;

/** RFC 6455 section 7.4.1. */
const CLOSE = {
  normal: 1_000,
  goingAway: 1_001,
  protocol: 1_002,
  policy: 1_008,
  target: 1_014,
} as const;

/** Both handshakes are ours, so that every message is read; what is in them goes through the session. */
export function relayTerminals(upgrade: TerminalUpgrade): void {
  new TerminalSocket(upgrade).open();
}

class TerminalSocket {
  readonly #upgrade: TerminalUpgrade;
  readonly #common: readonly string[];
  readonly #link = createSocketLink();
  readonly #terminals = new Map<string, WireTerminal>();
  #codec: DialectCodec;
  #protocol: string;
  #accepted = false;
  #dialling = false;
  #ended = false;
  #personGone = false;
  #forget: (() => void) | null = null;

  constructor(upgrade: TerminalUpgrade) {
    this.#upgrade = upgrade;
    const { dialect, asked } = upgrade;
    this.#common = dialect.protocols.filter((one) => asked.protocols.includes(one));
    // Where somebody has to be asked before anything is dialled, the oldest one is what every target has.
    this.#protocol = this.#common.at(-1) ?? "";
    this.#codec = dialect.codec(this.#protocol);
  }

  open(): void {
    const { dialect, asked, socket } = this.#upgrade;
    const offersNone = asked.protocols.length === 0 && dialect.protocols.includes("");
    if (this.#common.length === 0 && !offersNone) {
      this.#refuse(400, `none of the offered subprotocols is understood (${dialect.name})`);
      return;
    }
    this.#forget = this.#upgrade.core.channels.carry(() =>
      this.#close(CLOSE.policy, "the session is over"),
    );
    if (this.#forget === null) {
      this.#refuse(503, "too many connections are open");
      return;
    }
    socket.once("close", () => this.#lost());
    const opens = dialect.opens(asked);
    if (opens === null) void this.#dial(this.#common);
    else this.#openFirst(opens);
  }

  /** Asked before a byte reaches the target: there, the request itself would start it. */
  #openFirst(asked: TerminalAsked): void {
    const terminal = this.#terminal(ONLY, {
      granted: () => void this.#dial(this.#accepted ? [this.#protocol] : this.#common),
      asking: () => this.#accept([]),
    });
    terminal.open(asked, []);
  }

  #terminal(
    key: string,
    on: { readonly granted: () => void; readonly asking: () => void },
  ): WireTerminal {
    const { core, dialect } = this.#upgrade;
    const terminal = new WireTerminal({
      channels: core.channels,
      codec: this.#codecNow,
      link: this.#link,
      key,
      alone: !dialect.many,
      ...on,
      over: (end) => this.#over(key, terminal, end),
    });
    this.#terminals.set(key, terminal);
    return terminal;
  }

  /** The dialect is known for good when the target has chosen: until then nothing is written in it. */
  get #codecNow(): DialectCodec {
    return {
      fromPerson: (message) => this.#codec.fromPerson(message),
      fromTarget: (message) => this.#codec.fromTarget(message),
      keys: (key, bytes) => this.#codec.keys(key, bytes),
      output: (key, stream, bytes) => this.#codec.output(key, stream, bytes),
      endOfKeys: (key) => this.#codec.endOfKeys(key),
      over: (key, end) => this.#codec.over(key, end),
    };
  }

  async #dial(protocols: readonly string[]): Promise<void> {
    if (this.#dialling || this.#ended) return;
    this.#dialling = true;
    const { reached, path, fields } = this.#upgrade;
    const dialled = await dialMessageSocket(
      path,
      {
        createConnection: () => reached.target.dial(),
        headers: fields.filter(([name]) => !HANDSHAKE_FIELDS.has(name)),
        protocols: protocols.filter((one) => one !== ""),
        timeoutMs: TARGET_HEAD_MS,
        bytesMax: TARGET_MESSAGE_BYTES_MAX,
      },
      (socket) => {
        if (!this.#accepted && socket.protocol !== this.#protocol) {
          this.#protocol = socket.protocol;
          this.#codec = this.#upgrade.dialect.codec(socket.protocol);
        }
        this.#link.target(socket);
        return this.#fromTarget();
      },
    );
    if (dialled.type === "open") {
      if (!this.#personGone) this.#accept(this.#upgrade.rewrite(dialled.headers));
      else this.#close(CLOSE.goingAway, "");
      return;
    }
    const why =
      dialled.type === "answered"
        ? `the application answered ${String(dialled.status)}`
        : dialled.reason;
    for (const terminal of [...this.#terminals.values()]) terminal.exited({ type: "none" }, null);
    if (this.#accepted) this.#close(CLOSE.target, "the application can not be reached");
    else
      this.#refuse(
        dialled.type === "answered" && dialled.status >= 400 ? dialled.status : 502,
        why,
      );
  }

  #accept(headers: readonly HeaderField[]): void {
    if (this.#accepted || this.#ended) return;
    this.#accepted = true;
    const { request, socket, behind } = this.#upgrade;
    acceptMessageSocket(
      {
        request,
        socket,
        behind,
        protocol: this.#protocol,
        headers: headers.filter(([name]) => !HANDSHAKE_FIELDS.has(name)),
        bytesMax: PERSON_MESSAGE_BYTES_MAX,
      },
      (person) => {
        this.#link.person(person);
        return {
          message: (message) => this.#fromPerson(message),
          closed: () => this.#lost(),
        };
      },
    );
  }

  #fromPerson(message: SocketMessage): void {
    if (this.#ended) return;
    const word = this.#codec.fromPerson(message);
    switch (word.type) {
      case "open":
        if (this.#terminals.has(word.key)) this.#stop("a terminal that is open already");
        else {
          const nothing = { granted: () => undefined, asking: () => undefined };
          this.#terminal(word.key, nothing).open(word.asked, [word.message]);
        }
        return;
      case "keys":
        this.#terminals.get(word.key)?.keys(word.bytes);
        return;
      case "resize":
        this.#terminals.get(word.key)?.resize(word.size, message);
        return;
      case "eof":
        this.#terminals.get(word.key)?.endOfKeys();
        return;
      case "gone":
        this.#terminals.get(word.key)?.personGone();
        return;
      case "pass":
        this.#link.toTarget([message]);
        return;
      case "drop":
        return;
      case "refused":
        this.#stop(word.reason);
    }
  }

  #fromTarget(): MessageEvents {
    return {
      message: (message) => {
        if (this.#ended) return;
        const word = this.#codec.fromTarget(message);
        if (word.type === "output") {
          this.#terminals.get(word.key)?.output(word.stream, word.bytes);
        } else if (word.type === "exited") {
          this.#terminals.get(word.key)?.exited(word.exit, message);
        } else if (word.type === "pass") this.#link.toPerson([message]);
      },
      closed: () => {
        for (const terminal of [...this.#terminals.values()]) {
          terminal.exited({ type: "none" }, null);
        }
        this.#close(CLOSE.normal, "");
      },
    };
  }

  /** What the person's side says can not be understood: nothing of it goes on. */
  #stop(reason: string): void {
    this.#upgrade.core.refused(fault("CHP_WEB_TERMINAL", reason));
    this.#close(CLOSE.policy, "not understood");
  }

  #over(
    key: string,
    terminal: WireTerminal,
    end: { readonly exit: Exit; readonly why?: string },
  ): void {
    if (this.#terminals.get(key) === terminal) this.#terminals.delete(key);
    if (this.#upgrade.dialect.many) return;
    if (end.why !== undefined && !this.#accepted) this.#refuse(403, end.why);
    else this.#close(end.why === undefined ? CLOSE.normal : CLOSE.policy, end.why ?? "");
  }

  #lost(): void {
    this.#personGone = true;
    this.#close(CLOSE.goingAway, "");
  }

  #close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#forget?.();
    for (const terminal of [...this.#terminals.values()]) terminal.personGone();
    this.#link.close(code, reason.replace(/[^\x20-\x7e]/g, "?"));
    this.#upgrade.ended(this.#accepted ? 101 : 502, this.#link.bytes);
  }

  #refuse(status: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#forget?.();
    for (const terminal of [...this.#terminals.values()]) terminal.personGone();
    this.#link.close(CLOSE.normal, "");
    this.#upgrade.refuse(status, reason);
    this.#upgrade.ended(status, this.#link.bytes);
  }
}
