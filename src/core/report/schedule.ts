import type { SiteClock } from "../site-clock.js";

/** When a report is made by itself: in even steps, or on some days at a time of the day. */
export type ReportTimes =
  | { readonly type: "every"; readonly everyMs: number }
  /** `days`: 0 = Monday. Days and minutes where the site is. */
  | { readonly type: "at"; readonly minute: number; readonly days: readonly number[] };

const HOURS_OF_DAY = 24;
const DAYS_OF_WEEK = 7;
const DAY_MS = 86_400_000;

/**
 * Is it time, `ranAt` being when it was made last (ms; null: never)? What was missed is made up for once.
 * One that was never made is made when its time comes first, `every` at once.
 */
export function isDue(
  times: ReportTimes,
  clock: SiteClock,
  { ranAt, now }: { readonly ranAt: number | null; readonly now: number },
): boolean {
  // A clock that was ahead must not silence a report for years.
  const ran = ranAt !== null && ranAt > now ? null : ranAt;
  if (times.type === "every") return ran === null || now - ran >= times.everyMs;
  const today = clock.day(now);
  const weekday = Math.floor(clock.weekHour(now) / HOURS_OF_DAY);
  for (let ago = 0; ago < DAYS_OF_WEEK; ago += 1) {
    if (ago === 0 && clock.minuteOfDay(now) < times.minute) continue;
    if (!times.days.includes((weekday - ago + DAYS_OF_WEEK) % DAYS_OF_WEEK)) continue;
    if (ran === null) return ago === 0;
    return madeBefore(clock, ran, { day: today - ago, minute: times.minute });
  }
  return ran !== null && now - ran > DAYS_OF_WEEK * DAY_MS;
}

/** Was it made before that minute of that day? */
function madeBefore(
  clock: SiteClock,
  ran: number,
  { day, minute }: { readonly day: number; readonly minute: number },
): boolean {
  const ranDay = clock.day(ran);
  return ranDay < day || (ranDay === day && clock.minuteOfDay(ran) < minute);
}
