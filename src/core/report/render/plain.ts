import { escapeControls } from "../../../kernel/index.js";
import type { SiteClock } from "../../site-clock.js";
import type { ReportResult, SectionResult } from "../run-report.js";
import { cellText, cellValue, isNumeric } from "./cell-text.js";

/** Longer cells are cut on a terminal; the other formats have them whole. */
const CELL_MAX = 60;

/** For a terminal; `strong` marks titles. */
export function renderTable(
  report: ReportResult,
  clock: SiteClock,
  strong: (text: string) => string,
): string {
  const head = `${strong(report.title)}  ${clock.text(report.from).slice(0, 10)} to ${clock.text(report.to - 1).slice(0, 10)}`;
  const sections = report.sections.map((section) =>
    [
      ...(report.sections.length > 1 ? ["", strong(section.title)] : [""]),
      ...(section.card ? cardLines(section, clock) : tableLines(section, clock)),
    ].join("\n"),
  );
  return [head, ...sections].join("\n");
}

function cardLines({ columns, rows }: SectionResult, clock: SiteClock): readonly string[] {
  const [row] = rows;
  if (row === undefined) return ["  nothing is known"];
  const width = Math.max(...columns.map(({ title }) => title.length));
  return columns.map(
    ({ key, kind, title }) =>
      `  ${title.padEnd(width)}  ${escapeControls(cellText(kind, row[key] ?? null, clock))}`,
  );
}

function tableLines({ columns, rows, more }: SectionResult, clock: SiteClock): readonly string[] {
  if (rows.length === 0) return ["  nothing"];
  const texts = rows.map((row) =>
    columns.map(({ key, kind }) => cut(escapeControls(cellText(kind, row[key] ?? null, clock)))),
  );
  const widths = columns.map(({ title }, index) =>
    texts.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return isNumeric(columns[index]?.kind ?? "text")
          ? cell.padStart(width)
          : cell.padEnd(width);
      })
      .join("  ")}`.trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => "-".repeat(width))),
    ...texts.map(line),
    ...(more ? [`  ... more than ${rows.length}: narrow it with --where, or raise --limit`] : []),
  ];
}

function cut(text: string): string {
  return text.length <= CELL_MAX ? text : `${text.slice(0, CELL_MAX - 1)}…`;
}

/** For programs: columns by their keys. */
export function renderJson(report: ReportResult): string {
  const { name, title, from, to, person, where } = report;
  const iso = (ms: number) => new Date(ms).toISOString();
  return JSON.stringify(
    {
      report: name,
      title,
      from: iso(from),
      to: iso(to),
      ...(person === null ? {} : { person }),
      ...(where === null ? {} : { where }),
      sections: report.sections.map((section) => ({
        title: section.title,
        more: section.more,
        rows: section.rows.map((row) =>
          Object.fromEntries(
            section.columns.map(({ key, kind }) => [key, cellValue(kind, row[key] ?? null)]),
          ),
        ),
      })),
    },
    null,
    2,
  );
}

/** RFC 4180; of several sections each begins with a line of its title. Lines end in CRLF. */
export function renderCsv(report: ReportResult): string {
  const sections = report.sections.map((section) => {
    const lines = [
      section.columns.map(({ key }) => key),
      ...section.rows.map((row) =>
        section.columns.map(({ key, kind }) => csvText(cellValue(kind, row[key] ?? null))),
      ),
    ];
    const title = report.sections.length > 1 ? [[`# ${section.title}`]] : [];
    return [...title, ...lines].map((cells) => cells.map(csvCell).join(",")).join("\r\n");
  });
  return sections.join("\r\n\r\n");
}

function csvText(value: unknown): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(csvText).join("; ");
  if (typeof value === "object" && "words" in value) return String(value.words);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a spreadsheet would take for a formula is written as text: names come from outside. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
