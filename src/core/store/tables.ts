import { defineTable, type RowOf, type Table } from "./table.js";

// Times are milliseconds since the epoch. `day`: days since the epoch where the site is; `week_hour`: hours
// of the week there, 0..167, Monday 00:00 first. `credential`: `account@target`. `odd_*`: 1 unusual, 0 not,
// null not judged; `odd`: how many are. `reasons`: JSON as addReasons writes it.

/** One session: who, where, when, how much, and what was unusual about it. */
export const SESSIONS = defineTable("session", "replace", {
  text: [
    "id source person account target credential protocol origin client site reasons",
    "device_type device_criticality credential_criticality",
  ],
  "text?": ["end_reason"],
  integer: [
    "privileged started week_hour day bytes_up bytes_down commands blocked reauths transfers",
    "transfer_bytes occurrences occurrence_score odd risk risk100 prohibited learnt sequence",
  ],
  "integer?": [
    "ended duration_ms odd_time odd_origin odd_target odd_credential odd_duration odd_count",
    "odd_behaviour",
  ],
});
export type SessionRow = RowOf<typeof SESSIONS>;

/** Somebody looked at a credential. */
export const VIEWS = defineTable("credential_view", "keep", {
  text: ["id person origin target account credential kind info reasons"],
  integer: ["privileged viewed risk prohibited"],
  "integer?": ["odd_time odd_origin odd_credential odd_count"],
});
export type ViewRow = RowOf<typeof VIEWS>;

/** A rule that spoke in a session. */
export const HITS = defineTable("rule_hit", "keep", {
  text: ["id session person account target credential rule rule_name criticality action mode"],
  integer: ["happened score"],
});
export type HitRow = RowOf<typeof HITS>;

export const PASSWORD_CHANGES = defineTable("password_change", "keep", {
  text: ["id person target account credential"],
  integer: ["changed manual last_rotation_ok unusual"],
});
export type PasswordChangeRow = RowOf<typeof PASSWORD_CHANGES>;

/** `team`: JSON array. `rated_day`, `lost_today` and `clean` are of what counts per day. */
export const PEOPLE = defineTable("person", "replace", {
  text: ["name full_name team last_origin"],
  integer: ["first_seen last_seen rated_day clean high_risk prohibited_sessions prohibited_views"],
  real: ["rating lost_today lost"],
});
export type PersonRow = RowOf<typeof PEOPLE>;

/** Every change of a rating, with why: the number can be explained line by line. */
export const RATINGS = defineTable("rating_change", "keep", {
  text: ["id person cause reason reference"],
  integer: ["changed"],
  real: ["rating previous"],
});
export type RatingRow = RowOf<typeof RATINGS>;

/** Who was asked to prove who they are, why, and how it ended (`outcome`: wanted, success, failure). */
export const REAUTHS = defineTable("reauth", "replace", {
  text: ["id person cause outcome session details"],
  integer: ["asked"],
  "integer?": ["settled"],
});
export type ReauthRow = RowOf<typeof REAUTHS>;

/**
 * How somebody behaves, sealed with a key that only sidecars hold, under a name that says nothing. Of who
 * was erased the name stays, with nothing else: a sidecar that was away learns it from there.
 */
export const PROFILES = defineTable("profile", "replace", {
  text: ["name person"],
  "text?": ["sealed"],
  integer: ["revision changed"],
});
export type ProfileRow = RowOf<typeof PROFILES>;

/** When a scheduled report was made last. */
export const REPORT_RUNS = defineTable("report_run", "replace", {
  text: ["name"],
  integer: ["ran"],
});

/** Everything that the first version kept. */
export const FIRST_TABLES: readonly Table[] = [
  SESSIONS,
  VIEWS,
  HITS,
  PASSWORD_CHANGES,
  PEOPLE,
  RATINGS,
  REAUTHS,
];
