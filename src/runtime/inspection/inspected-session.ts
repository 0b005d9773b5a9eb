import {
  channelId,
  requestId,
  type ChannelId,
  type RequestId,
  type SessionId,
} from "../../kernel/index.js";
import type { Answer, InputBody, PtyFacts, RequestAsked, ValveState } from "../../model/index.js";
import type { TrafficEffect } from "../pump/ports.js";
import {
  createUnitDesk,
  type ObservedRule,
  type Unit,
  type UnitDesk,
  type UnitVerdict,
} from "./unit-desk.js";

/**
 * A session whose connections a gateway has itself: what would be traffic elsewhere are frames here, and
 * what the machine does with them is told. The gateway sends the target what it is told, and nothing else.
 */
export interface InspectedSession {
  readonly id: SessionId;
  /** Judges one thing that has no stream here; answers once it is decided, or at `waitMs` with `hold`. */
  inspect(seq: number, unit: Unit, waitMs: number): Promise<UnitVerdict>;
  /** One frame of a channel; its verdict is the last of what it leads to. */
  frame(frame: Frame): void;
  /** Where messages go; null: nobody listens, and what the machine sends is dropped. */
  listen(out: ((message: InspectedMessage) => void) | null): void;
  end(reason: string): void;
  readonly over: boolean;
}

export type Frame = { readonly seq: number; readonly channel: number } & (
  | {
      readonly type: "open";
      readonly pty?: PtyFacts;
      /** Absent: a shell. */
      readonly command?: string;
    }
  | { readonly type: "client"; readonly data: Uint8Array }
  | { readonly type: "target"; readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "eof" }
  | { readonly type: "exited"; readonly code?: number }
  | { readonly type: "close" }
);

export type InspectedMessage =
  | {
      readonly type: "verdict";
      readonly seq: number;
      /** pass: as it came. replace: `data` instead, perhaps nothing. hold: more is told later. */
      readonly verdict: "pass" | "replace" | "hold" | "block";
      readonly data?: Uint8Array;
      readonly reason?: string;
    }
  | { readonly type: "to-target"; readonly channel: number; readonly data: Uint8Array }
  | {
      readonly type: "to-person";
      readonly channel: number;
      readonly stream: "stdout" | "stderr";
      readonly data: Uint8Array;
    }
  | { readonly type: "eof-to-target"; readonly channel: number }
  | { readonly type: "valve"; readonly channel: number; readonly state: ValveState }
  | { readonly type: "started"; readonly channel: number }
  | { readonly type: "close-channel"; readonly channel: number; readonly code?: number }
  /** Only told, of a session that is observed. */
  | { readonly type: "observed"; readonly rules: readonly ObservedRule[] }
  | { readonly type: "end"; readonly reason: string };

/** Channels at a time; a person has some windows open. */
const CHANNELS_MAX = 64;
const NO_BYTES = { toTarget: 0, toPerson: 0 };

interface Opened {
  /** As the gateway numbers it. */
  readonly number: number;
  readonly id: ChannelId;
  readonly asks: RequestAsked[];
  state: "opening" | "running" | "over";
  /** The machine does not look into the stream; the valve alone holds it. */
  streams: boolean;
  valve: ValveState;
  readonly bytes: { toTarget: number; toPerson: number };
}

/** What the frame that is being worked on has led to, so that its verdict can be told. */
interface Working {
  readonly channel: ChannelId;
  readonly side: "target" | "person" | null;
  readonly parts: Uint8Array[];
  refused: string | null;
}

export function createInspectedSession(
  id: SessionId,
  open: (carryOut: (effect: TrafficEffect) => void) => { input(body: InputBody): void },
): InspectedSession {
  return new FramedSession(id, open);
}

class FramedSession implements InspectedSession {
  readonly id: SessionId;
  readonly #input: (body: InputBody) => void;
  readonly #units: UnitDesk;
  readonly #channels = new Map<number, Opened>();
  readonly #openRequests = new Map<RequestId, Opened>();
  #nextChannel = 1;
  #nextRequest = 1;
  #out: ((message: InspectedMessage) => void) | null = null;
  #working: Working | null = null;
  #over = false;

