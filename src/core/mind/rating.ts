import type { PersonRow, RatingRow } from "../store/index.js";

/** How trusted somebody is: 0..10, 10 = trusted; levels as reports name them. */
export const LEVELS = [
  { from: 8, name: "trusted" },
  { from: 4, name: "ordinary" },
  { from: 2, name: "watched" },
  { from: 0, name: "at risk" },
] as const;
export const RATING_MAX = 10;

/** A session of the highest risk costs so many points, others in proportion. */
const SESSION_POINTS = 2;
export const RISK_MAX = 15;
/** Blocked commands, by the criticality of the rule. */
const BLOCKED_POINTS: Readonly<Record<string, number>> = {
  informational: 0,
  low: 0.2,
  medium: 0.5,
  high: 1,
  critical: 1,
};
/** One bad day can not cost more: a rating tells of habits. */
const LOSS_PER_DAY_MAX = 3;
/** A day of work without a loss gives back so much. */
const CLEAN_DAY_POINTS = 0.1;
/** Tenths of tenths would be pretended precision. */
const STEPS = 100;

export type MutablePerson = { -readonly [K in keyof PersonRow]: PersonRow[K] };

export function levelOf(rating: number): string {
  return LEVELS.find(({ from }) => rating >= from)?.name ?? "at risk";
}

export function pointsOfRisk(risk: number): number {
  return (risk / RISK_MAX) * SESSION_POINTS;
}

export function pointsOfBlocked(criticality: string): number {
  return BLOCKED_POINTS[criticality] ?? 0;
}

export interface RatingCause {
  /** Makes the change's id, so that an event told again changes nothing twice. */
  readonly id: string;
  readonly at: number;
  readonly cause: "risk" | "view" | "blocked" | "clean";
  readonly reason: string;
  /** Session or view. */
  readonly reference: string;
}

/** Takes points away, at most so many a day; null when nothing changes. */
export function lower(person: MutablePerson, points: number, why: RatingCause): RatingRow | null {
  person.clean = 0;
  const allowed = Math.min(points, LOSS_PER_DAY_MAX - person.lost_today, person.rating);
  if (!(allowed > 0)) return null;
  person.lost_today = rounded(person.lost_today + allowed);
  person.lost = rounded(person.lost + allowed);
  return changed(person, -allowed, why);
}

/** A new day of work begins: the last one is paid for when it was clean. */
export function beginDay(
  person: MutablePerson,
  day: number,
  why: Omit<RatingCause, "cause" | "reason">,
): RatingRow | null {
  if (person.rated_day >= day) return null;
  const clean = person.rated_day > 0 && person.clean === 1;
  person.rated_day = day;
  person.lost_today = 0;
  person.clean = 1;
  const missing = RATING_MAX - person.rating;
  if (!clean || !(missing > 0)) return null;
  const reason = "a day of work without anything suspicious";
  return changed(person, Math.min(missing, CLEAN_DAY_POINTS), { ...why, cause: "clean", reason });
}

function changed(person: MutablePerson, by: number, why: RatingCause): RatingRow {
  const previous = person.rating;
  person.rating = rounded(previous + by);
  return {
    id: `${why.id}-${why.cause}`,
    person: person.name,
    changed: why.at,
    rating: person.rating,
    previous,
    cause: why.cause,
    reason: why.reason,
    reference: why.reference,
  };
}

const rounded = (value: number): number => Math.round(value * STEPS) / STEPS;
