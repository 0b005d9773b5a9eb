import { refusePeer, type Transport } from "../door/transport.js";
import { MESSAGE, OPEN_FAILURE, STDERR } from "../wire/numbers.js";
import { createReader, readUint32 } from "../wire/reader.js";
import { encodeWire } from "../wire/writer.js";
import { createChannel, type Channel, type ChannelInbox, type ChannelListener } from "./channel.js";
import { CHANNELS_MAX, GLOBAL_REQUESTS_PENDING_MAX, PACKET_BYTES_MAX } from "./limits.js";

/** The connection protocol (RFC 4254) over one transport; the same for both legs. */
export interface Connection {
  /** Every message of the connection protocol, whole. */
  receive(payload: Uint8Array): void;
  /** The transport can take more. */
  drained(): void;
  open(opening: Opening): void;
  global(name: string, body: Uint8Array, reply: ((answer: GlobalAnswer) => void) | null): void;
  /** The connection is gone: every channel hears `closed("lost")`. */
  lost(): void;
  readonly channelCount: number;
}

export interface Opening {
  readonly type: string;
  readonly body: Uint8Array;
  readonly windowBytes: number;
  readonly listener: ChannelListener;
  readonly opened: (outcome: OpenOutcome) => void;
}

export type OpenOutcome =
  | { readonly ok: true; readonly channel: Channel }
  | { readonly ok: false; readonly reason: number; readonly description: string };

export type GlobalAnswer =
  { readonly success: true; readonly body: Uint8Array } | { readonly success: false };

export interface ConnectionListener {
  readonly channelAsked: (ask: ChannelAsk) => void;
  readonly globalAsked: (ask: GlobalAsk) => void;
}

export interface ChannelAsk {
  readonly type: string;
  /** Type specific data; borrowed. */
  readonly body: Uint8Array;
  /** Confirms the channel. Null when the connection is gone by now. */
  accept(windowBytes: number, listener: ChannelListener): Channel | null;
  refuse(reason: number, description: string): void;
}

export interface GlobalAsk {
  readonly name: string;
  readonly body: Uint8Array;
  readonly answer: (answer: GlobalAnswer) => void;
}

interface Slot {
  inbox: ChannelInbox | null;
  opening: Opening | null;
}

/** Message number, channel and length (RFC 4254 section 5.2). */
const DATA_HEAD_BYTES = 9;

export function createConnection(
  transport: Transport,
  listener: ConnectionListener,
  channelsMax: number = CHANNELS_MAX,
): Connection {
  return new MultiplexedConnection(transport, listener, channelsMax);
}

class MultiplexedConnection implements Connection {
  readonly #transport: Transport;
  readonly #listener: ConnectionListener;
  readonly #channelsMax: number;
  readonly #slots = new Map<number, Slot>();
  readonly #ourGlobals: ((answer: GlobalAnswer) => void)[] = [];
  readonly #theirGlobals: { answer: GlobalAnswer | null }[] = [];
  #nextId = 0;
  #asking = 0;
  #gone = false;

  constructor(transport: Transport, listener: ConnectionListener, channelsMax: number) {
    this.#transport = transport;
    this.#listener = listener;
    this.#channelsMax = channelsMax;
  }

