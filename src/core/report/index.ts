export { findReport, REPORTS } from "./catalog.js";
export { readLength, readTime } from "./read-filter.js";
export { REPORT_FORMATS, renderReport, type ReportFormat } from "./render/index.js";
export { isDue, type ReportTimes } from "./schedule.js";
export type { Report } from "./report.js";
export {
  REPORT_ROWS,
  REPORT_ROWS_MAX,
  runReport,
  type ReportQuestion,
  type ReportResult,
} from "./run-report.js";
