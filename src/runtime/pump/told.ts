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
  return new ToldCounts(facts, firstSequence);
}

class ToldCounts implements Told {
  readonly #facts: SessionFacts;
  readonly #tally = emptyTally();
  #nextSequence: number;
  #openedAt: WallMicros | null = null;
  #closed = false;

  constructor(facts: SessionFacts, firstSequence: number) {
    this.#facts = facts;
    this.#nextSequence = firstSequence;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  get open(): boolean {
    return this.#openedAt !== null && !this.#closed;
  }

  add(event: EventDraft, sequence: number, wall: WallMicros): void {
    this.#nextSequence = sequence + 1;
    if (event.type === "session.opened") this.#openedAt = wall;
    if (event.type === "session.closed") this.#closed = true;
    addToTally(this.#tally, event);
  }

  ending(wall: WallMicros, reason: string, failed: boolean): readonly EventDraft[] {
    const session = sessionRef(this.#facts);
    const events: EventDraft[] = [];
    if (failed) {
      events.push({ type: "session.failed", data: { session, reason, by: "sidecar" } });
    }
    if (this.#openedAt !== null && !this.#closed) {
      events.push(
        closedEvent({
          session,
          reason,
          durationMs: elapsedMs(this.#openedAt, wall),
          tally: this.#tally,
        }),
      );
    }
    return events;
  }
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
