import type { ChannelId } from "../../../kernel/index.js";
import {
  serializeInstruction,
  type CommandOutcome,
  type Input,
  type Observer,
} from "../../../model/index.js";
import {
  createObservers,
  type Observers,
  type Outbox,
  type SessionSeed,
} from "../../../session/index.js";
import { createPictures, type Pictures } from "./pictures.js";

/**
 * Those who look on at a desktop. Each gets it from guacd itself, which draws it for them from an empty
 * screen on; here only pictures are let through.
 */
export interface WatchDesk {
  readonly names: readonly string[];
  change(id: string, observer: Observer | null): CommandOutcome;
  drawn(input: Extract<Input, { kind: "watched" }>): void;
  /** The session is over. */
  end(): void;
}

export function createWatchDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly channel: ChannelId;
  readonly tellPerson: (text: string) => void;
}): WatchDesk {
  const { outbox, channel } = deps;
  const shown = new Map<string, Pictures>();
  const observers: Observers = createObservers({
    ...deps,
    screens: () => [],
    givenBack: () => undefined,
  });

  function change(id: string, observer: Observer | null): CommandOutcome {
    if (observer?.mode === "control") return { type: "refused", reason: NO_KEYBOARD };
    const outcome = observers.change(id, observer);
    if (outcome.type !== "done") return outcome;
    if (observer === null) shown.delete(id);
    else shown.set(id, createPictures());
    outbox.add({ kind: "look-on", observer: id, on: observer !== null });
    return outcome;
  }

  return {
    get names() {
      return observers.names;
    },
    change,
    drawn({ observer: id, drawn }) {
      const pictures = shown.get(id);
      if (pictures === undefined) return;
      const { at } = outbox;
      if (drawn === null) {
        change(id, null);
        outbox.add({ kind: "observed", to: id, entry: { at, type: "end", reason: "over" } });
        return;
      }
      let text = "";
      for (const one of drawn) if (pictures.draws(one)) text += serializeInstruction(one);
      if (text === "") return;
      outbox.add({ kind: "observed", to: id, entry: { at, type: "drawn", channel, text } });
    },
    end() {
      observers.end();
      shown.clear();
    },
  };
}

const NO_KEYBOARD = "the keyboard of a desktop can not be taken";
