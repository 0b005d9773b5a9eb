import { plainJson, type WallMicros } from "../kernel/index.js";
import type { EventDraft, EventType } from "./data.js";
import { TYPE_PREFIX, TYPE_SUFFIX } from "./envelope.js";
import { isKeptField, PRIVACY, withoutSecrets } from "./privacy.js";

/** The events of one subject as lines: what is the same in all of them is written once. */
export interface EventEncoder {
  /** The same bytes as `encodeEvent(wrapEvent(...))`, at less than half its time. */
  encode(draft: EventDraft, sequence: number, wall: WallMicros): string;
}

export function createEventEncoder(facts: {
  readonly source: string;
  readonly subject: string;
}): EventEncoder {
  const subject = plainJson(JSON.stringify(facts.subject));
  const source = plainJson(JSON.stringify(facts.source));
  const head = `{"specversion":"1.0","id":${subject.slice(0, -1)}-`;
  const behindNumber = `","source":${source},"type":"${TYPE_PREFIX}`;
  const behindType = `${TYPE_SUFFIX}","subject":${subject},"time":"`;
  const second = createSecond();
  return {
    encode(draft, sequence, wall) {
      const number = String(sequence);
      const data = plainJson(JSON.stringify(keptData(draft)));
      return `${head}${number}${behindNumber}${draft.type}${behindType}${second.iso(wall)}","datacontenttype":"application/json","sequence":${number},"data":${data}}\n`;
    },
  };
}

const KEPT = new Map<EventType, ReadonlySet<string>>();

/** What is told as it is, where nothing has to be left out: as good as always. */
function keptData(draft: EventDraft): Readonly<Record<string, unknown>> {
  const kept = keptFields(draft.type);
  for (const field in draft.data) if (!kept.has(field)) return withoutSecrets(draft);
  return draft.data;
}

/** The fields of an event that are told. */
function keptFields(type: EventType): ReadonlySet<string> {
  const known = KEPT.get(type);
  if (known !== undefined) return known;
  const told = new Set(Object.keys(PRIVACY[type]).filter((field) => isKeptField(type, field)));
  KEPT.set(type, told);
  return told;
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
