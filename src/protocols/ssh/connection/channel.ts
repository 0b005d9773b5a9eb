import type { Transport } from "../door/transport.js";
import { encodeWire } from "../wire/writer.js";
import { MESSAGE } from "../wire/numbers.js";
import { keepBytes, type KeptBytes } from "./kept-bytes.js";

/** What a peer does on a channel. Called in the order in which the messages arrived. */
export interface ChannelListener {
  /** `bytes` is borrowed for the time of the call; whoever keeps a copy gives room back by `consumed`. */
  data(bytes: Uint8Array, stream: "stdout" | "stderr"): void;
  eof(): void;
  request(ask: RequestAsk): void;
  /** The peer closed the channel (`peer`), or its connection is gone (`lost`). The last call. */
  closed(how: "peer" | "lost"): void;
  /** `bytes` of what was given to `send` have left for the peer. */
  sent(bytes: number): void;
}

export interface RequestAsk {
  readonly type: string;
  /** What follows `want reply` in the message; borrowed. */
  readonly body: Uint8Array;
  readonly wantReply: boolean;
  /** Replies go out in the order of the requests, whatever the order of the answers. */
  readonly answer: (success: boolean) => void;
}

/** Our side of one open channel: with a person's client, a target, or an embedded target. */
export interface Channel {
  /** Bytes accepted by `send` that wait for the peer's window or socket. */
  readonly queuedBytes: number;
  /**
   * Everything below keeps its order: data, end of file, requests and close wait in one queue.
   * `bytes` is borrowed: what has to wait is copied.
   */
  send(bytes: Uint8Array, stream: "stdout" | "stderr"): void;
  eof(): void;
  request(type: string, body: Uint8Array, reply: ((success: boolean) => void) | null): void;
  close(): void;
  /** Drops what waits to be sent, for a channel whose reader is gone. */
  discard(): void;
  /** Gives the peer room for `bytes` more. */
  consumed(bytes: number): void;
  /** Raises the window that the peer may fill. */
  widen(windowBytes: number): void;
}

export interface ChannelWiring {
  readonly transport: Transport;
  readonly localId: number;
  readonly remoteId: number;
  readonly window: { readonly in: number; readonly out: number };
  /** Largest payload that the peer takes in one message. */
  readonly packetBytes: number;
  readonly listener: ChannelListener;
  /** Both sides have said CLOSE: the number may be used again. */
  readonly released: () => void;
}

/** The peer's messages, dispatched by the connection. */
export interface ChannelInbox {
  readonly channel: Channel;
  /** False when the peer sent more than its window allows. */
  data(bytes: Uint8Array, stream: "stdout" | "stderr"): boolean;
  eof(): void;
  request(type: string, body: Uint8Array, wantReply: boolean): boolean;
  replied(success: boolean): void;
  windowAdjust(bytes: number): void;
  close(): void;
  lost(): void;
  flush(): void;
}

type Waiting =
  | {
      readonly kind: "data";
      readonly kept: KeptBytes;
      /** How much of it has been sent. */
      at: number;
      readonly stream: "stdout" | "stderr";
    }
  | { readonly kind: "message"; readonly payload: Uint8Array };

/** RFC 4254 section 5.2: a window never exceeds 2^32 - 1. */
const WINDOW_MAX = 2 ** 32 - 1;
const REQUEST_REPLIES_MAX = 128;

