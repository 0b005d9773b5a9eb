import { withoutUndefined } from "./fields.js";
import type { ToldEvent } from "../told-event.js";

/**
 * CloudEvents 1.0.2, structured JSON: the form in which events are kept. `sequence` and the marks
 * below are extension attributes (lower-case letters and digits, as the specification asks).
 */
export function toCloudEvent(event: ToldEvent): Readonly<Record<string, unknown>> {
  const { grouped, cut } = event;
  return withoutUndefined({
    specversion: "1.0",
    id: event.id,
    source: event.source,
    type: `io.chaperone.${event.type}.v1`,
    subject: event.subject,
    time: event.time,
    datacontenttype: "application/json",
    sequence: event.sequence,
    // Keeps the events of a session together where a broker has partitions.
    partitionkey: event.subject,
    truncated: cut === undefined ? undefined : true,
    untruncatedbytes: cut?.untruncatedBytes,
    truncatedfields: cut?.fields.join(","),
    count: grouped?.count,
    firstid: grouped?.firstId,
    data: event.data,
  });
}
