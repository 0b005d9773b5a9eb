/** Hours and days where the site is. Times are milliseconds since the epoch. */
export interface SiteClock {
  /** 0..167, Monday 00:00 first. */
  weekHour(ms: number): number;
  /** Days since 1970-01-01, counted where the site is. */
  day(ms: number): number;
  minuteOfDay(ms: number): number;
  /** `2026-11-21 17:05:09` */
  text(ms: number): string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const HOURS_OF_DAY = 24;
export const HOURS_OF_WEEK = 168;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 3;
/** Offsets of zones change at full quarters of an hour: what is known of one is kept for its length. */
const QUARTER_MS = 900_000;
/** A year of quarters; then the memory is begun anew. */
const QUARTERS_MAX = 40_000;

/** Throws a RangeError for a zone that is none: configuration asks `isZone` before. */
export function createSiteClock(zone: string): SiteClock {
  const offsets = new Map<number, number>();
  const format =
    zone === "UTC"
      ? null
      : new Intl.DateTimeFormat("en-US", {
          timeZone: zone,
          hourCycle: "h23",
          year: "numeric",
          month: "numeric",
          day: "numeric",
          hour: "numeric",
          minute: "numeric",
        });

  function local(ms: number): number {
    if (format === null) return ms;
    const quarter = Math.floor(ms / QUARTER_MS);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      offset = offsetAt(format, quarter * QUARTER_MS);
      if (offsets.size >= QUARTERS_MAX) offsets.clear();
      offsets.set(quarter, offset);
    }
    return ms + offset;
  }

  return {
    weekHour(ms) {
      const at = local(ms);
      const hours = Math.floor(at / HOUR_MS) + EPOCH_WEEKDAY * HOURS_OF_DAY;
      return ((hours % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK;
    },
    day: (ms) => Math.floor(local(ms) / DAY_MS),
    minuteOfDay: (ms) => Math.floor((((local(ms) % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS),
    text: (ms) => new Date(local(ms)).toISOString().slice(0, 19).replace("T", " "),
  };
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** `Sunday 03h` */
export function hourName(weekHour: number): string {
  const day = WEEKDAYS[Math.floor(weekHour / HOURS_OF_DAY)] ?? "";
  return `${day} ${String(weekHour % HOURS_OF_DAY).padStart(2, "0")}h`;
}

function offsetAt(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return wall - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}