  receive(payload: Uint8Array): void {
    if (this.#gone || this.#dispatch(payload)) return;
    refusePeer(this.#transport, `message ${payload[0] ?? 0} breaks the connection protocol`);
  }

  drained(): void {
    for (const { inbox } of [...this.#slots.values()]) inbox?.flush();
  }

  open(opening: Opening): void {
    if (this.#gone || this.#slots.size >= this.#channelsMax) {
      opening.opened({
        ok: false,
        reason: OPEN_FAILURE.resourceShortage,
        description: this.#gone
          ? "the connection is gone"
          : `at most ${this.#channelsMax} channels`,
      });
      return;
    }
    const localId = this.#freeId();
    this.#slots.set(localId, { inbox: null, opening });
    this.#transport.send(
      encodeWire(
        { byte: MESSAGE.channelOpen },
        { string: opening.type },
        { uint32: localId },
        { uint32: opening.windowBytes },
        { uint32: PACKET_BYTES_MAX },
        { raw: opening.body },
      ),
    );
  }

  global(name: string, body: Uint8Array, reply: ((answer: GlobalAnswer) => void) | null): void {
    if (this.#gone) {
      reply?.({ success: false });
      return;
    }
    if (reply !== null) this.#ourGlobals.push(reply);
    this.#transport.send(
      encodeWire(
        { byte: MESSAGE.globalRequest },
        { string: name },
        { boolean: reply !== null },
        { raw: body },
      ),
    );
  }

  lost(): void {
    if (this.#gone) return;
    this.#gone = true;
    const all = [...this.#slots.values()];
    this.#slots.clear();
    for (const { inbox, opening } of all) {
      inbox?.lost();
      opening?.opened({
        ok: false,
        reason: OPEN_FAILURE.connectFailed,
        description: "the connection is gone",
      });
    }
    for (const reply of this.#ourGlobals.splice(0)) reply({ success: false });
  }

  get channelCount(): number {
    return this.#slots.size;
  }

  #freeId(): number {
    while (this.#slots.has(this.#nextId)) this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    return id;
  }

  #establish(args: {
    localId: number;
    peer: { id: number; window: number; packetBytes: number };
    windowBytes: number;
    listener: ChannelListener;
  }): ChannelInbox {
    const inbox = createChannel({
      transport: this.#transport,
      localId: args.localId,
      remoteId: args.peer.id,
      window: { in: args.windowBytes, out: args.peer.window },
      packetBytes: Math.min(args.peer.packetBytes, PACKET_BYTES_MAX),
      listener: args.listener,
      released: () => this.#slots.delete(args.localId),
    });
    this.#slots.set(args.localId, { inbox, opening: null });
    return inbox;
  }

  #channelOpen(payload: Uint8Array): boolean {
    const reader = createReader(payload, 1);
    const type = reader.text();
    const peer = { id: reader.uint32(), window: reader.uint32(), packetBytes: reader.uint32() };
    const body = reader.rest();
    if (reader.failed) return false;
    let answered = false;
    const refuse = (reason: number, description: string): void => {
      if (answered) return;
      answered = true;
      this.#asking -= 1;
      this.#transport.send(
        encodeWire(
          { byte: MESSAGE.channelOpenFailure },
          { uint32: peer.id },
          { uint32: reason },
          { string: description },
          { string: "" },
        ),
      );
    };
    this.#asking += 1;
    if (this.#slots.size + this.#asking > this.#channelsMax) {
      refuse(OPEN_FAILURE.resourceShortage, `at most ${this.#channelsMax} channels`);
      return true;
    }
    this.#listener.channelAsked({
      type,
      body,
      refuse,
      accept: (windowBytes, channelListener) => {
        if (answered || this.#gone) return null;
        answered = true;
        this.#asking -= 1;
        const localId = this.#freeId();
        this.#transport.send(
          encodeWire(
            { byte: MESSAGE.channelOpenConfirmation },
            { uint32: peer.id },
            { uint32: localId },
            { uint32: windowBytes },
            { uint32: PACKET_BYTES_MAX },
          ),
        );
        return this.#establish({ localId, peer, windowBytes, listener: channelListener }).channel;
      },
    });
    return true;
  }

  #openConfirmed(payload: Uint8Array): boolean {
    const reader = createReader(payload, 1);
    const localId = reader.uint32();
    const peer = { id: reader.uint32(), window: reader.uint32(), packetBytes: reader.uint32() };
    const opening = this.#slots.get(localId)?.opening;
    if (reader.failed || opening === null || opening === undefined) return false;
    const inbox = this.#establish({ localId, peer, ...opening });
    opening.opened({ ok: true, channel: inbox.channel });
    return true;
  }

  #openFailed(payload: Uint8Array): boolean {
    const reader = createReader(payload, 1);
    const localId = reader.uint32();
    const reason = reader.uint32();
    const description = reader.text();
    const opening = this.#slots.get(localId)?.opening;
    if (reader.failed || opening === null || opening === undefined) return false;
    this.#slots.delete(localId);
    opening.opened({ ok: false, reason, description });
    return true;
  }

  #globalRequest(payload: Uint8Array): boolean {
    const reader = createReader(payload, 1);
    const name = reader.text();
    const wantReply = reader.boolean();
    const body = reader.rest();
    if (reader.failed) return false;
    const entry: { answer: GlobalAnswer | null } = { answer: null };
    if (wantReply && this.#theirGlobals.push(entry) > GLOBAL_REQUESTS_PENDING_MAX) return false;
    this.#listener.globalAsked({
      name,
      body,
      answer: (answer) => {
        if (!wantReply || entry.answer !== null) return;
        entry.answer = answer;
        this.#answerGlobals();
      },
    });
    return true;
  }

  #answerGlobals(): void {
    while (this.#theirGlobals[0] !== undefined && this.#theirGlobals[0].answer !== null) {
      const answer = this.#theirGlobals.shift()?.answer;
      if (answer?.success === true) {
        this.#transport.send(encodeWire({ byte: MESSAGE.requestSuccess }, { raw: answer.body }));
      } else this.#transport.send(Uint8Array.of(MESSAGE.requestFailure));
    }
  }

  /** CHANNEL_DATA, the message of which there are most: read by hand. */
  #channelData(payload: Uint8Array): boolean {
    if (payload.length < DATA_HEAD_BYTES) return false;
    const inbox = this.#slots.get(readUint32(payload, 1))?.inbox;
    const end = DATA_HEAD_BYTES + readUint32(payload, 5);
    if (inbox === undefined || inbox === null || end > payload.length) return false;
    return inbox.data(payload.subarray(DATA_HEAD_BYTES, end), "stdout");
  }

  /** Any other message about one channel. False when it is malformed or speaks of a channel there is not. */
  #channelMessage(type: number, payload: Uint8Array): boolean {
    const reader = createReader(payload, 1);
    const inbox = this.#slots.get(reader.uint32())?.inbox;
    if (inbox === undefined || inbox === null) return false;
    switch (type) {
      case MESSAGE.channelExtendedData: {
        const stream = reader.uint32() === STDERR ? "stderr" : "stdout";
        const bytes = reader.string();
        return !reader.failed && inbox.data(bytes, stream);
      }
      case MESSAGE.channelWindowAdjust: {
        const bytes = reader.uint32();
        if (reader.failed) return false;
        inbox.windowAdjust(bytes);
        return true;
      }
      case MESSAGE.channelRequest: {
        const name = reader.text();
        const wantReply = reader.boolean();
        const body = reader.rest();
        return !reader.failed && inbox.request(name, body, wantReply);
      }
      case MESSAGE.channelEof:
        inbox.eof();
        return true;
      case MESSAGE.channelClose:
        inbox.close();
        return true;
      case MESSAGE.channelSuccess:
        inbox.replied(true);
        return true;
      case MESSAGE.channelFailure:
        inbox.replied(false);
        return true;
      default:
        return false;
    }
  }

  #dispatch(payload: Uint8Array): boolean {
    const type = payload[0] ?? 0;
    switch (type) {
      case MESSAGE.channelData:
        return this.#channelData(payload);
      case MESSAGE.channelOpen:
        return this.#channelOpen(payload);
      case MESSAGE.channelOpenConfirmation:
        return this.#openConfirmed(payload);
      case MESSAGE.channelOpenFailure:
        return this.#openFailed(payload);
      case MESSAGE.globalRequest:
        return this.#globalRequest(payload);
      case MESSAGE.requestSuccess:
        this.#ourGlobals.shift()?.({ success: true, body: payload.subarray(1) });
        return true;
      case MESSAGE.requestFailure:
        this.#ourGlobals.shift()?.({ success: false });
        return true;
      default:
        return this.#channelMessage(type, payload);
    }
  }
}
