import type { CoreSettings } from "../settings.js";
import type { MutablePerson } from "./rating.js";

/** Why somebody is to prove again who they are, in the words of the log. */
export type Trigger =
  | "rating-drop"
  | "high-risk-sessions"
  | "blocked-commands"
  | "session-attempts-at-prohibited-time"
  | "view-attempts-at-prohibited-time";

export interface Demand {
  readonly trigger: Trigger;
  readonly details: string;
}

/** The first counter of the person that has reached its limit; its counter begins anew. */
export function demandOf(
  person: MutablePerson,
  blockedInSession: number,
  { identification: limits }: CoreSettings,
): Demand | null {
  if (reached(person.lost, limits.ratingDrop)) {
    const details = `${person.lost} points of rating lost`;
    person.lost = 0;
    return { trigger: "rating-drop", details };
  }
  if (reached(person.high_risk, limits.highRiskSessions)) {
    const details = `${person.high_risk} sessions of high risk`;
    person.high_risk = 0;
    return { trigger: "high-risk-sessions", details };
  }
  if (reached(person.prohibited_sessions, limits.sessionAttemptsAtProhibitedTime)) {
    const details = `${person.prohibited_sessions} sessions at prohibited times`;
    person.prohibited_sessions = 0;
    return { trigger: "session-attempts-at-prohibited-time", details };
  }
  if (reached(person.prohibited_views, limits.viewAttemptsAtProhibitedTime)) {
    const details = `${person.prohibited_views} views at prohibited times`;
    person.prohibited_views = 0;
    return { trigger: "view-attempts-at-prohibited-time", details };
  }
  // At each multiple: after a proof the next ones are counted again.
  const { blockedCommands } = limits;
  if (blockedCommands > 0 && blockedInSession > 0 && blockedInSession % blockedCommands === 0) {
    const details = `${blockedInSession} blocked command${blockedInSession === 1 ? "" : "s"} in the session`;
    return { trigger: "blocked-commands", details };
  }
  return null;
}

/** A proof answers everything that was counted. */
export function proved(person: MutablePerson): void {
  person.lost = 0;
  person.high_risk = 0;
  person.prohibited_sessions = 0;
  person.prohibited_views = 0;
}

/** 0 = never. */
function reached(count: number, limit: number): boolean {
  return limit > 0 && count >= limit;
}
