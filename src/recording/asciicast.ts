import { StringDecoder } from "node:string_decoder";
import { isoMicros } from "../events/index.js";
import { MICROS_PER_SECOND, type Micros, type WallMicros } from "../kernel/index.js";
import type { RecordEntry, SessionFacts } from "../model/index.js";

/** The start of a recording: what replay needs to know besides the bytes. */
export type RecordStart = Extract<RecordEntry, { type: "start" }>;

/** One recording as text, entry by entry. */
export interface Asciicast {
  /** The lines of an entry, newlines included; "" for bytes that end within a character. */
  encode(entry: Exclude<RecordEntry, RecordStart>): string;
}

/** What stands in a recording where something was left out of it. */
export const HIDDEN_LABEL = "input hidden";

/**
 * asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): a header, then one event a line.
 * Times are seconds since the start entry.
 */
export function createAsciicast(startAt: Micros): Asciicast {
  // One decoder each: a character that is cut by the network is written when it is whole.
  const output = new StringDecoder("utf8");
  const input = new StringDecoder("utf8");

  function line(at: Micros, code: "o" | "i" | "m" | "r", data: string): string {
    if (data === "") return "";
    const seconds = Math.max(0, (at - startAt) / MICROS_PER_SECOND);
    return `[${seconds.toFixed(6)}, "${code}", ${JSON.stringify(data)}]\n`;
  }

  return {
    encode(entry) {
      switch (entry.type) {
        case "output":
          return line(entry.at, "o", output.write(lend(entry.bytes)));
        case "input":
          return line(entry.at, "i", input.write(lend(entry.bytes)));
        case "hidden":
          return line(entry.at, "m", HIDDEN_LABEL);
        case "resize":
          return line(entry.at, "r", `${entry.columns}x${entry.rows}`);
        case "mark":
          return line(entry.at, "m", entry.label);
        case "instruction":
        case "request":
        case "socket":
        case "message":
        case "view":
          return ""; // desktops and requests are recorded in other formats
        case "content":
        case "content-end":
          return ""; // in files of their own
        case "end":
          return line(entry.at, "i", input.end()) + line(entry.at, "o", output.end());
      }
    },
  };
}

export interface HeaderFacts {
  readonly session: SessionFacts;
  readonly channel: number;
  readonly wall: WallMicros;
}

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** The header line. Players ignore the key `chaperone`; replay needs it. */
export function encodeHeader(start: RecordStart, facts: HeaderFacts): string {
  const { session, wall } = facts;
  const title = `${session.person.name} as ${session.account} on ${session.target.name}`;
  return `${JSON.stringify({
    version: 2,
    // Clients without a terminal of their own say 0x0, which no player can show.
    width: start.columns || COLUMNS_DEFAULT,
    height: start.rows || ROWS_DEFAULT,
    timestamp: Math.floor(wall / MICROS_PER_SECOND),
    title,
    env: { TERM: start.term },
    ...(start.command === undefined ? {} : { command: start.command }),
    chaperone: ownHeader(facts),
  })}\n`;
}

/** Who it was, where and when: what every recording of ours begins with. */
export function ownHeader({
  session,
  channel,
  wall,
}: HeaderFacts): Readonly<Record<string, unknown>> {
  return {
    session: session.id,
    protocol: session.protocol,
    person: session.person.name,
    groups: session.person.groups,
    account: session.account,
    target: session.target.name,
    address: session.target.address,
    targetLabels: session.target.labels,
    origin: session.origin,
    clientVersion: session.clientVersion,
    ...(session.ticket === undefined ? {} : { ticket: session.ticket }),
    ...(session.person.language === undefined ? {} : { language: session.person.language }),
    channel,
    wall: isoMicros(wall),
  };
}

/** StringDecoder takes a Buffer; this is a view, not a copy. */
function lend(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
