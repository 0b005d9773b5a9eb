import { plainJson, type WallMicros } from "../kernel/index.js";
import type { EventDraft } from "./data.js";
import { withoutSecrets } from "./privacy.js";

export const TYPE_PREFIX = "io.chaperone.";
export const TYPE_SUFFIX = ".v1";

export interface EnvelopeFacts {
  /** `/chaperone/<site>/<node>` */
  readonly source: string;
  /** The session's id, or `sidecar` for facts about the sidecar itself. */
  readonly subject: string;
  /** Rises by one per subject and run, without gaps, from 0. */
  readonly sequence: number;
  readonly wall: WallMicros;
}

/** A CloudEvents 1.0 event in JSON form (https://github.com/cloudevents/spec, v1.0.2). */
export interface EventEnvelope {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The id is made of subject and sequence, so that a receiver of a repeated event can tell. */
export function wrapEvent(draft: EventDraft, facts: EnvelopeFacts): EventEnvelope {
  return {
    specversion: "1.0",
    id: `${facts.subject}-${facts.sequence}`,
    source: facts.source,
    type: TYPE_PREFIX + draft.type + TYPE_SUFFIX,
    subject: facts.subject,
    time: isoMicros(facts.wall),
    datacontenttype: "application/json",
    sequence: facts.sequence,
    data: withoutSecrets(draft),
  };
}

/** One NDJSON line, newline included, that can be read in a terminal: no control character is left in it. */
export function encodeEvent(event: EventEnvelope): string {
  return `${plainJson(JSON.stringify(event))}\n`;
}

/** RFC 3339 with microseconds: `2026-11-20T18:57:23.123456Z`. */
export function isoMicros(wall: WallMicros): string {
  const ms = Math.floor(wall / 1_000);
  const rest = String(wall - ms * 1_000).padStart(3, "0");
  return `${new Date(ms).toISOString().slice(0, -1)}${rest}Z`;
}
