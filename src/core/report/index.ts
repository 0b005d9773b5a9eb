export { findReport, REPORTS } from "./catalog.js";
export { readLength, readTime } from "./read-filter.js";
export { renderPage } from "./render/page.js";
export { renderCsv, renderJson, renderTable } from "./render/plain.js";
export type { Report } from "./report.js";
export {
  REPORT_ROWS,
  REPORT_ROWS_MAX,
  runReport,
  type ReportQuestion,
  type ReportResult,
} from "./run-report.js";
