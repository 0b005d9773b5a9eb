import type { Reader, Value } from "./reader.js";

/**
 * Microseconds UTC of `2027-03-31` (the end of that day, so that it still holds on it) or
 * `2027-03-31T10:00:00Z` (or with an offset, `-03:00`).
 */
export function readMoment(reader: Reader, value: Value, what: string): number | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  const moment = parseMoment(text);
  if (moment === null) {
    reader.refuse(
      "CHP_RULES_SHAPE",
      `${what} must be a date like 2027-03-31 or 2027-03-31T10:00Z`,
      reader.place(value),
    );
    return undefined;
  }
  return moment;
}

const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d))?$/;
const DAY_MS = 86_400_000;

export function parseMoment(text: string): number | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const midnight = Date.UTC(year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day || new Date(midnight).getUTCMonth() !== month - 1)
    return null;
  if (match[4] === undefined) return (midnight + DAY_MS) * 1000;
  const time = (Number(match[4]) * 60 + Number(match[5])) * 60 + Number(match[6] ?? 0);
  return (midnight + time * 1000 - offsetMs(match[7] ?? "Z")) * 1000;
}

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
