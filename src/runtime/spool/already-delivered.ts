import type { OpenSessions } from "./open-sessions.js";
import { parseSpooledEvent, type SpooledEvent } from "./spooled-event.js";

/** What stood in the event file, or in the outbox, beyond the cursor when the sidecar started. */
export interface AlreadyDelivered {
  has(event: SpooledEvent): boolean;
}

/**
 * Reads what stands beyond the cursor. One number per subject is enough: the events of a subject
 * stand there in the order of their sequence. `sessions` observes them, where it is given.
 */
export function readAlreadyDelivered(
  lines: Iterable<Buffer>,
  sessions?: OpenSessions,
): AlreadyDelivered {
  const last = new Map<string, number>();
  for (const line of lines) {
    const event = parseSpooledEvent(line);
    if (event === null) continue;
    last.set(event.subject, Math.max(last.get(event.subject) ?? -1, event.sequence));
    sessions?.observe(event, "");
  }
  return { has: (event) => event.sequence <= (last.get(event.subject) ?? -1) };
}
