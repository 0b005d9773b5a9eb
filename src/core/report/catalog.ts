import { COMMAND_REPORTS } from "./command-reports.js";
import { PEOPLE_REPORTS } from "./people-reports.js";
import type { Report } from "./report.js";
import { SESSION_REPORTS } from "./session-reports.js";
import { VIEW_REPORTS } from "./view-reports.js";

/** Every report, in the order in which help lists them. */
export const REPORTS: readonly Report[] = [
  ...PEOPLE_REPORTS,
  ...SESSION_REPORTS,
  ...VIEW_REPORTS,
  ...COMMAND_REPORTS,
];

export function findReport(name: string): Report | undefined {
  return REPORTS.find((one) => one.name === name);
}
