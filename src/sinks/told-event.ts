import { PRIVACY, type EventData, type EventType, type SessionRef } from "../events/index.js";

interface ToldFacts {
  /** Of subject and sequence: the same for every copy of this event. */
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339 with microseconds. */
  readonly time: string;
  /** The same in milliseconds since the epoch. */
  readonly timeMs: number;
  readonly sequence: number;
  /** Set on the last of several events that a sink tells as one. */
  readonly grouped?: Grouping;
  /** Set when texts were shortened for a sink that takes no longer ones. */
  readonly cut?: Cut;
}

/** Further events like this one, which are not told one by one. */
export interface Grouping {
  /** Events that this one stands for, itself included. */
  readonly count: number;
  readonly firstId: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface Cut {
  /** Bytes of the event's JSON before anything was taken away. */
  readonly untruncatedBytes: number;
  /** Paths within `data`, as `text` or `invocations.0.argv.1`. */
  readonly fields: readonly string[];
}

/** An event as sinks see it: read back from the spool, its type known. */
export type ToldEvent = {
  [T in EventType]: ToldFacts & { readonly type: T; readonly data: Readonly<EventData[T]> };
}[EventType];

export type ToldEventOf<T extends EventType> = Extract<ToldEvent, { readonly type: T }>;

const TYPE = /^io\.chaperone\.(?<name>[a-z.-]+)\.v\d+$/;

/**
 * The type of an event whose line was found undamaged (spaces stand where its checksum was), without parsing it;
 * null where only a parser can say.
 */
export function typeOfLine(line: Uint8Array): string | null {
  const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.byteLength, HEAD_BYTES));
  return HEAD.exec(head.toString("latin1"))?.[1] ?? null;
}

/** Id and source before the type are seldom half as long. */
const HEAD_BYTES = 512;
const HEAD =
  /^ {9}\{"specversion":"1\.0","id":"[^"\\]*","source":"[^"\\]*","type":"io\.chaperone\.([a-z.-]+)\.v\d+"/;

/** Null for a line that is no event of this catalog (damage, or a type of another release). */
export function readToldEvent(line: Uint8Array): ToldEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8"));
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { id, source, subject, time, sequence, data } = value;
  const type = TYPE.exec(textOf(value["type"]))?.groups?.["name"] ?? "";
  if (!(type in PRIVACY) || typeof id !== "string" || typeof source !== "string") return null;
  if (typeof subject !== "string" || typeof time !== "string" || !isRecord(data)) return null;
  if (!Number.isSafeInteger(sequence)) return null;
  const timeMs = Date.parse(`${time.slice(0, 23)}Z`);
  if (Number.isNaN(timeMs)) return null;
  // `data` was written by wrapEvent of this catalog; its type is the one checked above.
  return { id, source, subject, time, timeMs, sequence, type, data } as unknown as ToldEvent;
}

/** Who and where, for events of a session. */
export function sessionOf(event: ToldEvent): SessionRef | undefined {
  if (!("session" in event.data)) return undefined;
  const { session } = event.data;
  return typeof session === "object" ? session : undefined;
}

/** The last part of `/chaperone/<site>/<node>`. */
export function nodeOf(event: ToldEvent): string {
  return event.source.slice(event.source.lastIndexOf("/") + 1);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
