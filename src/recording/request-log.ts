import { MICROS_PER_SECOND, type Micros } from "../kernel/index.js";
import type { RecordedRequest, RecordEntry, WebBody } from "../model/index.js";
import { ownHeader, type HeaderFacts, type RecordStart } from "./asciicast.js";

/** What waits for the disk: some requests with two bodies each, which come at once. */
export const LOG_BUFFER_BYTES_MAX = 4 * 1024 * 1024;

/** The number of this format in the header; readers refuse later ones. The first had no WebSockets. */
export const LOG_VERSION = 2;

type Entry = Exclude<RecordEntry, RecordStart>;

/**
 * The requests of a web session, as lines of JSON: a header, then one line for each request when it is
 * over, for each page that was looked at, and for each gap; of a WebSocket the messages of which are kept
 * one when it opens, and one for each message. `har.ts` makes a HAR of it.
 */
export function encodeLogHeader(_start: RecordStart, facts: HeaderFacts): string {
  const { session } = facts;
  return `${JSON.stringify({
    format: "chaperone-requests",
    version: LOG_VERSION,
    title: `${session.person.name} as ${session.account} on ${session.target.name}`,
    chaperone: ownHeader(facts),
  })}\n`;
}

/** The line of an entry, times in seconds since `startAt`; "" for what has none. */
export function createRequestLog(
  startAt: Micros,
  parts: "all" | "shown" | "typed",
): (entry: Entry) => string {
  return (entry) => {
    const t = Math.max(0, (entry.at - startAt) / MICROS_PER_SECOND);
    if (entry.type === "request") return lineOf(of(t, entry.request, parts));
    if (entry.type === "message") {
      const { number: n, message } = entry;
      const apart = parts !== "all" && (parts === "typed") !== (message.of === "person");
      return apart ? "" : lineOf({ t, message: { n, ...message } });
    }
    if (entry.type === "socket") {
      return parts === "typed" ? "" : lineOf({ t, socket: of(t, entry.request, parts) });
    }
    if (entry.type === "view") return parts === "typed" ? "" : lineOf({ t, view: entry.view });
    // Others are of terminals and desktops.
    return entry.type === "mark" ? lineOf({ t, mark: entry.label }) : "";
  };
}

/** Something of it was typed by the person. */
export function hasTyped(entry: Entry): boolean {
  if (entry.type === "message") return entry.message.of === "person";
  return entry.type === "request" && entry.request.bodies.some(isTyped);
}

function of(t: number, request: RecordedRequest, parts: "all" | "shown" | "typed"): object {
  const { number, bodies } = request;
  if (parts === "typed") return { t, n: number, bodies: bodies.filter(isTyped) };
  const kept = parts === "all" ? bodies : bodies.filter((body) => !isTyped(body));
  const { protocol, url, asked, answered, headMs, method, outcome, decision, rules } = request;
  // Written out, what is absent as `undefined`, which JSON leaves out: this is done for every request.
  const shown = kept.length === 0 ? undefined : kept;
  return {
    t,
    n: number,
    protocol,
    url,
    asked,
    answered,
    headMs,
    method,
    outcome,
    decision,
    rules,
    bodies: shown,
  };
}

function isTyped({ of: whose }: WebBody): boolean {
  return whose === "request";
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
