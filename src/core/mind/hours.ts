import type { ProhibitedHours } from "../settings.js";
import type { SiteClock } from "../site-clock.js";

const HOURS_OF_DAY = 24;

/** Is this a time at which nobody should be at work? */
export function isProhibited(
  prohibited: readonly ProhibitedHours[],
  clock: SiteClock,
  at: number,
): boolean {
  if (prohibited.length === 0) return false;
  const day = Math.floor(clock.weekHour(at) / HOURS_OF_DAY);
  const minute = clock.minuteOfDay(at);
  return prohibited.some(
    ({ days, fromMinute, untilMinute }) =>
      days.includes(day) && minute >= fromMinute && minute < untilMinute,
  );
}
