import type { Socket } from "node:net";
import { serializeInstruction, type Instruction } from "../../../model/index.js";

/** One end of a connection, whatever carries it: the person's client or guacd. */
export interface Leg {
  /** Sent before this turn of the event loop ends, together with what else is said in it. */
  say(instruction: Instruction): void;
  /** True while the other side does not take what was sent. */
  readonly congested: boolean;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes after what was said has been sent, and by force when the other side does not take it. */
  end(): void;
  listen(listener: LegListener): void;
  readonly bytesSent: number;
}

export interface LegListener {
  /** Lent for the time of the call. */
  readonly received: (bytes: Uint8Array) => void;
  /** `congested` has changed. */
  readonly pressed: () => void;
  /** Told once. */
  readonly closed: (reason: string) => void;
}

/** What carries the text: a TCP socket, or a WebSocket. */
export interface Carrier {
  /** False when too much waits to be sent: `drained` tells when it is less. */
  write(text: string): boolean;
  pause(): void;
  resume(): void;
  end(): void;
  destroy(): void;
  listen(listener: {
    readonly received: (bytes: Uint8Array) => void;
    readonly drained: () => void;
    readonly closed: (reason: string) => void;
  }): void;
}

/** How long a last word may take to arrive. */
const FAREWELL_MS = 2_000;

export function createLeg(carrier: Carrier): Leg {
  return new BufferedLeg(carrier);
}

/** A class: two of them live as long as a session. */
class BufferedLeg implements Leg {
  readonly #carrier: Carrier;
  #unsent = "";
  #congested = false;
  #ending = false;
  #closed = false;
  #sent = 0;
  #listener: LegListener | null = null;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  get congested(): boolean {
    return this.#congested;
  }

  get bytesSent(): number {
    return this.#sent;
  }

  say(instruction: Instruction): void {
    if (this.#ending || this.#closed) return;
    if (this.#unsent === "") queueMicrotask(() => this.#flush());
    this.#unsent += serializeInstruction(instruction);
  }

  pause(): void {
    this.#carrier.pause();
  }

  resume(): void {
    this.#carrier.resume();
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#flush();
    this.#ending = true;
    // What still arrives is read and thrown away: an unread byte would reset the connection.
    this.#carrier.resume();
    this.#carrier.end();
    setTimeout(() => this.#carrier.destroy(), FAREWELL_MS).unref();
  }

  listen(listener: LegListener): void {
    this.#listener = listener;
    this.#carrier.listen({
      received: (bytes) => {
        if (!this.#ending) listener.received(bytes);
      },
      drained: () => this.#press(false),
      closed: (reason) => {
        if (this.#closed) return;
        this.#closed = true;
        listener.closed(reason);
      },
    });
  }

  #flush(): void {
    if (this.#unsent === "" || this.#closed) return;
    const text = this.#unsent;
    this.#unsent = "";
    this.#sent += Buffer.byteLength(text, "utf8");
    if (!this.#carrier.write(text)) this.#press(true);
  }

  #press(congested: boolean): void {
    if (this.#congested === congested) return;
    this.#congested = congested;
    this.#listener?.pressed();
  }
}

/** `socket` may be paused, as `pauseOnConnect` leaves it; it is read from `listen` on. */
export function carryBySocket(socket: Socket): Carrier {
  let reason = "closed";
  socket.on("error", (error) => {
    reason = error.message;
    socket.destroy();
  });
  return {
    write: (text) => (socket.writable ? socket.write(text, "utf8") : true),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    listen({ received, drained, closed }) {
      socket.on("data", received);
      socket.on("drain", drained);
      socket.once("end", () => socket.end());
      socket.once("close", () => closed(reason));
      if (socket.destroyed) closed(reason);
      else socket.resume();
    },
  };
}
