import { createByteQueue, type ByteQueue, type ChannelId } from "../kernel/index.js";
import type { CommandOutcome, ObservedEntry, Observer } from "../model/index.js";
import type { Outbox } from "./outbox.js";
import type { SessionSeed } from "./session.js";

/** Those who look on, and the one of them who has the keyboard. */
export interface Observers {
  readonly names: readonly string[];
  readonly controller: Observer | null;
  /** Joins, changes over, or leaves (null). */
  change(id: string, observer: Observer | null): CommandOutcome;
  /** Costs nothing while nobody looks on. */
  show(entry: () => ObservedEntry): void;
  /** While a moderator types: keeps what the person types, and answers true. */
  keeps(channel: ChannelId, bytes: Uint8Array): boolean;
  channelGone(channel: ChannelId): void;
  /** The session ends. */
  end(): void;
}

/** What the person may type while somebody else has the keyboard; more is dropped, all of it. */
const KEPT_BYTES_MAX = 4 * 1024;
/** More people than this do not watch one session. */
export const OBSERVERS_MAX = 16;

interface ObserversDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  /** The terminals as they stand now. */
  readonly screens: () => readonly ObservedEntry[];
  /** Tells the person that somebody joined or left. */
  readonly tellPerson: (text: string) => void;
  /** The person has the keyboard again: this is what they typed meanwhile. */
  readonly givenBack: (channel: ChannelId, bytes: Uint8Array) => void;
}

export function createObservers(deps: ObserversDeps): Observers {
  return new SessionObservers(deps);
}

class SessionObservers implements Observers {
  readonly #deps: ObserversDeps;
  readonly #seed: SessionSeed;
  readonly #outbox: Outbox;
  readonly #all = new Map<string, Observer>();
  readonly #kept = new Map<ChannelId, ByteQueue>();
  #controller: Observer | null = null;

  constructor(deps: ObserversDeps) {
    this.#deps = deps;
    const { seed, outbox } = deps;
    this.#seed = seed;
    this.#outbox = outbox;
  }

  get names(): readonly string[] {
    return [...this.#all.values()].map((one) => one.name);
  }

  get controller(): Observer | null {
    return this.#controller;
  }

  change(id: string, observer: Observer | null): CommandOutcome {
    const before = this.#all.get(id);
    if (before?.mode === observer?.mode) return { type: "already" };
    if (observer?.mode === "control" && this.#controller !== null) {
      return { type: "refused", reason: `${this.#controller.name} has the keyboard` };
    }
    if (observer?.mode === "control" && this.#seed.facts.onlyTold === true) {
      return { type: "refused", reason: "the gateway of this session only tells of it" };
    }
    if (before === undefined && this.#all.size >= OBSERVERS_MAX) {
      return { type: "refused", reason: "too many look on already" };
    }
    if (before !== undefined) {
      this.#all.delete(id);
      this.#left(before, observer === null ? "left" : `to ${observer.mode}`);
      if (observer === null) this.#tell(before, "looks on no longer.");
    }
    if (observer === null) return { type: "done" };
    this.#all.set(id, observer);
    this.#joined(observer);
    this.#tell(observer, observer.mode === "control" ? "has the keyboard now." : "looks on.");
    if (before === undefined) {
      for (const entry of this.#deps.screens())
        this.#outbox.add({ kind: "observed", to: id, entry });
    }
    return { type: "done" };
  }

  show(entry: () => ObservedEntry): void {
    if (this.#all.size > 0) this.#outbox.add({ kind: "observed", to: null, entry: entry() });
  }

  keeps(channel: ChannelId, bytes: Uint8Array): boolean {
    if (this.#controller === null) return false;
    const queue = this.#kept.get(channel) ?? createByteQueue(KEPT_BYTES_MAX);
    this.#kept.set(channel, queue);
    if (!queue.push(bytes.slice())) queue.wipe();
    return true;
  }

  channelGone(channel: ChannelId): void {
    this.#kept.get(channel)?.wipe();
    this.#kept.delete(channel);
  }

  end(): void {
    for (const queue of this.#kept.values()) queue.wipe();
    this.#kept.clear();
    for (const observer of this.#all.values()) {
      this.#left(observer, "the session is over");
      this.#end(observer.id, "over");
    }
    this.#all.clear();
  }

  #tell(observer: Observer, text: string): void {
    if (this.#shown(observer)) this.#deps.tellPerson(`${observer.name} ${text}`);
  }

  /** Whoever takes the keyboard is always shown: the person must know why their keys do nothing. */
  #shown({ mode }: Observer): boolean {
    return mode === "control" || this.#seed.observation.shown;
  }

  #left(observer: Observer, reason: string): void {
    this.#outbox.emit({
      type: "operator.left",
      data: { session: this.#outbox.session, by: observer.name, mode: observer.mode, reason },
    });
    if (this.#controller?.id !== observer.id) return;
    this.#controller = null;
    for (const [channel, queue] of this.#kept) {
      for (const bytes of queue.drain()) this.#deps.givenBack(channel, bytes);
    }
    this.#kept.clear();
  }

  #joined(observer: Observer): void {
    this.#outbox.emit({
      type: "operator.joined",
      data: {
        session: this.#outbox.session,
        by: observer.name,
        mode: observer.mode,
        shown: this.#shown(observer),
      },
    });
    if (observer.mode === "control") this.#controller = observer;
  }

  #end(id: string, reason: "over" | "too-slow" | "left"): void {
    this.#outbox.add({
      kind: "observed",
      to: id,
      entry: { at: this.#outbox.at, type: "end", reason },
    });
  }
}
