import type { BlindSpan } from "../events/index.js";
import { MICROS_PER_MS, type ChannelId, type Micros } from "../kernel/index.js";
import type { ChannelAsked, ChannelKind, Exit, PtyFacts } from "../model/index.js";
import type { LinesChannel } from "./lines-channel.js";
import type { Outbox } from "./outbox.js";
import type { TerminalChannel } from "./terminal-channel.js";

/** A channel that the person's client or the target opened, from asking to closing. */
export interface OpenChannel {
  readonly id: ChannelId;
  readonly asked: ChannelAsked;
  pty: PtyFacts | null;
  /** What flows on it; `idle` until a request or the grant itself starts a stream. */
  traffic: Traffic;
  /** Set once `channel.opened` was told, so that `channel.closed` answers it. */
  told: { readonly kind: ChannelKind; readonly request?: string } | null;
  exit: Exit | null;
  readonly openedAt: Micros;
}

export type Traffic =
  | { readonly type: "idle" }
  | { readonly type: "terminal"; readonly terminal: TerminalChannel }
  | { readonly type: "lines"; readonly lines: LinesChannel }
  | { readonly type: "stream"; readonly kind: ChannelKind };

/** The channels of one session and what is told about them. */
export interface ChannelRegister {
  open(id: ChannelId, asked: ChannelAsked): OpenChannel;
  get(id: ChannelId): OpenChannel | undefined;
  all(): Iterable<OpenChannel>;
  /** Tells `channel.opened`. */
  started(channel: OpenChannel, kind: ChannelKind, traffic: Traffic, request?: string): void;
  refused(id: ChannelId, kind: string, reason: string, request?: string): void;
  closed(id: ChannelId, bytes: Bytes, reason?: string): void;
  readonly totals: { readonly channels: number; readonly bytes: Bytes };
  blindSpans(openedAt: Micros): readonly BlindSpan[];
}

interface Bytes {
  readonly toTarget: number;
  readonly toPerson: number;
}

/** A session lists at most so many stretches that it could not see into; later ones extend the last. */
const BLIND_SPANS_MAX = 200;

export function createChannelRegister(outbox: Outbox): ChannelRegister {
  return new CountedChannels(outbox);
}

/** A span by the monotonic clock, told relative to the opening of the session. */
interface NotedSpan {
  readonly kind: BlindSpan["kind"];
  readonly channel: number;
  readonly from: Micros;
  readonly until: Micros;
}

class CountedChannels implements ChannelRegister {
  readonly #outbox: Outbox;
  readonly #channels = new Map<ChannelId, OpenChannel>();
  readonly #blind: NotedSpan[] = [];
  #count = 0;
  #toTarget = 0;
  #toPerson = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  open(id: ChannelId, asked: ChannelAsked): OpenChannel {
    const channel: OpenChannel = {
      id,
      asked,
      pty: null,
      traffic: { type: "idle" },
      told: null,
      exit: null,
      openedAt: this.#outbox.at,
    };
    this.#channels.set(id, channel);
    return channel;
  }

  get(id: ChannelId): OpenChannel | undefined {
    return this.#channels.get(id);
  }

  all(): Iterable<OpenChannel> {
    return this.#channels.values();
  }

  started(channel: OpenChannel, kind: ChannelKind, traffic: Traffic, request?: string): void {
    this.#count += 1;
    channel.traffic = traffic;
    channel.told = request === undefined ? { kind } : { kind, request };
    this.#outbox.emit({
      type: "channel.opened",
      data: { session: this.#outbox.session, channel: channel.id, ...channel.told },
    });
  }

  refused(id: ChannelId, kind: string, reason: string, request?: string): void {
    this.#outbox.emit({
      type: "channel.refused",
      data: {
        session: this.#outbox.session,
        channel: id,
        kind,
        reason,
        ...(request === undefined ? {} : { request }),
      },
    });
  }

  closed(id: ChannelId, bytes: Bytes, reason?: string): void {
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    this.#channels.delete(id);
    this.#remember(channel);
    if (channel.traffic.type === "terminal") channel.traffic.terminal.finish();
    if (channel.traffic.type === "lines") channel.traffic.lines.finish();
    if (channel.told === null) return;
    this.#toTarget += bytes.toTarget;
    this.#toPerson += bytes.toPerson;
    this.#outbox.emit({
      type: "channel.closed",
      data: {
        session: this.#outbox.session,
        channel: id,
        ...channel.told,
        bytes: { toTarget: bytes.toTarget, toPerson: bytes.toPerson },
        ...exitOf(channel.exit),
        ...(reason === undefined ? {} : { reason }),
      },
    });
  }

  get totals(): { readonly channels: number; readonly bytes: Bytes } {
    return { channels: this.#count, bytes: { toTarget: this.#toTarget, toPerson: this.#toPerson } };
  }

  blindSpans(openedAt: Micros): readonly BlindSpan[] {
    return this.#blind.map((span) => ({
      kind: span.kind,
      channel: span.channel,
      fromMs: msSince(openedAt, span.from),
      untilMs: msSince(openedAt, span.until),
    }));
  }

  #remember(channel: OpenChannel): void {
    const { traffic } = channel;
    if (traffic.type === "stream") {
      const kind = FORWARDS.has(traffic.kind) ? "forward" : "stream";
      this.#note({ kind, channel: channel.id, from: channel.openedAt, until: this.#outbox.at });
    } else if (traffic.type === "terminal") {
      for (const span of traffic.terminal.blind) this.#note({ channel: channel.id, ...span });
    }
  }

  #note(span: NotedSpan): void {
    if (this.#blind.length < BLIND_SPANS_MAX) this.#blind.push(span);
    else
      this.#blind[this.#blind.length - 1] = {
        ...span,
        from: this.#blind.at(-1)?.from ?? span.from,
      };
  }
}

const FORWARDS: ReadonlySet<ChannelKind> = new Set([
  "localForward",
  "remoteForward",
  "streamlocal",
  "agent",
  "x11",
]);

function msSince(openedAt: Micros, at: Micros): number {
  return Math.max(0, Math.floor((at - openedAt) / MICROS_PER_MS));
}

function exitOf(exit: Exit | null): { exit?: { code: number } | { signal: string } } {
  if (exit === null || exit.type === "none") return {};
  return { exit: exit.type === "code" ? { code: exit.code } : { signal: exit.signal } };
}
