import { jsonText, quoted, type WallMicros } from "../kernel/index.js";
import type { EventDraft, EventType } from "./data.js";
import { TYPE_PREFIX, TYPE_SUFFIX } from "./envelope.js";
import { isKeptField, PRIVACY } from "./privacy.js";

/** The events of one subject as lines: what is the same in all of them is written once. */
export interface EventEncoder {
  /** The same bytes as `encodeEvent(wrapEvent(...))`, at less than half its time. */
  encode(draft: EventDraft, sequence: number, wall: WallMicros): string;
}

export function createEventEncoder(facts: {
  readonly source: string;
  readonly subject: string;
}): EventEncoder {
  const subject = quoted(facts.subject);
  const id = subject.slice(0, -1);
  const head = `{"specversion":"1.0","id":${id}-`;
  const source = `","source":${quoted(facts.source)},"type":"${TYPE_PREFIX}`;
  const behindType = `${TYPE_SUFFIX}","subject":${subject},"time":"`;
  const second = createSecond();
  /** Told with every event of a session, as the same object. */
  let known: unknown = null;
  let knownJson = "";

  function sessionOf(draft: EventDraft): void {
    const session: unknown = "session" in draft.data ? draft.data.session : null;
    if (session === known || session === null) return;
    known = session;
    knownJson = jsonText(session) ?? "null";
  }

  return {
    encode(draft, sequence, wall) {
      sessionOf(draft);
      const labels = labelsOf(draft.type);
      const all: Readonly<Record<string, unknown>> = draft.data;
      let data = "";
      for (const field of Object.keys(all)) {
        const value = all[field];
        const label = labels.get(field);
        const text = value === known ? knownJson : jsonText(value);
        if (text === undefined || label === undefined) continue;
        data += `${data === "" ? "" : ","}${label}${text}`;
      }
      const number = String(sequence);
      return `${head}${number}${source}${draft.type}${behindType}${second.iso(wall)}","datacontenttype":"application/json","sequence":${number},"data":{${data}}}\n`;
    },
  };
}
const LABELS = new Map<EventType, ReadonlyMap<string, string>>();

/** The fields of an event that are told, each as it is written. */
function labelsOf(type: EventType): ReadonlyMap<string, string> {
  const known = LABELS.get(type);
  if (known !== undefined) return known;
  const told = Object.keys(PRIVACY[type]).filter((field) => isKeptField(type, field));
  const labels = new Map(told.map((field) => [field, `"${field}":`]));
  LABELS.set(type, labels);
  return labels;
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
