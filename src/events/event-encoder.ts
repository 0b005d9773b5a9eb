import { plainJson, type WallMicros } from "../kernel/index.js";
import type { EventDraft } from "./data.js";
import { TYPE_PREFIX, TYPE_SUFFIX } from "./envelope.js";
import { isKeptField } from "./privacy.js";

/** The events of one subject as lines: what is the same in all of them is written once. */
export interface EventEncoder {
  /** The same bytes as `encodeEvent(wrapEvent(...))`, at less than half its time. */
  encode(draft: EventDraft, sequence: number, wall: WallMicros): string;
}

export function createEventEncoder(facts: {
  readonly source: string;
  readonly subject: string;
}): EventEncoder {
  const subject = JSON.stringify(facts.subject);
  const id = subject.slice(0, -1);
  const source = `","source":${JSON.stringify(facts.source)},"type":"${TYPE_PREFIX}`;
  const behindType = `${TYPE_SUFFIX}","subject":${subject},"time":"`;
  const second = createSecond();
  /** Told with every event of a session, as the same object. */
  let known: unknown = null;
  let knownJson = "";

  function jsonOf(value: unknown): string {
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    if (value === known) return knownJson;
    return JSON.stringify(value);
  }

  function sessionOf(draft: EventDraft): void {
    const session: unknown = "session" in draft.data ? draft.data.session : null;
    if (session === known || session === null) return;
    known = session;
    knownJson = JSON.stringify(session);
  }

  return {
    encode(draft, sequence, wall) {
      sessionOf(draft);
      let data = "";
      for (const [field, value] of Object.entries(draft.data)) {
        if (value === undefined || !isKeptField(draft.type, field)) continue;
        // A name of our own catalog needs no escaping.
        data += `${data === "" ? "" : ","}"${field}":${jsonOf(value)}`;
      }
      return `${plainJson(
        `{"specversion":"1.0","id":${id}-${sequence}${source}${draft.type}${behindType}${second.iso(wall)}","datacontenttype":"application/json","sequence":${sequence},"data":{${data}}}`,
      )}\n`;
    },
  };
}

const MICROS_OF_SECOND = 1_000_000;

/** RFC 3339 with microseconds, as `isoMicros`: the part before the fraction is made once a second. */
function createSecond(): { iso(wall: WallMicros): string } {
  let second = Number.NaN;
  let text = "";
  return {
    iso(wall) {
      const now = Math.floor(wall / MICROS_OF_SECOND);
      if (now !== second) {
        second = now;
        text = new Date(now * 1_000).toISOString().slice(0, -4);
      }
      return `${text}${String(wall - now * MICROS_OF_SECOND).padStart(6, "0")}Z`;
    },
  };
}
