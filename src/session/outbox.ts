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
  return new StepOutbox(facts, firstSequence);
}

class StepOutbox implements Outbox {
  #effects: Effect[] = [];
  #sequence: number;
  #stamp: Stamp = { at: 0 as Micros, wall: 0 as WallMicros };
  readonly session: SessionRef;

  constructor(facts: SessionFacts, firstSequence: number) {
    this.#sequence = firstSequence;
    this.session = refOf(facts);
  }

  add(effect: Effect): void {
    this.#effects.push(effect);
  }

  get at(): Micros {
    return this.#stamp.at;
  }

  get wall(): WallMicros {
    return this.#stamp.wall;
  }

  begin(next: Stamp): void {
    this.#stamp = next;
  }

  emit(event: EventDraft): void {
    this.add({ kind: "emit", event, sequence: this.#sequence++ });
  }

  toTarget(channel: ChannelId, bytes: Uint8Array): void {
    this.add({ kind: "send-to-target", channel, bytes });
  }

  toPerson(channel: ChannelId, bytes: Uint8Array, stream: "stdout" | "stderr" = "stdout"): void {
    this.add({ kind: "send-to-person", channel, stream, bytes });
  }

  setTimer(timer: TimerName, channel: ChannelId | null, at: Micros): void {
    this.add({ kind: "set-timer", timer, channel, at });
  }

  clearTimer(timer: TimerName, channel: ChannelId | null): void {
    this.add({ kind: "clear-timer", timer, channel });
  }

  closeChannel(channel: ChannelId, exit: Exit): void {
    this.add({ kind: "close-channel", channel, exit });
  }

  take(): readonly Effect[] {
    const taken = this.#effects;
    this.#effects = [];
    return taken;
  }
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