  constructor(
    id: SessionId,
    open: (carryOut: (effect: TrafficEffect) => void) => { input(body: InputBody): void },
  ) {
    this.id = id;
    const handle = open((effect) => this.#carryOut(effect));
    this.#input = (body) => handle.input(body);
    this.#units = createUnitDesk({
      input: this.#input,
      channel: () => this.#channel(),
      request: () => this.#request(),
      over: () => this.#over,
    });
    this.#input({ kind: "opened" });
  }

  get over(): boolean {
    return this.#over;
  }

  listen(out: ((message: InspectedMessage) => void) | null): void {
    this.#out = out;
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#finish(reason);
    this.#input({ kind: "disconnected", reason });
  }

  // --- one thing at a time -------------------------------------------------------------------------

  inspect(seq: number, unit: Unit, waitMs: number): Promise<UnitVerdict> {
    return this.#units.inspect(seq, unit, waitMs);
  }

  // --- streams -------------------------------------------------------------------------------------

  frame(frame: Frame): void {
    if (this.#over) return;
    if (frame.type === "open") {
      this.#openChannel(frame);
      return;
    }
    const opened = this.#channels.get(frame.channel);
    if (opened === undefined || opened.state === "over") {
      this.#say({ type: "verdict", seq: frame.seq, verdict: "block", reason: "no such channel" });
      return;
    }
    switch (frame.type) {
      case "client":
        opened.bytes.toTarget += frame.data.length;
        this.#passing(frame, opened, {
          kind: "client-sent",
          channel: opened.id,
          bytes: frame.data,
        });
        return;
      case "target":
        opened.bytes.toPerson += frame.data.length;
        this.#passing(frame, opened, {
          kind: "target-sent",
          channel: opened.id,
          stream: frame.stream,
          bytes: frame.data,
        });
        return;
      case "resize": {
        const size = {
          columns: frame.columns,
          rows: frame.rows,
          widthPixels: 0,
          heightPixels: 0,
        };
        this.#work(frame.seq, opened, null, {
          kind: "request-asked",
          channel: opened.id,
          request: this.#request(),
          asked: { type: "window-change", size },
        });
        return;
      }
      case "eof":
        this.#work(frame.seq, opened, null, { kind: "client-eof", channel: opened.id });
        return;
      case "exited": {
        const exit =
          frame.code === undefined
            ? ({ type: "none" } as const)
            : ({ type: "code", code: frame.code } as const);
        this.#work(frame.seq, opened, null, { kind: "target-exited", channel: opened.id, exit });
        return;
      }
      case "close":
        this.#closed(opened);
        this.#say({ type: "verdict", seq: frame.seq, verdict: "pass" });
        return;
    }
  }

  #openChannel({ seq, channel, pty, command }: Extract<Frame, { type: "open" }>): void {
    if (this.#channels.has(channel) || this.#channels.size >= CHANNELS_MAX) {
      this.#say({ type: "verdict", seq, verdict: "block", reason: "no room for this channel" });
      return;
    }
    const opened: Opened = {
      number: channel,
      id: this.#channel(),
      asks: [
        ...(pty === undefined ? [] : [{ type: "pty", pty } as const]),
        command === undefined ? { type: "shell" } : { type: "exec", command },
      ],
      state: "opening",
      streams: false,
      valve: "open",
      bytes: { ...NO_BYTES },
    };
    this.#channels.set(channel, opened);
    const request = this.#request();
    this.#openRequests.set(request, opened);
    this.#work(seq, opened, null, {
      kind: "channel-asked",
      channel: opened.id,
      request,
      asked: { type: "session" },
    });
  }

  #passing(
    frame: Extract<Frame, { type: "client" | "target" }>,
    opened: Opened,
    body: InputBody,
  ): void {
    const { seq, type, data } = frame;
    if (opened.streams) {
      const verdict = opened.valve === "open" ? "pass" : "hold";
      this.#say({ type: "verdict", seq, verdict });
      return;
    }
    const side = type === "client" ? "target" : "person";
    const parts = this.#step(opened.id, side, body);
    if (this.#over) return;
    const out = joined(parts.parts);
    if (same(out, data)) this.#say({ type: "verdict", seq, verdict: "pass" });
    else this.#say({ type: "verdict", seq, verdict: "replace", data: out });
  }

  /** A frame that carries no bytes: what follows from it is told before its verdict. */
  #work(seq: number, opened: Opened, side: Working["side"], body: InputBody): void {
    const { refused } = this.#step(opened.id, side, body);
    if (this.#over) return;
    if (refused !== null) this.#say({ type: "verdict", seq, verdict: "block", reason: refused });
    else {
      const verdict = opened.state === "opening" ? "hold" : "pass";
      this.#say({ type: "verdict", seq, verdict });
    }
  }

  #step(channel: ChannelId, side: Working["side"], body: InputBody): Working {
    const working: Working = { channel, side, parts: [], refused: null };
    this.#working = working;
    this.#input(body);
    this.#working = null;
    return working;
  }

  #openAnswered(opened: Opened, request: RequestId, answer: Answer): void {
    if (answer.type === "asking") return;
    this.#openRequests.delete(request);
    if (answer.type === "refused" || answer.type === "ended") {
      const reason = answer.type === "refused" ? answer.reason : answer.message;
      if (this.#working?.channel === opened.id) this.#working.refused = reason;
      else this.#say({ type: "close-channel", channel: opened.number, code: 126 });
      this.#closed(opened);
      return;
    }
    if (answer.type === "started") {
      opened.state = "running";
      opened.streams = answer.inspect === "stream";
      this.#say({ type: "started", channel: opened.number });
    }
    const next = opened.asks.shift();
    if (next === undefined) return;
    const following = this.#request();
    this.#openRequests.set(following, opened);
    this.#input({ kind: "request-asked", channel: opened.id, request: following, asked: next });
  }

  #closed(opened: Opened): void {
    if (opened.state === "over") return;
    opened.state = "over";
    this.#channels.delete(opened.number);
    this.#input({ kind: "channel-closed", channel: opened.id, bytes: opened.bytes });
  }

  // --- what the machine does -----------------------------------------------------------------------

  #carryOut(effect: TrafficEffect): void {
    switch (effect.kind) {
      case "answer": {
        const opened = this.#openRequests.get(effect.request);
        if (this.#units.answered(effect.request, effect.answer)) return;
        if (opened !== undefined) this.#openAnswered(opened, effect.request, effect.answer);
        else if (effect.answer.type === "refused" && this.#working !== null) {
          this.#working.refused = effect.answer.reason;
        }
        return;
      }
      case "send-to-target":
        this.#sent(effect.channel, "target", { bytes: effect.bytes, stream: "stdout" });
        return;
      case "send-to-person":
        this.#sent(effect.channel, "person", {
          bytes: effect.bytes,
          stream: effect.stream,
        });
        return;
      case "eof-to-target":
      case "valve":
      case "close-channel":
        this.#channelEffect(effect);
        return;
      case "close-session":
        this.#finish(effect.reason);
        this.#input({ kind: "disconnected", reason: effect.reason });
        return;
      case "instruct":
      case "look-on":
      case "web-verdict":
      case "page":
      case "page-message":
        // Only desktops and pages have these, and neither is inspected here.
        return;
    }
  }

  #channelEffect(
    effect: Extract<TrafficEffect, { kind: "eof-to-target" | "valve" | "close-channel" }>,
  ): void {
    const opened = this.#byId(effect.channel);
    if (opened === undefined) return;
    const channel = opened.number;
    if (effect.kind === "eof-to-target") this.#say({ type: "eof-to-target", channel });
    else if (effect.kind === "valve") {
      opened.valve = effect.state;
      this.#say({ type: "valve", channel, state: effect.state });
    } else {
      const { exit } = effect;
      this.#say({
        type: "close-channel",
        channel,
        ...(exit.type === "code" ? { code: exit.code } : {}),
      });
      this.#closed(opened);
    }
  }

  #sent(
    id: ChannelId,
    side: "target" | "person",
    { bytes, stream }: { readonly bytes: Uint8Array; readonly stream: "stdout" | "stderr" },
  ): void {
    if (this.#units.owns(id)) {
      if (side === "person") this.#units.told(id, bytes);
      return;
    }
    // Lent for the time of the call only.
    const data = Uint8Array.from(bytes);
    const working = this.#working;
    if (working?.channel === id && working.side === side && stream === "stdout") {
      working.parts.push(data);
      return;
    }
    const opened = this.#byId(id);
    if (opened === undefined) return;
    const channel = opened.number;
    if (side === "target") this.#say({ type: "to-target", channel, data });
    else this.#say({ type: "to-person", channel, stream, data });
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#units.end();
    this.#say({ type: "end", reason });
    this.#out = null;
  }

  #say(message: InspectedMessage): void {
    this.#out?.(message);
  }

  #byId(id: ChannelId): Opened | undefined {
    for (const one of this.#channels.values()) if (one.id === id) return one;
    return undefined;
  }

  #channel(): ChannelId {
    return channelId(this.#nextChannel++);
  }

  #request(): RequestId {
    return requestId(this.#nextRequest++);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
