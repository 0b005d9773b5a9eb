import type { Column } from "./report.js";

/** The columns that several reports have, each with the one meaning that it has everywhere. */
export const COLUMN = {
  id: { key: "id", title: "Id", kind: "text" },
  origin: { key: "origin", title: "Origin", kind: "text" },
  person: { key: "person", title: "Person", kind: "text" },
  target: { key: "target", title: "Target", kind: "text" },
  account: { key: "account", title: "Account", kind: "text" },
  protocol: { key: "protocol", title: "Protocol", kind: "text" },
  privileged: { key: "privileged", title: "Privileged", kind: "flag" },
  started: { key: "started", title: "Start", kind: "time" },
  ended: { key: "ended", title: "End", kind: "time" },
  duration: { key: "duration", title: "Duration", kind: "length" },
  oddOrigin: { key: "odd_origin", title: "Origin?", kind: "flag" },
  oddTarget: { key: "odd_target", title: "Target?", kind: "flag" },
  oddCredential: { key: "odd_credential", title: "Credential?", kind: "flag" },
  oddTime: { key: "odd_time", title: "Time?", kind: "flag" },
  oddDuration: { key: "odd_duration", title: "Duration?", kind: "flag" },
  sidecar: { key: "sidecar", title: "Sidecar", kind: "text" },
  risk: { key: "risk", title: "Risk", kind: "risk" },
  risk100: { key: "risk100", title: "Risk of 100", kind: "number" },
  why: { key: "why", title: "Why", kind: "reasons" },
  sessions: { key: "sessions", title: "Sessions", kind: "number" },
  views: { key: "views", title: "Views", kind: "number" },
  kind: { key: "kind", title: "Credential type", kind: "text" },
  info: { key: "info", title: "Information", kind: "text" },
  viewed: { key: "viewed", title: "Viewed", kind: "time" },
  rule: { key: "rule", title: "Audited command", kind: "text" },
  criticality: { key: "criticality", title: "Criticality", kind: "text" },
  action: { key: "action", title: "Action", kind: "text" },
  meanRisk: { key: "mean_risk", title: "Mean risk", kind: "decimal" },
  totalRisk: { key: "total_risk", title: "Total risk", kind: "risk" },
} as const satisfies Record<string, Column>;

/** How the columns of a session come out of the table. */
export const SESSION_SQL = `id, origin, person, target, account, protocol, privileged, started, ended,
  duration_ms AS duration, odd_origin, odd_target, odd_credential, odd_time, odd_duration,
  risk, risk100, reasons AS why, source AS sidecar`;

export const VIEW_SQL = `id, origin, person, target, account, kind, info, privileged, viewed,
  odd_origin, odd_credential, odd_time, risk, reasons AS why`;
