import type { EventDraft, SessionRef } from "../../events/index.js";
import type { WallMicros } from "../../kernel/index.js";
import type { SessionFacts } from "../../model/index.js";
import { addToTally, emptyTally, type SessionTally } from "../spool/session-tally.js";

/** What a session has told so far: enough to end its story in order when the machine can not. */
export interface Told {
  /** Of the next event. */
  readonly nextSequence: number;
  /** `session.opened` was told and `session.closed` was not. */
  readonly open: boolean;
  add(event: EventDraft, sequence: number, wall: WallMicros): void;
  /** The events that close the story: why it failed (when it did), and that it is over. */
  ending(wall: WallMicros, reason: string, failed: boolean): readonly EventDraft[];
}

export function createTold(facts: SessionFacts, firstSequence: number): Told {
  const tally = emptyTally();
  let nextSequence = firstSequence;
  let openedAt: WallMicros | null = null;
  let closed = false;

  return {
    get nextSequence() {
      return nextSequence;
    },
    get open() {
      return openedAt !== null && !closed;
    },
    add(event, sequence, wall) {
      nextSequence = sequence + 1;
      if (event.type === "session.opened") openedAt = wall;
      if (event.type === "session.closed") closed = true;
      addToTally(tally, event.type, event.data);
    },
    ending(wall, reason, failed) {
      const session = sessionRef(facts);
      const events: EventDraft[] = [];
      if (failed) {
        events.push({ type: "session.failed", data: { session, reason, by: "sidecar" } });
      }
      if (openedAt !== null && !closed) {
        events.push(closedEvent({ session, reason, durationMs: elapsedMs(openedAt, wall), tally }));
      }
      return events;
    },
  };
}

export function closedEvent(facts: {
  readonly session: SessionRef;
  readonly reason: string;
  readonly durationMs: number;
  readonly tally: Readonly<SessionTally>;
}): EventDraft {
  const { session, reason, durationMs, tally } = facts;
  const { channels, commands, blocked, reauths, toTarget, toPerson } = tally;
  return {
    type: "session.closed",
    data: {
      session,
      reason,
      durationMs,
      bytes: { toTarget, toPerson },
      counts: { channels, commands, blocked, reauths },
      // Whoever ends the story of a session that could not end it does not know them.
      blindSpans: [],
    },
  };
}

export function sessionRef(facts: SessionFacts): SessionRef {
  return {
    id: facts.id,
    protocol: facts.protocol,
    person: facts.person.name,
    account: facts.account,
    target: facts.target.name,
    origin: facts.origin,
  };
}

/** Never negative, even when the system clock was set back. */
export function elapsedMs(from: WallMicros, until: WallMicros): number {
  return Math.max(0, Math.round((until - from) / 1_000));
}
