import type { SessionRef } from "../../events/index.js";
import type { WallMicros } from "../../kernel/index.js";
import { addToTally, emptyTally, type SessionTally } from "./session-tally.js";
import { sessionRefOf, type SpooledEvent } from "./spooled-event.js";

/** A session that has been told as opened and not yet as closed. */
export interface OpenSession {
  readonly ref: SessionRef;
  readonly openedAt: WallMicros;
  /** Who writes its events. */
  readonly stream: string;
  /** Of its last event. */
  sequence: number;
  readonly tally: SessionTally;
}

/** Which sessions are open, as far as the delivered events tell. */
export interface OpenSessions {
  readonly all: ReadonlyMap<string, OpenSession>;
  observe(event: SpooledEvent, stream: string): void;
  /** What changed since the last call: the session now, or null when it was closed. */
  takeChanges(): ReadonlyMap<string, OpenSession | null>;
  restore(id: string, session: OpenSession | null): void;
}

export function createOpenSessions(): OpenSessions {
  const all = new Map<string, OpenSession>();
  let changed = new Set<string>();

  return {
    all,
    observe(event, stream) {
      if (event.type === "session.opened") {
        const ref = sessionRefOf(event);
        if (ref === null) return;
        const { sequence, wall, subject } = event;
        // Not the subject, which is a view on the text of the whole event and would keep it.
        const id = ref.id === subject ? ref.id : subject;
        all.set(id, { ref, openedAt: wall, stream, sequence, tally: emptyTally() });
        changed.add(id);
        return;
      }
      const session = all.get(event.subject);
      if (session === undefined) return;
      changed.add(event.subject);
      if (event.type === "session.closed") {
        all.delete(event.subject);
        return;
      }
      session.sequence = event.sequence;
      addToTally(session.tally, event);
    },
    takeChanges() {
      const changes = new Map([...changed].map((id) => [id, all.get(id) ?? null]));
      changed = new Set();
      return changes;
    },
    restore(id, session) {
      if (session === null) all.delete(id);
      else all.set(id, session);
    },
  };
}