export function createChannel(wiring: ChannelWiring): ChannelInbox {
  const { transport, remoteId, listener } = wiring;
  const packetBytes = Math.max(1, wiring.packetBytes);
  let windowOut = wiring.window.out;
  let windowIn = wiring.window.in;
  let windowTarget = wiring.window.in;
  let credit = 0;
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let flushing = false;
  const said = { eof: false, close: false };
  const heard = { eof: false, close: false };
  const ourRequests: ((success: boolean) => void)[] = [];
  const theirRequests: { success: boolean | null }[] = [];

  function flush(): void {
    if (flushing) return;
    flushing = true;
    let sent = 0;
    let done = 0;
    for (const item of queue) {
      if (item.kind === "message") transport.send(item.payload);
      else {
        const { bytes } = item.kept;
        const more = transmit(item.at === 0 ? bytes : bytes.subarray(item.at), item.stream);
        sent += more;
        item.at += more;
        if (item.at < bytes.length) break;
        item.kept.release();
      }
      done += 1;
    }
    if (done > 0) queue = queue.slice(done);
    queuedBytes -= sent;
    flushing = false;
    if (sent > 0) listener.sent(sent);
  }

  /** Sends as much as window and socket allow; answers how much that was. */
  function transmit(bytes: Uint8Array, stream: "stdout" | "stderr"): number {
    let at = 0;
    while (at < bytes.length && windowOut > 0 && !transport.congested) {
      const size = Math.min(bytes.length - at, windowOut, packetBytes);
      const whole = at === 0 && size === bytes.length;
      transport.sendData(remoteId, whole ? bytes : bytes.subarray(at, at + size), stream);
      windowOut -= size;
      at += size;
    }
    return at;
  }

  function wait(bytes: Uint8Array, stream: "stdout" | "stderr"): void {
    queue.push({ kind: "data", kept: keepBytes(bytes), at: 0, stream });
    queuedBytes += bytes.length;
  }

  function post(payload: Uint8Array): void {
    if (queue.length === 0) transport.send(payload);
    else queue.push({ kind: "message", payload });
  }

  function adjust(threshold: number): void {
    if (heard.eof || heard.close || said.close || credit < threshold) return;
    const missing = Math.min(windowTarget - windowIn, credit);
    if (missing <= 0) return;
    credit -= missing;
    windowIn += missing;
    transport.send(numbered(MESSAGE.channelWindowAdjust, remoteId, missing));
  }

  function answerRequests(): void {
    while (theirRequests[0] !== undefined && theirRequests[0].success !== null) {
      const success = theirRequests.shift()?.success === true;
      if (said.close) continue;
      post(numbered(success ? MESSAGE.channelSuccess : MESSAGE.channelFailure, remoteId));
    }
  }

  function end(how: "peer" | "lost"): void {
    if (heard.close) return;
    heard.close = true;
    listener.closed(how);
    for (const reply of ourRequests.splice(0)) reply(false);
    if (how === "lost" || said.close) wiring.released();
  }

  const channel: Channel = {
    get queuedBytes() {
      return queuedBytes;
    },
    send(bytes, stream) {
      if (said.eof || said.close || bytes.length === 0) return;
      if (queue.length === 0) {
        const sent = transmit(bytes, stream);
        if (sent < bytes.length) {
          wait(sent === 0 ? bytes : bytes.subarray(sent), stream);
        }
        if (sent > 0) listener.sent(sent);
        return;
      }
      wait(bytes, stream);
    },
    eof() {
      if (said.eof || said.close) return;
      said.eof = true;
      post(numbered(MESSAGE.channelEof, remoteId));
    },
    request(type, body, reply) {
      // A peer that has closed answers nothing any more, but may still be told how a program ended.
      if (said.close || (heard.close && reply !== null)) {
        reply?.(false);
        return;
      }
      if (reply !== null) ourRequests.push(reply);
      post(
        encodeWire(
          { byte: MESSAGE.channelRequest },
          { uint32: remoteId },
          { string: type },
          { boolean: reply !== null },
          { raw: body },
        ),
      );
    },
    close() {
      if (said.close) return;
      said.close = true;
      post(numbered(MESSAGE.channelClose, remoteId));
      if (heard.close) wiring.released();
    },
    discard() {
      const all = queue;
      queue = [];
      queuedBytes = 0;
      for (const item of all) {
        if (item.kind === "message") transport.send(item.payload);
        else item.kept.release();
      }
    },
    consumed(bytes) {
      credit += bytes;
      adjust(windowTarget / 2);
    },
    widen(windowBytes) {
      if (windowBytes <= windowTarget) return;
      credit += windowBytes - windowTarget;
      windowTarget = windowBytes;
      adjust(1);
    },
  };

  return {
    channel,
    data(bytes, stream) {
      if (bytes.length > windowIn) return false;
      windowIn -= bytes.length;
      if (heard.eof || heard.close) return true;
      listener.data(bytes, stream);
      return true;
    },
    eof() {
      if (heard.eof || heard.close) return;
      heard.eof = true;
      listener.eof();
    },
    request(type, body, wantReply) {
      if (heard.close) return true;
      const entry: { success: boolean | null } = { success: null };
      if (wantReply && theirRequests.push(entry) > REQUEST_REPLIES_MAX) return false;
      listener.request({
        type,
        body,
        wantReply,
        answer(success) {
          if (!wantReply || entry.success !== null) return;
          entry.success = success;
          answerRequests();
        },
      });
      return true;
    },
    replied(success) {
      ourRequests.shift()?.(success);
    },
    windowAdjust(bytes) {
      windowOut = Math.min(windowOut + bytes, WINDOW_MAX);
      flush();
    },
    close: () => end("peer"),
    lost: () => end("lost"),
    flush,
  };
}

function numbered(...numbers: [number, ...number[]]): Uint8Array {
  const [message, ...values] = numbers;
  return encodeWire({ byte: message }, ...values.map((uint32) => ({ uint32 })));
}
