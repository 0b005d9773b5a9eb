import { COLUMN, VIEW_SQL } from "./columns.js";
import type { Column, Report, Section } from "./report.js";

const INTERVAL = "viewed >= :from AND viewed < :to";

const COLUMNS: readonly Column[] = [
  COLUMN.id,
  COLUMN.origin,
  COLUMN.person,
  COLUMN.target,
  COLUMN.account,
  COLUMN.kind,
  COLUMN.info,
  COLUMN.privileged,
  COLUMN.viewed,
];

function viewsWhere(condition: string, flags: readonly Column[] = []): Section {
  return {
    title: "Views",
    columns: [...COLUMNS, ...flags, COLUMN.risk, COLUMN.why],
    sql: `SELECT ${VIEW_SQL} FROM credential_view WHERE ${INTERVAL} AND ${condition}`,
    order: "risk DESC, viewed DESC",
    chart: { type: "days", time: "viewed" },
  };
}

export const VIEW_REPORTS: readonly Report[] = [
  {
    name: "excessive-views",
    title: "Excessive views of credentials",
    summary: "credentials by how often they were looked at, with the risk of it",
    sections: [
      {
        title: "Credentials",
        columns: [
          COLUMN.target,
          COLUMN.account,
          COLUMN.kind,
          COLUMN.info,
          COLUMN.privileged,
          COLUMN.views,
          { key: "people", title: "People", kind: "number" },
          { key: "excesses", title: "Days of excess", kind: "number" },
          COLUMN.totalRisk,
          COLUMN.meanRisk,
        ],
        sql: `SELECT target, account, MAX(kind) AS kind, MAX(info) AS info,
            MAX(privileged) AS privileged, COUNT(*) AS views, COUNT(DISTINCT person) AS people,
            SUM(CASE WHEN odd_count = 1 THEN 1 ELSE 0 END) AS excesses,
            SUM(risk) AS total_risk, AVG(risk) AS mean_risk
          FROM credential_view WHERE +viewed >= :from AND +viewed < :to GROUP BY target, account`,
        order: "excesses DESC, views DESC, total_risk DESC",
        chart: { type: "bars", label: "target", value: "views" },
      },
    ],
  },
  {
    name: "views-at-unusual-time",
    title: "Views of credentials at an unusual time",
    summary: "credentials looked at when the person does not work",
    sections: [viewsWhere("odd_time = 1")],
  },
  {
    name: "views-of-unusual-credential",
    title: "Views of unusual credentials",
    summary: "credentials looked at by somebody who does not use them",
    sections: [viewsWhere("odd_credential = 1")],
  },
  {
    name: "views-from-unusual-origin",
    title: "Views of credentials from an unusual origin",
    summary: "credentials looked at from where the person does not work",
    sections: [viewsWhere("odd_origin = 1")],
  },
  {
    name: "unusual-views",
    title: "Unusual views of credentials",
    summary: "every view of a credential with anything unusual about it",
    sections: [
      viewsWhere("(odd_time = 1 OR odd_origin = 1 OR odd_credential = 1 OR odd_count = 1)", [
        COLUMN.oddOrigin,
        COLUMN.oddCredential,
        COLUMN.oddTime,
      ]),
    ],
  },
  {
    name: "unusual-password-change",
    title: "Unusual password changes",
    summary: "passwords changed by hand again and again, though their rotation works",
    sections: [
      {
        title: "Changes",
        columns: [
          COLUMN.person,
          COLUMN.target,
          COLUMN.account,
          { key: "occurrences", title: "Changes by hand", kind: "number" },
          { key: "last", title: "Last", kind: "time" },
        ],
        sql: `SELECT person, target, account, COUNT(*) AS occurrences, MAX(changed) AS last
          FROM password_change
          WHERE changed >= :from AND changed < :to AND manual = 1 AND last_rotation_ok = 1
          GROUP BY person, target, account HAVING SUM(unusual) > 0`,
        order: "occurrences DESC, last DESC",
        chart: { type: "bars", label: "person", value: "occurrences" },
      },
    ],
  },
];
