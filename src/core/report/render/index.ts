import type { SiteClock } from "../../site-clock.js";
import type { ReportResult } from "../run-report.js";
import { renderPage } from "./page.js";
import { renderCsv, renderJson, renderTable } from "./plain.js";

export const REPORT_FORMATS = ["table", "json", "csv", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** `strong` marks the titles of a table. */
export function renderReport(
  format: ReportFormat,
  found: ReportResult,
  { clock, strong }: { readonly clock: SiteClock; readonly strong: (text: string) => string },
): string {
  switch (format) {
    case "table":
      return renderTable(found, clock, strong);
    case "json":
      return renderJson(found);
    case "csv":
      return renderCsv(found);
    case "html":
      return renderPage(found, clock);
  }
}
