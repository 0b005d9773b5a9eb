import type { Socket } from "node:net";
import { DISCONNECT, MESSAGE, STDERR } from "../wire/numbers.js";
import { encodeWire } from "../wire/writer.js";
import { createOutgoing, type Outgoing } from "./outgoing.js";
import { keepPartsOf, shareReads } from "./shared-read.js";
import { sendPacket, type Inside, type Protocol } from "./ssh2.js";

/**
 * An encrypted, authenticated connection with one peer, as the connection layer needs it: whole
 * messages out and in. What is sent while keys are renewed waits inside and keeps its order.
 */
export interface Transport {
  /** Sends one message; `payload` is copied before the call returns. */
  send(payload: Uint8Array): void;
  /** CHANNEL_DATA or CHANNEL_EXTENDED_DATA without an extra copy. */
  sendData(recipient: number, bytes: Uint8Array, stream: "stdout" | "stderr"): void;
  /** True while the socket holds more than SOCKET_BYTES_MAX: payload should wait for `onDrain`. */
  readonly congested: boolean;
  onDrain(resume: () => void): void;
  /** Tells the peer why (RFC 4253 section 11.1) and closes; the socket is destroyed soon after. */
  disconnect(reason: number, description: string): void;
  /** Drops the connection without a word. */
  destroy(): void;
  /** The key exchange in force, for `doctor` and tests. */
  readonly keyExchange: string;
}

/** Ciphertext waiting for a peer that reads slowly; channels wait above it, so memory stays flat. */
export const SOCKET_BYTES_MAX = 1024 * 1024;
/** RFC 4253 section 9 recommends new keys after a gigabyte ... */
export const REKEY_BYTES = 1024 ** 3;
/** ... or an hour, whichever comes first. */
export const REKEY_MS = 60 * 60 * 1000;
/** Length, padding, head and tag of a packet, generously (RFC 4253 section 6, RFC 4254 section 5.2). */
const PACKET_OVERHEAD_BYTES = 64;
/** How long a peer may take to read our last words before the socket is destroyed. */
const GOODBYE_MS = 2_000;

export interface TransportOptions {
  readonly rekeyBytes?: number;
  readonly rekeyMs?: number;
}

/** Messages of the connection protocol go to `receive` from now on. */
export function createTransport(
  inside: Inside,
  receive: (payload: Uint8Array) => void,
  options: TransportOptions = {},
): Transport {
  return new EncryptedTransport(inside, receive, options);
}

/** Reads into the shared buffer, and one write for what each gives rise to: from the handshake on, or later. */
export function gatherPackets(inside: Inside): Outgoing {
  const { _protocol: protocol, _sock: socket } = inside;
  if (protocol.outgoing !== undefined) return protocol.outgoing;
  const outgoing = createOutgoing(socket);
  protocol.outgoing = outgoing;
  socket.setNoDelay(true);
  keepPartsOf(inside);
  shareReads(socket);
  return outgoing;
}

class EncryptedTransport implements Transport {
  readonly #receive: (payload: Uint8Array) => void;
  readonly #protocol: Protocol;
  readonly #socket: Socket;
  readonly #renewal: ReturnType<typeof renewKeys>;
  readonly #outgoing: Outgoing;

  constructor(inside: Inside, receive: (payload: Uint8Array) => void, options: TransportOptions) {
    this.#receive = receive;
    const protocol = inside._protocol;
    this.#protocol = protocol;
    const socket = inside._sock;
    this.#socket = socket;
    this.#renewal = renewKeys(protocol, socket, options);
    this.#outgoing = gatherPackets(inside);
    protocol.connectionLayer = (payload) => {
      this.#renewal.passed(payload.length);
      this.#receive(payload);
    };
  }

  send(payload: Uint8Array): void {
    if (!this.#socket.writable) return;
    const writer = this.#protocol._packetRW.write;
    const start = writer.allocStart;
    const packet = writer.alloc(payload.length);
    packet.set(payload, start);
    sendPacket(this.#protocol, writer.finalize(packet));
  }

  sendData(recipient: number, bytes: Uint8Array, stream: "stdout" | "stderr"): void {
    if (!this.#socket.writable) return;
    sendChannelData(this.#protocol, this.#outgoing, { recipient, bytes, stream });
    this.#renewal.passed(bytes.length);
  }

  get congested(): boolean {
    return this.#outgoing.waitingBytes > SOCKET_BYTES_MAX;
  }

  onDrain(resume: () => void): void {
    this.#socket.on("drain", resume);
  }

  disconnect(reason: number, description: string): void {
    if (this.#socket.writable) sendDisconnect(this.#protocol, reason, description);
    this.#outgoing.flush();
    this.#socket.end();
    const late = setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
    this.#socket.once("close", () => clearTimeout(late));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  get keyExchange(): string {
    return this.#protocol._kex?.negotiated.kex ?? "";
  }
}

interface ChannelData {
  readonly recipient: number;
  readonly bytes: Uint8Array;
  readonly stream: "stdout" | "stderr";
}

function sendChannelData(protocol: Protocol, outgoing: Outgoing, data: ChannelData): void {
  const extended = data.stream === "stderr";
  const head = extended ? 13 : 9;
  const writer = protocol._packetRW.write;
  let at = writer.allocStart;
  const length = head + data.bytes.length;
  // During a key exchange packets wait in ssh2, and the slab does not wait with them.
  const gathers = protocol._kexinit === undefined;
  const packet = gathers ? outgoing.makePacket(writer, length) : writer.alloc(length);
  packet[at] = extended ? MESSAGE.channelExtendedData : MESSAGE.channelData;
  at = packet.writeUInt32BE(data.recipient, at + 1);
  if (extended) at = packet.writeUInt32BE(STDERR, at);
  at = packet.writeUInt32BE(data.bytes.length, at);
  packet.set(data.bytes, at);
  sendPacket(protocol, writer.finalize(packet));
}

/** May be sent in the middle of a key exchange, hence by its own way past the queue. */
function sendDisconnect(protocol: Protocol, reason: number, description: string): void {
  const payload = encodeWire(
    { byte: MESSAGE.disconnect },
    { uint32: reason },
    { string: description },
    { string: "" },
  );
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(payload.length, true);
  packet.set(payload, writer.allocStartKEX);
  try {
    sendPacket(protocol, writer.finalize(packet, true), true);
  } catch {
    // ssh2 has already taken the connection down: nobody is left to be told.
  }
}

/** Renews the keys by volume and by time; checked as messages pass, so an idle peer is left alone. */
function renewKeys(
  protocol: Protocol,
  socket: Socket,
  { rekeyBytes = REKEY_BYTES, rekeyMs = REKEY_MS }: TransportOptions,
): { passed: (payloadBytes: number) => void } {
  // Counted here: a socket that is asked adds its buffers up each time.
  let bytes = 0;
  let due = false;
  const timer = setInterval(() => (due = true), rekeyMs).unref();
  socket.once("close", () => clearInterval(timer));
  return {
    passed(payloadBytes) {
      bytes += payloadBytes + PACKET_OVERHEAD_BYTES;
      if (!due && bytes < rekeyBytes) return;
      if (protocol._kexinit !== undefined) return;
      due = false;
      bytes = 0;
      protocol.rekey();
    },
  };
}

/** Ends a connection that broke the protocol. */
export function refusePeer(transport: Transport, what: string): void {
  transport.disconnect(DISCONNECT.protocolError, what);
}
