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

export function createObservers(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  /** The terminals as they stand now. */
  readonly screens: () => readonly ObservedEntry[];
  /** Tells the person that somebody joined or left. */
  readonly tellPerson: (text: string) => void;
  /** The person has the keyboard again: this is what they typed meanwhile. */
  readonly givenBack: (channel: ChannelId, bytes: Uint8Array) => void;
}): Observers {
  const { seed, outbox } = deps;
  const all = new Map<string, Observer>();
  const kept = new Map<ChannelId, ByteQueue>();
  let controller: Observer | null = null;

  function tell(observer: Observer, text: string): void {
    if (shown(observer)) deps.tellPerson(`${observer.name} ${text}`);
  }

  /** Whoever takes the keyboard is always shown: the person must know why their keys do nothing. */
  function shown({ mode }: Observer): boolean {
    return mode === "control" || seed.observation.shown;
  }

  function left(observer: Observer, reason: string): void {
    outbox.emit({
      type: "operator.left",
      data: { session: outbox.session, by: observer.name, mode: observer.mode, reason },
    });
    if (controller?.id !== observer.id) return;
    controller = null;
    for (const [channel, queue] of kept) {
      for (const bytes of queue.drain()) deps.givenBack(channel, bytes);
    }
    kept.clear();
  }

  function joined(observer: Observer): void {
    outbox.emit({
      type: "operator.joined",
      data: {
        session: outbox.session,
        by: observer.name,
        mode: observer.mode,
        shown: shown(observer),
      },
    });
    if (observer.mode === "control") controller = observer;
  }

  function end(id: string, reason: "over" | "too-slow" | "left"): void {
    outbox.add({ kind: "observed", to: id, entry: { at: outbox.at, type: "end", reason } });
  }

  return {
    get names() {
      return [...all.values()].map((one) => one.name);
    },
    get controller() {
      return controller;
    },
    change(id, observer) {
      const before = all.get(id);
      if (before?.mode === observer?.mode) return { type: "already" };
      if (observer?.mode === "control" && controller !== null) {
        return { type: "refused", reason: `${controller.name} has the keyboard` };
      }
      if (before === undefined && all.size >= OBSERVERS_MAX) {
        return { type: "refused", reason: "too many look on already" };
      }
      if (before !== undefined) {
        all.delete(id);
        left(before, observer === null ? "left" : `to ${observer.mode}`);
        if (observer === null) tell(before, "looks on no longer.");
      }
      if (observer === null) return { type: "done" };
      all.set(id, observer);
      joined(observer);
      tell(observer, observer.mode === "control" ? "has the keyboard now." : "looks on.");
      if (before === undefined) {
        for (const entry of deps.screens()) outbox.add({ kind: "observed", to: id, entry });
      }
      return { type: "done" };
    },
    show(entry) {
      if (all.size > 0) outbox.add({ kind: "observed", to: null, entry: entry() });
    },
    keeps(channel, bytes) {
      if (controller === null) return false;
      const queue = kept.get(channel) ?? createByteQueue(KEPT_BYTES_MAX);
      kept.set(channel, queue);
      if (!queue.push(bytes.slice())) queue.wipe();
      return true;
    },
    channelGone(channel) {
      kept.get(channel)?.wipe();
      kept.delete(channel);
    },
    end() {
      for (const queue of kept.values()) queue.wipe();
      kept.clear();
      for (const observer of all.values()) {
        left(observer, "the session is over");
        end(observer.id, "over");
      }
      all.clear();
    },
  };
}
