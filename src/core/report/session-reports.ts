import { COLUMN, SESSION_SQL } from "./columns.js";
import type { Column, Report, Section } from "./report.js";

const INTERVAL = "started >= :from AND started < :to";
// SQLite would read a year of sessions by their times: what is counted stands in another index.
const COUNTED_INTERVAL = "+started >= :from AND +started < :to";

const WHO: readonly Column[] = [
  COLUMN.id,
  COLUMN.origin,
  COLUMN.person,
  COLUMN.target,
  COLUMN.account,
  COLUMN.protocol,
];
const WHEN: readonly Column[] = [COLUMN.started, COLUMN.ended, COLUMN.duration];

function sessionsWhere(condition: string, columns: readonly Column[], title = "Sessions"): Section {
  return {
    title,
    columns,
    sql: `SELECT ${SESSION_SQL} FROM session WHERE ${INTERVAL} AND ${condition}`,
    order: "risk DESC, started DESC",
    chart: { type: "days", time: "started" },
  };
}

export const SESSION_REPORTS: readonly Report[] = [
  {
    name: "excessive-access",
    title: "Excessive access",
    summary: "credentials by how often they were used, those used more than usual on a day first",
    sections: [
      {
        title: "Credentials",
        columns: [
          COLUMN.target,
          COLUMN.account,
          COLUMN.protocol,
          COLUMN.privileged,
          { key: "accesses", title: "Accesses", kind: "number" },
          { key: "people", title: "People", kind: "number" },
          { key: "excesses", title: "Days of excess", kind: "number" },
          { key: "last_excess", title: "Last excess", kind: "time" },
        ],
        sql: `SELECT target, account, protocol, MAX(privileged) AS privileged,
            COUNT(*) AS accesses, COUNT(DISTINCT person) AS people,
            SUM(CASE WHEN odd_count = 1 THEN 1 ELSE 0 END) AS excesses,
            MAX(CASE WHEN odd_count = 1 THEN started END) AS last_excess
          FROM session WHERE ${COUNTED_INTERVAL} GROUP BY target, account, protocol`,
        order: "excesses DESC, accesses DESC",
        chart: { type: "bars", label: "target", value: "accesses" },
      },
    ],
  },
  {
    name: "unusual-access",
    title: "Unusual access",
    summary: "sessions with anything unusual about them, and what it was",
    sections: [
      sessionsWhere("odd > 0", [
        ...WHO,
        ...WHEN,
        COLUMN.privileged,
        COLUMN.oddOrigin,
        COLUMN.oddTarget,
        COLUMN.oddCredential,
        COLUMN.oddTime,
        COLUMN.oddDuration,
        COLUMN.risk,
        COLUMN.why,
      ]),
    ],
  },
  {
    name: "unusual-time",
    title: "Access at an unusual time",
    summary: "sessions at an hour of the week at which the person does not work",
    sections: [
      sessionsWhere("odd > 0 AND odd_time = 1", [
        ...WHO,
        COLUMN.privileged,
        ...WHEN,
        COLUMN.risk,
        COLUMN.why,
      ]),
    ],
  },
  {
    name: "unusual-origin",
    title: "Access from an unusual origin",
    summary: "origins by the sessions that were unusual for who came from there",
    sections: [
      {
        title: "Origins",
        columns: [
          COLUMN.origin,
          COLUMN.person,
          COLUMN.sessions,
          COLUMN.meanRisk,
          { key: "last", title: "Last", kind: "time" },
        ],
        sql: `SELECT origin, person, COUNT(*) AS sessions, AVG(risk) AS mean_risk,
            MAX(started) AS last
          FROM session WHERE ${INTERVAL} AND odd > 0 AND odd_origin = 1 GROUP BY origin, person`,
        order: "sessions DESC, mean_risk DESC, origin, person",
        chart: { type: "bars", label: "origin", value: "sessions" },
      },
      sessionsWhere(
        "odd > 0 AND odd_origin = 1",
        [...WHO, COLUMN.privileged, ...WHEN, COLUMN.risk, COLUMN.why],
        "Their sessions",
      ),
    ],
  },
  {
    name: "unusual-duration",
    title: "Access of unusual duration",
    summary: "sessions that lasted much longer or shorter than the person's others",
    sections: [
      sessionsWhere("odd > 0 AND odd_duration = 1", [...WHO, ...WHEN, COLUMN.risk, COLUMN.why]),
    ],
  },
  {
    name: "unusual-target",
    title: "Access to an unusual target",
    summary: "sessions on a target, or as an account, that the person does not use",
    sections: [
      sessionsWhere("odd > 0 AND (odd_target = 1 OR odd_credential = 1)", [
        ...WHO,
        COLUMN.privileged,
        ...WHEN,
        COLUMN.oddTarget,
        COLUMN.oddCredential,
        COLUMN.risk,
        COLUMN.why,
      ]),
    ],
  },
  {
    name: "sessions-with-risk",
    title: "Sessions with risk",
    summary: "sessions by risk, whatever it comes from",
    sections: [
      {
        ...sessionsWhere("(odd > 0 OR occurrences > 0) AND risk100 > 0", [
          COLUMN.id,
          COLUMN.person,
          COLUMN.origin,
          COLUMN.account,
          COLUMN.target,
          COLUMN.protocol,
          COLUMN.sidecar,
          COLUMN.started,
          COLUMN.risk,
          COLUMN.risk100,
          COLUMN.why,
        ]),
        order: "risk100 DESC, started DESC",
      },
    ],
  },
  {
    name: "session-attempts-at-prohibited-times",
    title: "Sessions at prohibited times",
    summary: "sessions that were begun at a time at which nobody should be at work",
    sections: [sessionsWhere("prohibited = 1", [...WHO, COLUMN.privileged, ...WHEN, COLUMN.risk])],
  },
];
