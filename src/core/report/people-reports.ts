import { LEVELS } from "../mind/rating.js";
import { COLUMN, SESSION_SQL } from "./columns.js";
import type { Column, Report, Section } from "./report.js";

const RATING: Column = { key: "rating", title: "Rating", kind: "decimal" };
const LEVEL: Column = { key: "level", title: "Level", kind: "text" };
const LAST: Column = { key: "last_seen", title: "Last access", kind: "time" };
const SEEN_FROM: Column = { key: "last_origin", title: "From", kind: "text" };
const GROUPS: Column = { key: "team", title: "Groups", kind: "names" };
const PERSON_SESSIONS =
  "FROM session WHERE started >= :from AND started < :to AND person = :person";

const LEVEL_SQL = `CASE ${LEVELS.map(({ from, name }) => `WHEN rating >= ${from} THEN '${name}'`).join(" ")} END`;

/** Sessions of the person by one thing. */
function share(title: string, column: string): Section {
  return {
    title,
    columns: [{ key: "what", title, kind: "text" }, COLUMN.sessions],
    sql: `SELECT ${column} AS what, COUNT(*) AS sessions ${PERSON_SESSIONS} GROUP BY ${column}`,
    order: "sessions DESC, what",
    chart: { type: "bars", label: "what", value: "sessions" },
  };
}

export const PEOPLE_REPORTS: readonly Report[] = [
  {
    name: "users-rating",
    title: "Ratings of people",
    summary: "everybody, the least trusted first, as they stand now",
    sections: [
      {
        title: "People",
        columns: [COLUMN.person, GROUPS, LAST, SEEN_FROM, RATING, LEVEL],
        sql: `SELECT name AS person, team, last_seen, last_origin, rating,
          ${LEVEL_SQL} AS level FROM person`,
        order: "rating, person",
        chart: { type: "bars", label: "person", value: "rating" },
      },
    ],
  },
  {
    name: "user-posture",
    title: "Posture of a person",
    summary: "one person: where, when and how they work, and what was suspicious",
    ofPerson: true,
    sections: [
      {
        title: "Status",
        card: true,
        columns: [COLUMN.person, GROUPS, SEEN_FROM, LAST, RATING, LEVEL],
        sql: `SELECT name AS person, team, last_origin, last_seen, rating,
          ${LEVEL_SQL} AS level FROM person WHERE name = :person`,
        order: "person",
      },
      {
        title: "Behaviour",
        card: true,
        columns: [
          COLUMN.sessions,
          { key: "days", title: "Days logged in", kind: "number" },
          { key: "recorded", title: "Time in sessions", kind: "length" },
          { key: "mean_length", title: "Mean length", kind: "length" },
          { key: "origins", title: "Origins", kind: "number" },
          { key: "commands", title: "Commands", kind: "number" },
          { key: "blocked", title: "Blocked", kind: "number" },
        ],
        sql: `SELECT COUNT(*) AS sessions, COUNT(DISTINCT day) AS days,
          SUM(duration_ms) AS recorded, AVG(duration_ms) AS mean_length,
          COUNT(DISTINCT origin) AS origins, SUM(commands) AS commands, SUM(blocked) AS blocked
          ${PERSON_SESSIONS}`,
        order: "sessions",
      },
      {
        title: "Busiest hours",
        columns: [{ key: "week_hour", title: "Hour", kind: "hour" }, COLUMN.sessions],
        sql: `SELECT week_hour, COUNT(*) AS sessions ${PERSON_SESSIONS} GROUP BY week_hour`,
        order: "sessions DESC, week_hour",
        chart: { type: "week", hour: "week_hour", value: "sessions" },
      },
      share("Origins", "origin"),
      share("Sites", "site"),
      share("Device types", "device_type"),
      share("Criticality of devices", "device_criticality"),
      share("Criticality of credentials", "credential_criticality"),
      {
        title: "Sessions of high risk",
        columns: [
          COLUMN.id,
          COLUMN.started,
          COLUMN.target,
          COLUMN.account,
          COLUMN.origin,
          COLUMN.duration,
          COLUMN.risk,
          COLUMN.why,
        ],
        sql: `SELECT ${SESSION_SQL} ${PERSON_SESSIONS} AND risk >= :minimum`,
        order: "risk DESC, started DESC",
      },
      {
        title: "Suspicious events",
        columns: [
          { key: "happened", title: "Time", kind: "time" },
          COLUMN.rule,
          COLUMN.criticality,
          COLUMN.action,
          COLUMN.target,
          COLUMN.account,
          { key: "session", title: "Session", kind: "text" },
        ],
        sql: `SELECT happened, rule_name AS rule, criticality, action, target, account, session
          FROM rule_hit WHERE happened >= :from AND happened < :to AND person = :person
          AND mode = 'enforce'`,
        order: "happened DESC",
        chart: { type: "days", time: "happened" },
      },
      {
        title: "Why the rating is what it is",
        columns: [
          { key: "changed", title: "Time", kind: "time" },
          { key: "previous", title: "From", kind: "decimal" },
          RATING,
          { key: "reason", title: "Reason", kind: "text" },
          { key: "reference", title: "Session or view", kind: "text" },
        ],
        sql: `SELECT changed, previous, rating, reason, reference FROM rating_change
          WHERE changed >= :from AND changed < :to AND person = :person`,
        order: "changed DESC, rating",
      },
    ],
  },
  {
    name: "reauthentications",
    title: "Re-authentications",
    summary: "who was asked to prove who they are, why, and how it ended",
    sections: [
      {
        title: "Questions",
        columns: [
          COLUMN.id,
          { key: "trigger", title: "Trigger", kind: "text" },
          COLUMN.person,
          { key: "asked", title: "Time", kind: "time" },
          { key: "outcome", title: "Status", kind: "text" },
          { key: "details", title: "Details", kind: "text" },
          { key: "session", title: "Session", kind: "text" },
        ],
        // TRIGGER is a word of SQL's own, as a name it has to be quoted.
        sql: `SELECT id, cause AS "trigger", person, asked, outcome, details, session
          FROM reauth WHERE asked >= :from AND asked < :to`,
        order: "asked DESC, id",
        chart: { type: "days", time: "asked" },
      },
    ],
  },
];
