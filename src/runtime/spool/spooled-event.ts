import {
  readEnvelope,
  SESSION_PROTOCOLS,
  type EventText,
  type SessionRef,
} from "../../events/index.js";
import { wallMicros, type WallMicros } from "../../kernel/index.js";

/** An event as it is read back from a segment or from the event file. */
export interface SpooledEvent extends EventText {
  readonly wall: WallMicros;
  /** Parsed when it is first asked for: of most events nobody asks. Empty when it is no JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

const TYPE = /^io\.chaperone\.(?<name>[a-z.-]+)\.v\d+$/;

/**
 * An event whose checksum was found right: that it is JSON is not asked again. Null for what no process of ours
 * writes.
 */
export function readSpooledEvent(line: Buffer): SpooledEvent | null {
  const end = line.at(-1) === NEWLINE ? line.length - 1 : line.length;
  const event = readEnvelope(line.toString("utf8", 0, end));
  return event === null ? parseSpooledEvent(line) : new WrittenEvent(event);
}

/** Null for bytes that are no event of ours: a torn line, or zeros after a power loss. */
export function parseSpooledEvent(line: Uint8Array): SpooledEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8"));
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { data, ...envelope } = value;
  const { id, subject, sequence, type, time } = envelope;
  const name = typeof type === "string" ? TYPE.exec(type)?.groups?.["name"] : undefined;
  if (typeof subject !== "string" || !Number.isSafeInteger(sequence)) return null;
  if (name === undefined || typeof time !== "string" || !isRecord(data)) return null;
  const told = JSON.stringify(data);
  // Data last, as every event of ours has it.
  const text = JSON.stringify({ ...envelope, data });
  return new WrittenEvent({
    id: typeof id === "string" ? id : `${subject}-${String(sequence)}`,
    type: name,
    subject,
    time,
    sequence: Number(sequence),
    text,
    dataAt: text.length - 1 - told.length,
  });
}

/** The session as its `session.opened` tells it; null when the event has none. */
export function sessionRefOf(event: SpooledEvent): SessionRef | null {
  const session = event.data["session"];
  if (!isRecord(session)) return null;
  const { id, protocol, person, account, target, origin } = session;
  const texts = [id, person, account, target, origin].every((text) => typeof text === "string");
  // The check above and on `protocol` is the whole of SessionRef.
  return texts && SESSION_PROTOCOLS.some((known) => known === protocol)
    ? (session as unknown as SessionRef)
    : null;
}

const NEWLINE = 0x0a;

class WrittenEvent implements SpooledEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly sequence: number;
  readonly text: string;
  readonly dataAt: number;
  #data: Readonly<Record<string, unknown>> | null = null;

  constructor({ id, type, subject, time, sequence, text, dataAt }: EventText) {
    this.id = id;
    this.type = type;
    this.subject = subject;
    this.time = time;
    this.sequence = sequence;
    this.text = text;
    this.dataAt = dataAt;
  }

  get wall(): WallMicros {
    return parseWall(this.time);
  }

  get data(): Readonly<Record<string, unknown>> {
    this.#data ??= parseData(this.text.slice(this.dataAt, -1));
    return this.#data;
  }
}

function parseData(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** `2026-11-20T18:57:23.123456Z`; Date alone would drop the microseconds. */
function parseWall(time: string): WallMicros {
  const ms = Date.parse(`${time.slice(0, 23)}Z`);
  const rest = Number(time.slice(23, 26));
  return wallMicros(Number.isNaN(ms) ? 0 : ms * 1_000 + (Number.isNaN(rest) ? 0 : rest));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
