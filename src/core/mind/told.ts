import { factsOf, type Facts } from "../facts.js";

/** An event as the core reads it: of a sidecar of any version, or of a PAM core. */
export interface Told {
  readonly id: string;
  readonly source: string;
  /** Without prefix and version: `session.opened`. */
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly data: Facts;
}

const TYPE = /^io\.chaperone\.(?<name>[a-z.-]+)\.v\d+$/;

/**
 * A sidecar whose clock is ahead must not make the core forget what it takes for long ago: what is told
 * of a time later than this is taken to have happened now.
 */
const AHEAD_MS = 10 * 60_000;

/** Null for a line that is no event; types that are not known are let through. `now`: ms. */
export function readTold(line: string, now: number): Told | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const event = factsOf(value);
  if (event === null) return null;
  const type = TYPE.exec(event.text("type"))?.groups?.["name"];
  const at = Date.parse(event.text("time"));
  const id = event.text("id");
  if (type === undefined || id === "" || Number.isNaN(at)) return null;
  return {
    id,
    type,
    at: at > now + AHEAD_MS ? now : at,
    source: event.text("source"),
    subject: event.text("subject"),
    sequence: event.count("sequence"),
    data: event.facts("data"),
  };
}
