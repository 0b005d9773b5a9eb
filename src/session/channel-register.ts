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
  const channels = new Map<ChannelId, OpenChannel>();
  const blind: { kind: BlindSpan["kind"]; channel: number; from: Micros; until: Micros }[] = [];
  let count = 0;
  let toTarget = 0;
  let toPerson = 0;

  function remember(channel: OpenChannel): void {
    const { traffic } = channel;
    if (traffic.type === "stream") {
      const kind = FORWARDS.has(traffic.kind) ? "forward" : "stream";
      note({ kind, channel: channel.id, from: channel.openedAt, until: outbox.at });
    } else if (traffic.type === "terminal") {
      for (const span of traffic.terminal.blind) note({ channel: channel.id, ...span });
    }
  }

  function note(span: (typeof blind)[number]): void {
    if (blind.length < BLIND_SPANS_MAX) blind.push(span);
    else blind[blind.length - 1] = { ...span, from: blind.at(-1)?.from ?? span.from };
  }

  return {
    open(id, asked) {
      const channel: OpenChannel = {
        id,
        asked,
        pty: null,
        traffic: { type: "idle" },
        told: null,
        exit: null,
        openedAt: outbox.at,
      };
      channels.set(id, channel);
      return channel;
    },
    get: (id) => channels.get(id),
    all: () => channels.values(),
    started(channel, kind, traffic, request) {
      count += 1;
      channel.traffic = traffic;
      channel.told = request === undefined ? { kind } : { kind, request };
      outbox.emit({
        type: "channel.opened",
        data: { session: outbox.session, channel: channel.id, ...channel.told },
      });
    },
    refused(id, kind, reason, request) {
      outbox.emit({
        type: "channel.refused",
        data: {
          session: outbox.session,
          channel: id,
          kind,
          reason,
          ...(request === undefined ? {} : { request }),
        },
      });
    },
    closed(id, bytes, reason) {
      const channel = channels.get(id);
      if (channel === undefined) return;
      channels.delete(id);
      remember(channel);
      if (channel.traffic.type === "terminal") channel.traffic.terminal.finish();
      if (channel.traffic.type === "lines") channel.traffic.lines.finish();
      if (channel.told === null) return;
      toTarget += bytes.toTarget;
      toPerson += bytes.toPerson;
      outbox.emit({
        type: "channel.closed",
        data: {
          session: outbox.session,
          channel: id,
          ...channel.told,
          bytes: { toTarget: bytes.toTarget, toPerson: bytes.toPerson },
          ...exitOf(channel.exit),
          ...(reason === undefined ? {} : { reason }),
        },
      });
    },
    get totals() {
      return { channels: count, bytes: { toTarget, toPerson } };
    },
    blindSpans: (openedAt) =>
      blind.map((span) => ({
        kind: span.kind,
        channel: span.channel,
        fromMs: msSince(openedAt, span.from),
        untilMs: msSince(openedAt, span.until),
      })),
  };
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
