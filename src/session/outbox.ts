import type { EventDraft, SessionRef } from "../events/index.js";
import type { ChannelId, Micros, WallMicros } from "../kernel/index.js";
import type { Effect, Exit, SessionFacts, Stamp, TimerName } from "../model/index.js";

/**
 * Collects the effects of one step in the order in which they have to be carried out, and numbers the
 * events of the session without gaps.
 */
export interface Outbox {
  readonly at: Micros;
  readonly wall: WallMicros;
  /** The session as every event names it. */
  readonly session: SessionRef;
  begin(stamp: Stamp): void;
  emit(event: EventDraft): void;
  add(effect: Effect): void;
  toTarget(channel: ChannelId, bytes: Uint8Array): void;
  toPerson(channel: ChannelId, bytes: Uint8Array, stream?: "stdout" | "stderr"): void;
  setTimer(timer: TimerName, channel: ChannelId | null, at: Micros): void;
  clearTimer(timer: TimerName, channel: ChannelId | null): void;
  closeChannel(channel: ChannelId, exit: Exit): void;
  /** The effects since `begin`; the outbox is empty afterwards. */
  take(): readonly Effect[];
}

export function createOutbox(facts: SessionFacts, firstSequence: number): Outbox {
  let effects: Effect[] = [];
  let sequence = firstSequence;
  let stamp: Stamp = { at: 0 as Micros, wall: 0 as WallMicros };
  const session = refOf(facts);
  const add = (effect: Effect): void => {
    effects.push(effect);
  };
  return {
    get at() {
      return stamp.at;
    },
    get wall() {
      return stamp.wall;
    },
    session,
    begin(next) {
      stamp = next;
    },
    emit: (event) => add({ kind: "emit", event, sequence: sequence++ }),
    add,
    toTarget: (channel, bytes) => add({ kind: "send-to-target", channel, bytes }),
    toPerson: (channel, bytes, stream = "stdout") =>
      add({ kind: "send-to-person", channel, stream, bytes }),
    setTimer: (timer, channel, at) => add({ kind: "set-timer", timer, channel, at }),
    clearTimer: (timer, channel) => add({ kind: "clear-timer", timer, channel }),
    closeChannel: (channel, exit) => add({ kind: "close-channel", channel, exit }),
    take() {
      const taken = effects;
      effects = [];
      return taken;
    },
  };
}

function refOf(facts: SessionFacts): SessionRef {
  return {
    id: facts.id,
    protocol: facts.protocol,
    person: facts.person.name,
    account: facts.account,
    target: facts.target.name,
    origin: facts.origin,
  };
}
