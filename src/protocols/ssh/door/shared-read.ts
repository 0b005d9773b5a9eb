import type { Socket } from "node:net";
import { endTurn, startTurn } from "./outgoing.js";
import type { Inside } from "./ssh2.js";

/**
 * One buffer for the reads of all connections of the process. Without it the platform allocates 64 KiB
 * for each read, which under bulk costs more in the garbage collector than the encryption does. What is
 * read is dealt with before the read returns, so the next one, of whichever socket, may overwrite it.
 */
const READ_BYTES = 256 * 1024;
let shared: Buffer | null = null;

/** The fields of a socket that serve the documented option `onread` of its constructor. */
interface ReadFields {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** Whose packets wait for their last bytes in a decipher, which keeps where they lie. */
const insides = new WeakMap<Socket, Inside>();

/**
 * Reads of this socket go through the shared buffer from now on: what its listeners for data are given is
 * borrowed for the time of the call. Answers false, and changes nothing, where the platform's socket is not
 * built as we know it: then each read has a buffer of its own.
 *
 * The platform offers this (`onread`) to sockets at their creation only; ours are accepted elsewhere and
 * handed over between processes, so the fields behind the option are set on the living socket.
 */
export function shareReads(socket: Socket): boolean {
  const handle = (socket as { _handle?: { useUserBuffer?: (buffer: Buffer) => void } })._handle; // not in the types
  const fields = readFieldsOf(socket);
  if (fields === null || typeof handle?.useUserBuffer !== "function") return false;
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared;
  if (Reflect.get(socket, fields.buffer) === buffer) return true;
  Object.assign(socket, {
    [fields.buffer]: buffer,
    [fields.callback]: (bytes: number) => {
      deliver(socket, buffer.subarray(0, bytes));
      if (bytes < READ_BYTES) return true;
      // There is more, and the platform would read on up to 32 times: everybody else comes first.
      setImmediate(() => readOn(socket));
      return false;
    },
  });
  handle.useUserBuffer(buffer);
  return true;
}

/**
 * To be called before the first encrypted packet: its parts are moved out of the shared buffer. What comes
 * before that ssh2 copies (patches.ts).
 */
export function keepPartsOf(inside: Inside): void {
  insides.set(inside._sock, inside);
}

function readOn(socket: Socket): void {
  if (!socket.destroyed && !socket.isPaused()) socket.resume();
}

/** What one read brought is dealt with as a whole; what is answered leaves in one write. */
function deliver(socket: Socket, chunk: Buffer): void {
  startTurn(chunk.length);
  try {
    socket.emit("data", chunk);
  } finally {
    const inside = insides.get(socket);
    if (inside !== undefined) keepPart(inside);
    endTurn();
  }
}

/** A packet that waits for its last bytes is moved out of the shared buffer. */
function keepPart(inside: Inside): void {
  const decipher = inside._protocol._decipher;
  const part = decipher?._packet;
  if (decipher === undefined || part === null || part === undefined) return;
  if (part.buffer === shared?.buffer) decipher._packet = Buffer.from(part);
}

function readFieldsOf(socket: Socket): ReadFields | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const buffer = symbols.find((symbol) => symbol.description === "kBuffer");
  const callback = symbols.find((symbol) => symbol.description === "kBufferCb");
  return buffer === undefined || callback === undefined ? null : { buffer, callback };
}
