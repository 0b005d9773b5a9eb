import type { RowOf, Table } from "./table.js";

/** One session: who, where, when, how much, and what was unusual about it. */
export const SESSIONS = {
  name: "session",
  again: "replace",
  columns: {
    id: "text",
    source: "text",
    person: "text",
    account: "text",
    target: "text",
    /** `account@target` */
    credential: "text",
    protocol: "text",
    origin: "text",
    client: "text",
    site: "text",
    device_type: "text",
    device_criticality: "text",
    credential_criticality: "text",
    privileged: "integer",
    started: "integer",
    /** 0..167, Monday 00:00 first, where the site is. */
    week_hour: "integer",
    /** Days since the epoch, where the site is. */
    day: "integer",
    ended: "integer?",
    duration_ms: "integer?",
    end_reason: "text?",
    bytes_up: "integer",
    bytes_down: "integer",
    commands: "integer",
    blocked: "integer",
    reauths: "integer",
    transfers: "integer",
    transfer_bytes: "integer",
    occurrences: "integer",
    occurrence_score: "integer",
    odd_time: "integer?",
    odd_origin: "integer?",
    odd_target: "integer?",
    odd_credential: "integer?",
    odd_duration: "integer?",
    odd_count: "integer?",
    odd_behaviour: "integer?",
    /** How many of these are raised. */
    odd: "integer",
    risk: "integer",
    risk100: "integer",
    /** JSON: what was found, each with its p-value and words. */
    reasons: "text",
    prohibited: "integer",
    learnt: "integer",
    sequence: "integer",
  },
} as const satisfies Table;
export type SessionRow = RowOf<typeof SESSIONS>;

/** Somebody looked at a credential. */
export const VIEWS = {
  name: "credential_view",
  again: "keep",
  columns: {
    id: "text",
    person: "text",
    origin: "text",
    target: "text",
    account: "text",
    credential: "text",
    kind: "text",
    info: "text",
    privileged: "integer",
    viewed: "integer",
    odd_time: "integer?",
    odd_origin: "integer?",
    odd_credential: "integer?",
    odd_count: "integer?",
    risk: "integer",
    reasons: "text",
    prohibited: "integer",
  },
} as const satisfies Table;
export type ViewRow = RowOf<typeof VIEWS>;

/** A rule that spoke in a session. */
export const HITS = {
  name: "rule_hit",
  again: "keep",
  columns: {
    id: "text",
    session: "text",
    happened: "integer",
    person: "text",
    account: "text",
    target: "text",
    credential: "text",
    rule: "text",
    rule_name: "text",
    criticality: "text",
    action: "text",
    mode: "text",
    score: "integer",
  },
} as const satisfies Table;
export type HitRow = RowOf<typeof HITS>;

export const PASSWORD_CHANGES = {
  name: "password_change",
  again: "keep",
  columns: {
    id: "text",
    person: "text",
    target: "text",
    account: "text",
    credential: "text",
    changed: "integer",
    manual: "integer",
    last_rotation_ok: "integer",
    unusual: "integer",
  },
} as const satisfies Table;
export type PasswordChangeRow = RowOf<typeof PASSWORD_CHANGES>;

export const PEOPLE = {
  name: "person",
  again: "replace",
  columns: {
    name: "text",
    full_name: "text",
    /** JSON array. */
    team: "text",
    first_seen: "integer",
    last_seen: "integer",
    last_origin: "text",
    rating: "real",
    /** Days since the epoch, where the site is: for what counts per day. */
    rated_day: "integer",
    lost_today: "real",
    clean: "integer",
    lost: "real",
    high_risk: "integer",
    prohibited_sessions: "integer",
    prohibited_views: "integer",
  },
} as const satisfies Table;
export type PersonRow = RowOf<typeof PEOPLE>;

/** Every change of a rating, with why: the number can be explained line by line. */
export const RATINGS = {
  name: "rating_change",
  again: "keep",
  columns: {
    id: "text",
    person: "text",
    changed: "integer",
    rating: "real",
    previous: "real",
    cause: "text",
    reason: "text",
    reference: "text",
  },
} as const satisfies Table;
export type RatingRow = RowOf<typeof RATINGS>;

/** Who was asked to prove who they are, why, and how it ended. */
export const REAUTHS = {
  name: "reauth",
  again: "replace",
  columns: {
    id: "text",
    person: "text",
    asked: "integer",
    cause: "text",
    /** wanted, success, failure */
    outcome: "text",
    session: "text",
    details: "text",
    settled: "integer?",
  },
} as const satisfies Table;
export type ReauthRow = RowOf<typeof REAUTHS>;

/** Everything that the core keeps. */
export const TABLES: readonly Table[] = [
  SESSIONS,
  VIEWS,
  HITS,
  PASSWORD_CHANGES,
  PEOPLE,
  RATINGS,
  REAUTHS,
];
