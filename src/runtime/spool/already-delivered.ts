import type { OpenSessions } from "./open-sessions.js";
import type { EventFile, FilePosition } from "./ports.js";
import { parseSpooledEvent, type SpooledEvent } from "./spooled-event.js";

/** What stood in the event file beyond the cursor when the sidecar started. */
export interface AlreadyDelivered {
  has(event: SpooledEvent): boolean;
}

/**
 * Reads the event file from the cursor on. One number per subject is enough: the events of a subject
 * stand in the file in the order of their sequence.
 */
export function readAlreadyDelivered(
  file: EventFile,
  cursor: FilePosition | null,
  sessions: OpenSessions,
): AlreadyDelivered {
  const last = new Map<string, number>();
  for (const line of file.linesAfter(cursor)) {
    const event = parseSpooledEvent(line);
    if (event === null) continue;
    last.set(event.subject, Math.max(last.get(event.subject) ?? -1, event.sequence));
    sessions.observe(event, "");
  }
  return { has: (event) => event.sequence <= (last.get(event.subject) ?? -1) };
}
