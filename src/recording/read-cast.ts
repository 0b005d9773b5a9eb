import { err, fault, ok, type Fault, type Place, type Result } from "../kernel/index.js";

/** A recording as it was written: what its header tells, and what happened when. */
export interface Cast {
  readonly header: CastHeader;
  readonly events: readonly CastEvent[];
  /** The last line was torn (a crash while it was written) and is left out. */
  readonly torn: boolean;
}

export interface CastHeader {
  readonly session: string;
  /** "" in recordings of older versions: SSH. */
  readonly protocol: string;
  readonly person: string;
  readonly groups: readonly string[];
  readonly account: string;
  readonly target: string;
  /** `host:port` or `embedded`; "" in recordings of older versions. */
  readonly address: string;
  readonly targetLabels: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly clientVersion: string;
  readonly ticket?: string;
  readonly language?: string;
  readonly channel: number;
  /** Of the first moment, milliseconds UTC with fractions. */
  readonly wallMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly term: string;
  /** The exec command that owns the terminal. */
  readonly command?: string;
}

export interface CastEvent {
  readonly seconds: number;
  readonly code: "o" | "i" | "m" | "r";
  readonly data: string;
}

/** A longer recording is read in parts by a player, not as a whole by us. */
export const CAST_CHARS_MAX = 512 * 1024 * 1024;

/** Reads asciicast v2 as `createAsciicast` writes it; what is torn at the end is left out. */
export function readCast(file: string, text: string): Result<Cast, Fault> {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  const header = readHeader(lines[0] ?? last);
  const refuse = (message: string, line: number): Result<Cast, Fault> =>
    err(fault("CHP_RECORDING_READ", message, { file, line, column: 1 } satisfies Place));
  if (typeof header === "string") return refuse(header, 1);
  const events: CastEvent[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === "") continue;
    const event = readEvent(line);
    if (event === undefined) return refuse("not an event of an asciicast", index + 1);
    // Other codes are allowed by the format and mean nothing to us.
    if (event !== null) events.push(event);
  }
  return ok({ header, events, torn: last !== "" });
}

/** What is wrong with it, or what it says. */
export function readHeader(line: string): CastHeader | string {
  const head = parseObject(line);
  if (head === null || head["version"] !== 2) return "not an asciicast of version 2";
  const own = objectOf(head["chaperone"]);
  if (own === null)
    return "a recording of another program: it does not tell who typed, where and when";
  const wallMs = Date.parse(textOf(own["wall"]));
  if (Number.isNaN(wallMs)) return "the header does not tell when the recording begins";
  const optional = (key: "ticket" | "language"): { [key: string]: string } =>
    typeof own[key] === "string" ? { [key]: own[key] } : {};
  return {
    session: textOf(own["session"]),
    protocol: textOf(own["protocol"]),
    person: textOf(own["person"]),
    groups: Array.isArray(own["groups"]) ? own["groups"].map(textOf) : [],
    account: textOf(own["account"]),
    target: textOf(own["target"]),
    address: textOf(own["address"]),
    targetLabels: Object.fromEntries(
      Object.entries(objectOf(own["targetLabels"]) ?? {}).map(([key, one]) => [key, textOf(one)]),
    ),
    origin: textOf(own["origin"]),
    clientVersion: textOf(own["clientVersion"]),
    channel: numberOf(own["channel"], 0),
    wallMs,
    columns: numberOf(head["width"], 80),
    rows: numberOf(head["height"], 24),
    term: textOf(objectOf(head["env"])?.["TERM"]),
    ...(typeof head["command"] === "string" ? { command: head["command"] } : {}),
    ...optional("ticket"),
    ...optional("language"),
  };
}

/** Undefined: no event at all; null: an event of a kind that is not ours. */
function readEvent(line: string): CastEvent | null | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // not JSON: the caller names the line
  }
  if (!Array.isArray(value)) return undefined;
  const [seconds, code, data] = value as readonly unknown[]; // an array of anything
  if (typeof seconds !== "number" || typeof code !== "string" || typeof data !== "string")
    return undefined;
  return code === "o" || code === "i" || code === "m" || code === "r"
    ? { seconds, code, data }
    : null;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return null; // not JSON: the caller says what it should have been
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>) // an object whose values are looked at one by one
    : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}
