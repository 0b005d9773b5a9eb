import { SESSION_PROTOCOLS, type SessionRef } from "../../events/index.js";
import { wallMicros, type WallMicros } from "../../kernel/index.js";

/** An event as it is read back from a segment or from the event file. */
export interface SpooledEvent {
  readonly subject: string;
  readonly sequence: number;
  /** Without prefix and version: `session.opened`. */
  readonly type: string;
  readonly wall: WallMicros;
  readonly data: Readonly<Record<string, unknown>>;
}

const TYPE = /^io\.chaperone\.(?<name>[a-z.-]+)\.v\d+$/;

/** Null for bytes that are no event of ours: a torn line, or zeros after a power loss. */
export function parseSpooledEvent(line: Uint8Array): SpooledEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8"));
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { subject, sequence, type, time, data } = value;
  const name = typeof type === "string" ? TYPE.exec(type)?.groups?.["name"] : undefined;
  if (typeof subject !== "string" || !Number.isSafeInteger(sequence)) return null;
  if (name === undefined || typeof time !== "string" || !isRecord(data)) return null;
  return { subject, sequence: Number(sequence), type: name, wall: parseWall(time), data };
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

/** `2026-11-20T18:57:23.123456Z`; Date alone would drop the microseconds. */
function parseWall(time: string): WallMicros {
  const ms = Date.parse(`${time.slice(0, 23)}Z`);
  const rest = Number(time.slice(23, 26));
  return wallMicros(Number.isNaN(ms) ? 0 : ms * 1_000 + (Number.isNaN(rest) ? 0 : rest));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
