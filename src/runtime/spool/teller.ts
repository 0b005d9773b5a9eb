import { encodeEvent, wrapEvent, type EventDraft } from "../../events/index.js";
import { describeFault } from "../../kernel/index.js";
import type { Clock } from "../clock/index.js";
import { closedEvent, elapsedMs } from "../pump/told.js";
import type { Delivery } from "./delivery.js";
import type { RuntimeLog } from "./ports.js";
import type { SpoolWriter } from "./spool-writer.js";

/** What the parent itself tells: about the sidecar, and the end of sessions that can not tell it. */
export interface Teller {
  /** False when the event could not be kept: then nothing that it describes may be done. */
  tell(event: EventDraft): boolean;
  /** `session.closed` for a session that is told as opened and will tell nothing more. */
  closeSession(id: string, reason: string): void;
}

export interface TellerDeps {
  readonly clock: Clock;
  readonly spool: SpoolWriter;
  readonly delivery: Delivery;
  readonly log: RuntimeLog;
}

export interface TellerOptions {
  readonly source: string;
  /** `sidecar-<boot id>`: a sequence of its own for every run. */
  readonly subject: string;
}

export function createTeller(deps: TellerDeps, options: TellerOptions): Teller {
  let nextSequence = 0;
  /** Told, and perhaps not delivered yet: must not be told again. */
  const closing = new Set<string>();

  function append(event: EventDraft, subject: string, sequence: number): boolean {
    const facts = { source: options.source, subject, sequence, wall: deps.clock.wall() };
    const appended = deps.spool.append(encodeEvent(wrapEvent(event, facts)));
    if (!appended.ok) {
      deps.log.error("sidecar-event-lost", {
        type: event.type,
        fault: describeFault(appended.error),
      });
    }
    return appended.ok;
  }

  return {
    tell(event) {
      const kept = append(event, options.subject, nextSequence);
      if (kept) nextSequence += 1;
      return kept;
    },
    closeSession(id, reason) {
      const session = deps.delivery.sessions.get(id);
      for (const one of closing) if (!deps.delivery.sessions.has(one)) closing.delete(one);
      if (session === undefined || closing.has(id)) return;
      const { ref, openedAt, sequence, tally } = session;
      const durationMs = elapsedMs(openedAt, deps.clock.wall());
      const event = closedEvent({ session: ref, reason, durationMs, tally });
      if (append(event, id, sequence + 1)) closing.add(id);
    },
  };
}
