import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CoreMessage, SidecarMessage } from "./messages.js";

/**
 * A sidecar's way to the core, whatever carries it. One message of events is under way at a time; what is
 * not acknowledged is told again over the next connection, and known there by the ids of its events.
 */
export interface CoreConnection {
  /** Resolves when the core has kept these events. Never rejects. */
  tell(events: readonly string[], signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Asks for a profile, or sends one. Null: no answer in time, or nobody to ask. Never rejects. */
  profile(asked: ProfileQuestion, deadlineMs: number): Promise<BehaviourMessage | null>;
  /** What became of a command of the core. */
  done(id: string, outcome: string): void;
  close(): Promise<void>;
}

type ProfileMessage = Extract<SidecarMessage, { type: "ask-profile" | "profile" }>;
/** Without the id, which is given here. */
export type ProfileQuestion = ProfileMessage extends infer M
  ? M extends ProfileMessage
    ? Omit<M, "id">
    : never
  : never;
export type BehaviourMessage = Extract<CoreMessage, { type: "behaviour" }>;

/** Profiles under way at a time; who asks for more is not answered. */
const ASKED_MAX = 32;

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
  /** A wire is open: what waited can be told. */
  readonly linked?: () => void;
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
  /** While one is being opened: everybody waits for the same. */
  #opening: Promise<Result<CoreWire, Fault>> | null = null;
  #told = 0;
  #waiting: Waiting | null = null;
  #closed = false;
  #lastAsked = 0;
  readonly #asked = new Map<number, (answer: BehaviourMessage | null) => void>();

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

  async profile(asked: ProfileQuestion, deadlineMs: number): Promise<BehaviourMessage | null> {
    if (this.#asked.size >= ASKED_MAX) return null;
    const id = (this.#lastAsked += 1);
    return await new Promise((resolve) => {
      const settle = (answer: BehaviourMessage | null): void => {
        clearTimeout(timer);
        this.#asked.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), deadlineMs);
      timer.unref();
      this.#asked.set(id, settle);
      void this.#opened().then((wire) => {
        if (!wire.ok) settle(null);
        else if (this.#asked.has(id)) wire.value.send({ ...asked, id });
      });
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

  #opened(): Promise<Result<CoreWire, Fault>> {
    if (this.#wire !== null) return Promise.resolve(ok(this.#wire));
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<Result<CoreWire, Fault>> {
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
    this.#deps.linked?.();
    return opened;
  }

  #hear(message: CoreMessage): void {
    if (message.type === "behaviour" && message.id !== 0) {
      this.#asked.get(message.id)?.(message);
    } else if (message.type !== "ack") {
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
    for (const settle of [...this.#asked.values()]) settle(null);
  }
}
