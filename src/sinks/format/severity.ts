import type { Criticality } from "../../events/index.js";

/** Our five words as the numbers of each format. */
interface SeverityNumbers {
  /** OCSF severity_id: 1 informational to 5 critical. */
  readonly ocsf: 1 | 2 | 3 | 4 | 5;
  /** ECS event.severity, on the scale of Elastic's own detection rules (21, 47, 73, 99). */
  readonly ecs: number;
  /** CEF: 0-3 low, 4-6 medium, 7-8 high, 9-10 very high. LEEF `sev` has the same range from 1 on. */
  readonly cef: number;
  /** RFC 5424: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
  readonly syslog: 2 | 3 | 4 | 5 | 6;
  /** OpenTelemetry SeverityNumber: INFO 9, INFO2 10, WARN 13, ERROR 17, FATAL 21. */
  readonly otlp: number;
}

export const SEVERITY: Readonly<Record<Criticality, SeverityNumbers>> = {
  informational: { ocsf: 1, ecs: 1, cef: 1, syslog: 6, otlp: 9 },
  low: { ocsf: 2, ecs: 21, cef: 3, syslog: 5, otlp: 10 },
  medium: { ocsf: 3, ecs: 47, cef: 5, syslog: 4, otlp: 13 },
  high: { ocsf: 4, ecs: 73, cef: 8, syslog: 3, otlp: 17 },
  critical: { ocsf: 5, ecs: 99, cef: 10, syslog: 2, otlp: 21 },
};

/** From the least to the worst: for "at least this critical". */
export const CRITICALITIES = [
  "informational",
  "low",
  "medium",
  "high",
  "critical",
] as const satisfies readonly Criticality[];
