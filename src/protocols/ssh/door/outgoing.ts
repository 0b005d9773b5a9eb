import type { Socket } from "node:net";

/**
 * Packets on their way out. Those that one read gives rise to are encrypted side by side in one slab and
 * leave in one write: no buffer for each packet, which the garbage collector would have to find again,
 * and one system call, and one waking of the peer, where there were several.
 */
export interface Outgoing {
  /** An empty packet, which may lie in the slab: it must be filled and sent before anything else is. */
  makePacket(writer: { alloc(payloadBytes: number): Buffer }, payloadBytes: number): Buffer;
  /** Takes an encrypted packet, in the order of sending. */
  add(packet: Uint8Array): void;
  /** What was gathered leaves now: the socket is about to be closed. */
  flush(): void;
  /** Bytes taken and not yet with the operating system. */
  readonly waitingBytes: number;
}

/** Room for what a read of 256 KiB becomes, a little at a time. */
const SLAB_BYTES = 132 * 1024;
/**
 * So short a packet that comes of so short a read leaves at once, and what else there is to be done about
 * it comes after: somebody waits for it. What a window lets go on is short to read and long to write.
 */
const EAGER_BYTES = 512;
/** Larger packets that were not built in the slab are not worth the copy. */
const COPIED_BYTES_MAX = 16 * 1024;

interface Owner {
  readonly socket: Socket;
}

/** One slab for the whole process: a turn belongs to one socket, and ends with everything written. */
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let filled = 0;
let owner: Owner | null = null;
/** Whose packet is being made, for `allocatePacket`. */
let maker: Owner | null = null;
let turn = false;

/** True when what was read is so little that somebody waits for it: a key, or its echo. */
let eager = false;

/** Until `endTurn` packets are gathered; `readBytes` is how much was read. */
export function startTurn(readBytes: number): void {
  turn = true;
  eager = readBytes <= EAGER_BYTES;
}

export function endTurn(): void {
  turn = false;
  flush();
}

/** What ssh2 builds its packets in; see patches.ts. */
export function allocatePacket(bytes: number): Buffer {
  if (maker === null || bytes > SLAB_BYTES) return Buffer.allocUnsafe(bytes);
  if (owner !== maker || filled + bytes > SLAB_BYTES) flush();
  owner = maker;
  return slab.subarray(filled, filled + bytes);
}

export function createOutgoing(socket: Socket): Outgoing {
  return new GatheredPackets(socket);
}

class GatheredPackets implements Outgoing {
  readonly #socket: Socket;
  readonly #mine: Owner;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#mine = { socket };
  }

  get waitingBytes(): number {
    return this.#socket.writableLength + (owner === this.#mine ? filled : 0);
  }

  makePacket(writer: { alloc(payloadBytes: number): Buffer }, payloadBytes: number): Buffer {
    maker = this.#mine;
    try {
      return writer.alloc(payloadBytes);
    } finally {
      maker = null;
    }
  }

  add(packet: Uint8Array): void {
    if (owner === this.#mine && liesNext(packet)) {
      filled += packet.length;
      if (!turn || (eager && packet.length <= EAGER_BYTES)) flush();
      return;
    }
    if (owner !== this.#mine || filled + packet.length > SLAB_BYTES) flush();
    if (packet.length > COPIED_BYTES_MAX) {
      flush();
      write(this.#socket, packet);
      return;
    }
    owner = this.#mine;
    slab.set(packet, filled);
    filled += packet.length;
    if (!turn) flush();
  }

  flush(): void {
    if (owner === this.#mine) flush();
  }
}

function liesNext(packet: Uint8Array): boolean {
  return packet.buffer === slab.buffer && packet.byteOffset === slab.byteOffset + filled;
}

function flush(): void {
  if (owner === null) return;
  const { socket } = owner;
  const bytes = slab.subarray(0, filled);
  owner = null;
  filled = 0;
  if (bytes.length === 0) return;
  // A socket that is behind keeps what it is given: a copy of the right size, not the whole slab.
  if (socket.writableLength > 0) write(socket, Buffer.from(bytes));
  else {
    write(socket, bytes);
    // Not everything went to the operating system at once: the slab is the socket's until it has.
    if (socket.writableLength > 0) slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  }
}

function write(socket: Socket, bytes: Uint8Array): void {
  if (socket.writable) socket.write(bytes);
}
