import { createSiteClock, isProhibited } from "../../core/index.js";
import type { HoursRules } from "../../runtime/index.js";
import type { Config } from "../config/index.js";

/** Undefined: people may come at any time. The scoring core reads hours in the same way. */
export function hoursRules({ login }: Pick<Config, "login">): HoursRules | undefined {
  const { hours, attemptsAtProhibitedTimeMax: attemptsMax } = login;
  if (hours === undefined) return undefined;
  const { zone, prohibited, refuse } = hours;
  const clock = createSiteClock(zone);
  const prohibitedAt = (wallMs: number): boolean => isProhibited(prohibited, clock, wallMs);
  return { prohibitedAt, refuse, attemptsMax };
}
