import { isJson } from "../format/index.js";
import type { Parcel } from "../sink.js";
import { nodeOf, sessionOf } from "../told-event.js";

export interface HecLabels {
  readonly index?: string;
  readonly sourcetype: string;
}

/**
 * One event of the HTTP Event Collector. `fields` are indexed and named as the Common Information
 * Model has them, so that searches over `user`, `src`, `dest`, `action`, `signature` find our events.
 */
export function hecEvent(parcel: Parcel, { index, sourcetype }: HecLabels): string {
  const { event, format, text } = parcel;
  const envelope = JSON.stringify({
    time: event.timeMs / 1_000,
    host: nodeOf(event),
    source: "chaperone",
    sourcetype,
    ...(index === undefined ? {} : { index }),
    fields: fieldsOf(parcel),
  });
  // The event is JSON already; parsing it to print it again would double the work.
  return `${envelope.slice(0, -1)},"event":${isJson(format) ? text : JSON.stringify(text)}}`;
}

function fieldsOf({ id, event, story }: Parcel): Readonly<Record<string, string>> {
  const session = sessionOf(event);
  const fields: Readonly<Record<string, string | undefined>> = {
    event_id: id,
    event_type: event.type,
    session_id: session?.id,
    user: session?.person ?? story.person,
    src: session?.origin ?? story.origin,
    dest: session?.target,
    app: "chaperone",
    action: story.action,
    severity: story.severity,
    signature: story.rule?.name ?? story.name,
    signature_id: story.rule?.id ?? event.type,
    vendor_product: "Chaperone",
  };
  return Object.fromEntries(
    Object.entries(fields).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "",
    ),
  );
}
