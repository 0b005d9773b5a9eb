import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CoreMessage, SidecarMessage } from "./messages.js";

/**
 * A sidecar's way to the core, whatever carries it. One message of events is under way at a time; what is
 * not acknowledged is told again over the next connection, and known there by the ids of its events.
 */
export interface CoreConnection {
  /** Resolves when the core has kept these events. Never rejects. */
  tell(events: readonly string[], signal: AbortSignal): Promise<Result<void, Fault>>;
  /** What became of a command of the core. */
  done(id: string, outcome: string): void;
  close(): Promise<void>;
}

/** A wire to the core that is open. */
export interface CoreWire {
  send(message: SidecarMessage): void;
  close(): void;
}

export interface WireEars {
  heard(message: CoreMessage): void;
  broken(fault: Fault): void;
}

export interface CoreConnectionDeps {
  readonly node: string;
  readonly site: string;
  /** Opens a wire; called again after a break, when there is something to tell. */
  readonly open: (ears: WireEars) => Promise<Result<CoreWire, Fault>>;
  /** Everything but acks. */
  readonly heard: (message: Exclude<CoreMessage, { type: "ack" }>) => void;
}

export function createCoreConnection(deps: CoreConnectionDeps): CoreConnection {
  return new Connection(deps);
}

interface Waiting {
  readonly upTo: number;
  settle(result: Result<void, Fault>): void;
}

class Connection implements CoreConnection {
  readonly #deps: CoreConnectionDeps;
  #wire: CoreWire | null = null;
  #told = 0;
  #waiting: Waiting | null = null;
  #closed = false;

  constructor(deps: CoreConnectionDeps) {
    this.#deps = deps;
  }

  async tell(events: readonly string[], signal: AbortSignal): Promise<Result<void, Fault>> {
    const wire = await this.#opened();
    if (!wire.ok) return wire;
    if (signal.aborted) return err(fault("CHP_CORE_LINK", "broken off"));
    const from = this.#told;
    this.#told += events.length;
    const upTo = this.#told;
    return await new Promise((resolve) => {
      const stop = () => this.#break(fault("CHP_CORE_LINK", "no answer in time"));
      this.#waiting = {
        upTo,
        settle: (result) => {
          signal.removeEventListener("abort", stop);
          this.#waiting = null;
          resolve(result);
        },
      };
      signal.addEventListener("abort", stop, { once: true });
      wire.value.send({ type: "events", from, events });
    });
  }

  done(id: string, outcome: string): void {
    this.#wire?.send({ type: "done", id, outcome });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#break(fault("CHP_CORE_LINK", "closed"));
    return Promise.resolve();
  }

  async #opened(): Promise<Result<CoreWire, Fault>> {
    if (this.#wire !== null) return ok(this.#wire);
    if (this.#closed) return err(fault("CHP_CORE_LINK", "closed"));
    const wire: { broken: boolean } = { broken: false };
    const opened = await this.#deps.open({
      heard: (message) => this.#hear(message),
      broken: (why) => {
        wire.broken = true;
        this.#break(why);
      },
    });
    if (!opened.ok) return opened;
    // The ears may have heard of a break while the wire was being opened.
    if (wire.broken) return err(fault("CHP_CORE_LINK", "broken as soon as it was open"));
    this.#wire = opened.value;
    this.#told = 0;
    const { node, site } = this.#deps;
    this.#wire.send({ type: "hello", node, site, lastAck: 0 });
    return opened;
  }

  #hear(message: CoreMessage): void {
    if (message.type !== "ack") {
      this.#deps.heard(message);
    } else if (this.#waiting !== null && message.upTo >= this.#waiting.upTo) {
      this.#waiting.settle(ok(undefined));
    }
  }

  #break(why: Fault): void {
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
    this.#waiting?.settle(err(why));
  }
}
