import type { SiteClock } from "../../site-clock.js";
import type { Cell } from "../../store/index.js";
import type { Column } from "../report.js";
import type { ReportResult, SectionResult } from "../run-report.js";
import { cellText, isNumeric } from "./cell-text.js";
import { drawChart } from "./charts.js";
import { escapeHtml } from "./escape-html.js";

/** One page that needs nothing else: no script, no font, no image from anywhere. It prints well. */
export function renderPage(report: ReportResult, clock: SiteClock): string {
  const span = `${clock.text(report.from).slice(0, 10)} to ${clock.text(report.to - 1).slice(0, 10)}`;
  const about = [
    span,
    ...(report.person === null ? [] : [report.person]),
    ...(report.where === null ? [] : [`where ${report.where}`]),
  ].map(escapeHtml);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)} · ${escapeHtml(span)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(report.title)}</h1><p>${escapeHtml(report.summary)}</p><p class="soft">${about.join(" · ")}</p></header>
<main>
${report.sections.map((section) => sectionHtml(section, report, clock)).join("\n")}
</main>
</body>
</html>
`;
}

function sectionHtml(section: SectionResult, report: ReportResult, clock: SiteClock): string {
  const title = report.sections.length > 1 ? `<h2>${escapeHtml(section.title)}</h2>` : "";
  if (section.rows.length === 0) {
    return `<section>${title}<p class="soft">Nothing in this time.</p></section>`;
  }
  if (section.card) return `<section>${title}${cardHtml(section, clock)}</section>`;
  const chart = drawChart(section, report, clock);
  return `<section>${title}${chart}${tableHtml(section, clock)}</section>`;
}

function cardHtml({ columns, rows }: SectionResult, clock: SiteClock): string {
  const [row] = rows;
  const facts = columns.map(({ key, kind, title }) => {
    const text = cellText(kind, row?.[key] ?? null, clock);
    return `<div><dt>${escapeHtml(title)}</dt><dd>${escapeHtml(text) || "–"}</dd></div>`;
  });
  return `<dl>${facts.join("")}</dl>`;
}

function tableHtml({ columns, rows, more }: SectionResult, clock: SiteClock): string {
  const head = columns.map(
    ({ title, kind }) => `<th${isNumeric(kind) ? ' class="n"' : ""}>${escapeHtml(title)}</th>`,
  );
  const body = rows.map(
    (row) =>
      `<tr>${columns.map((column) => cellHtml(column, row[column.key] ?? null, clock)).join("")}</tr>`,
  );
  const rest = more
    ? `<p class="soft">There are more than these ${rows.length} rows: narrow the report, or raise its limit.</p>`
    : "";
  return `<div class="wide"><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>${rest}`;
}

function cellHtml({ kind }: Column, cell: Cell, clock: SiteClock): string {
  const text = escapeHtml(cellText(kind, cell, clock));
  if (kind === "flag") {
    const look = cell === 1 ? "yes" : cell === null ? "soft" : "no";
    return `<td><span class="${look}">${text}</span></td>`;
  }
  if (kind === "risk")
    return `<td class="n"><span class="${riskLook(Number(cell))}">${text}</span></td>`;
  return `<td${isNumeric(kind) ? ' class="n"' : ""}>${text}</td>`;
}

const HIGH_RISK = 9;
const SOME_RISK = 5;

function riskLook(risk: number): string {
  if (risk >= HIGH_RISK) return "high";
  return risk >= SOME_RISK ? "some" : "low";
}

/** Light and dark as the reader has it; wide tables scroll in themselves, and print whole. */
const STYLE = `
:root{--paper:#fbfaf8;--ink:#22252a;--soft:#6f757d;--line:#e4e1db;--bar:#3b6ea5;--yes:#b3541e;--high:#a4262c;--card:#fff}
@media(prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e6e4df;--soft:#9aa0a8;--line:#2e3238;--bar:#7fb0e0;--yes:#f0a36b;--high:#ff8a80;--card:#1e2126}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main{max-width:1180px;margin:0 auto;padding:0 24px}
header{padding-top:36px;border-bottom:1px solid var(--line);padding-bottom:12px}
h1{font-size:26px;margin:0 0 4px;font-weight:650;letter-spacing:-.01em}
h2{font-size:17px;margin:0 0 10px;font-weight:600}
header p{margin:2px 0}
section{margin:26px 0}
.soft{color:var(--soft)}
svg{display:block;max-width:100%;height:auto;margin:0 0 14px}
svg text{font-size:12px;fill:var(--ink)}svg .soft{fill:var(--soft)}svg .bar{fill:var(--bar)}svg .axis{stroke:var(--line)}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:8px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);white-space:nowrap}
tbody tr:last-child td{border-bottom:0}
td{overflow-wrap:anywhere;min-width:3.5em}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.yes,.some{color:var(--yes);font-weight:600}.no{color:var(--soft)}.high{color:var(--high);font-weight:700}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:12px;margin:0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
dt{color:var(--soft);font-size:12.5px}dd{margin:2px 0 0;font-size:18px;font-weight:600;overflow-wrap:anywhere}
@media print{body{background:#fff;color:#000}.wide{overflow:visible;border:0}tr{break-inside:avoid}}
`.trim();
