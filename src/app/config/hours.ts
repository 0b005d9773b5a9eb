import { z } from "zod";
import { isZone, type ProhibitedHours } from "../../core/index.js";
import type { ResolveDeps } from "./resolve-deps.js";
import type { KeyPath } from "./yaml-document.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

/** Without it every day. */
export const daysSchema = z
  .array(z.enum(DAYS))
  .min(1)
  .default([...DAYS]);

/** `06:30` */
export const timeOfDay = z.string().regex(TIME, "must be a time such as 22:00, at most 24:00");

const prohibitedWindow = z
  .strictObject({
    days: daysSchema,
    from: timeOfDay,
    to: timeOfDay,
  })
  .describe("a time at which nobody should be at work; `to` is not in it, and not before `from`");

const WINDOWS_MAX = 50;
/** Times at which nobody should be at work. */
export const prohibitedSchema = z.array(prohibitedWindow).max(WINDOWS_MAX).default([]);
export const zoneSchema = z
  .string()
  .min(1)
  .default("UTC")
  .describe("IANA time zone of hours and days");

/** `login.hours`. */
export const hoursSchema = z
  .strictObject({
    zone: zoneSchema,
    prohibited: prohibitedSchema,
    refuse: z
      .boolean()
      .default(true)
      .describe("false: who logs in at such a time is let in, and counted"),
  })
  .describe("when nobody may log in; `policy.reauth.attemptsAtProhibitedTime` counts who tries");

/** `login.hours`, checked. */
export interface LoginHours {
  readonly zone: string;
  readonly prohibited: readonly ProhibitedHours[];
  readonly refuse: boolean;
}

type Windows = z.output<typeof prohibitedSchema>;

export function resolveHours(
  { zone, prohibited, refuse }: z.output<typeof hoursSchema>,
  path: KeyPath,
  { complain }: Pick<ResolveDeps, "complain">,
): LoginHours {
  complainAboutZone(zone, [...path, "zone"], { complain });
  const windows = resolveProhibited(prohibited, [...path, "prohibited"], { complain });
  return { zone: isZone(zone) ? zone : "UTC", prohibited: windows, refuse };
}

export function complainAboutZone(
  zone: string,
  path: KeyPath,
  { complain }: Pick<ResolveDeps, "complain">,
): void {
  if (!isZone(zone)) complain(path, `\`${zone}\` is no time zone such as Europe/Berlin`);
}

export function resolveProhibited(
  windows: Windows,
  path: KeyPath,
  { complain }: Pick<ResolveDeps, "complain">,
): readonly ProhibitedHours[] {
  return windows.map(({ days, from, to }, index) => {
    const fromMinute = minuteOf(from);
    const untilMinute = minuteOf(to);
    if (untilMinute <= fromMinute) {
      const words = "`to` is not after `from`: write a time over midnight as two";
      complain([...path, index, "to"], words);
    }
    // 0 = Monday.
    return { days: days.map(dayNumber), fromMinute, untilMinute };
  });
}

/** 0 = Monday. */
export function dayNumber(day: (typeof DAYS)[number]): number {
  return DAYS.indexOf(day);
}

export function minuteOf(text: string): number {
  const [hours = "0", minutes = "0"] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}
