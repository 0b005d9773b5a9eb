import { SEVERITY } from "../format/index.js";
import type { Parcel } from "../sink.js";
import { nodeOf } from "../told-event.js";

/** Facilities of RFC 5424 for what we tell. */
export const FACILITIES = {
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type Facility = keyof typeof FACILITIES;

export interface SyslogHeader {
  readonly facility: Facility;
  readonly version: string;
  readonly processId: number;
}

/** Of RFC 5424 section 6: what a header field may hold, and how long it may be. */
const HOSTNAME_MAX = 255;
const MSGID_MAX = 32;

/**
 * One message of RFC 5424: `<PRI>1 TIME HOST chaperone PID TYPE [SD] TEXT`. TEXT is UTF-8 without a
 * BOM (parsers of CEF and LEEF look for their first word), and holds no line break.
 */
export function syslogMessage({ event, story, text }: Parcel, header: SyslogHeader): string {
  const priority = FACILITIES[header.facility] * 8 + SEVERITY[story.severity].syslog;
  const host = printable(nodeOf(event), HOSTNAME_MAX);
  const messageId = printable(event.type, MSGID_MAX);
  const data = [
    element("origin", { software: "Chaperone", swVersion: header.version }),
    // RFC 5424 section 7.3.1: rises by one a message; ours is of the session, and begins with 1.
    element("meta", { sequenceId: String(sequenceId(event.sequence)) }),
    // 32473 is the enterprise number of examples (RFC 5612): we have none of our own.
    element("chaperone@32473", {
      id: event.id,
      ...(event.cut === undefined
        ? {}
        : { truncated: "true", untruncatedBytes: String(event.cut.untruncatedBytes) }),
      ...(event.grouped === undefined ? {} : { count: String(event.grouped.count) }),
    }),
  ].join("");
  return `<${priority}>1 ${event.time} ${host} chaperone ${header.processId} ${messageId} ${data} ${text}`;
}

/** The largest value of the field is 2147483647; then it begins anew with 1. */
function sequenceId(sequence: number): number {
  return (sequence % 2_147_483_647) + 1;
}

function printable(text: string, charactersMax: number): string {
  const plain = text.replace(/[^\x21-\x7e]/g, "-").slice(0, charactersMax);
  return plain === "" ? "-" : plain;
}

/** Values escape `"`, `\` and `]` (RFC 5424 section 6.3.3). */
export function element(id: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(
    ([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, (found) => `\\${found}`)}"`,
  );
  return `[${id}${pairs.join("")}]`;
}
