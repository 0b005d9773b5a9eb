import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CoreSettings } from "../settings.js";
import type { Cell, Row, Store } from "../store/index.js";
import { readFilters, type Filter } from "./read-filter.js";
import type { Chart, Column, Report, Section } from "./report.js";

export interface ReportQuestion {
  /** ms since the epoch; `to` is not in it. */
  readonly from: number;
  readonly to: number;
  readonly person?: string;
  /** Conditions on columns, in words; each holds for the sections that have its column. */
  readonly where?: string;
  /** Rows of a section. */
  readonly limit: number;
}

/** A report as it was found: what renderers draw. */
export interface ReportResult {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly from: number;
  readonly to: number;
  readonly person: string | null;
  readonly where: string | null;
  readonly sections: readonly SectionResult[];
}

export interface SectionResult {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** There are more rows than were asked for. */
  readonly more: boolean;
  readonly card: boolean;
  readonly chart: Chart | null;
}

export const REPORT_ROWS = 1_000;
export const REPORT_ROWS_MAX = 1_000_000;

export async function runReport(
  store: Store,
  settings: CoreSettings,
  report: Report,
  question: ReportQuestion,
): Promise<Result<ReportResult, Fault>> {
  const { from, to, person, where } = question;
  if (report.ofPerson === true && person === undefined) {
    return err(fault("CHP_CORE_REPORT", `${report.name} is about one person: name them`));
  }
  const read = readFilters(
    where ?? "",
    report.sections.map(({ columns }) => columns),
  );
  if (!read.ok) return read;
  const sections: SectionResult[] = [];
  for (const [index, section] of report.sections.entries()) {
    const filters = read.value[index] ?? [];
    const found = await runSection(store, settings, section, { ...question, filters });
    if (!found.ok) return found;
    sections.push(found.value);
  }
  const { name, title, summary } = report;
  return ok({
    name,
    title,
    summary,
    from,
    to,
    person: person ?? null,
    where: where ?? null,
    sections,
  });
}

async function runSection(
  store: Store,
  settings: CoreSettings,
  section: Section,
  question: ReportQuestion & { readonly filters: readonly Filter[] },
): Promise<Result<SectionResult, Fault>> {
  const { filters, limit, from, to, person } = question;
  const given = new Map<string, Cell>([
    ["from", from],
    ["to", to],
    ["person", person ?? ""],
    ["minimum", settings.minimumSuspicious],
  ]);
  const parameters: Cell[] = [];
  const inner = section.sql.replace(/:(from|to|person|minimum)\b/g, (_, name: string) => {
    parameters.push(given.get(name) ?? null);
    return "?";
  });
  const kept = [
    ...(person === undefined || !section.columns.some(({ key }) => key === "person")
      ? []
      : [{ sql: '"person" = ?', parameter: person }]),
    ...filters,
  ];
  const outer = kept.length === 0 ? "" : ` WHERE ${kept.map(({ sql }) => sql).join(" AND ")}`;
  const columns = section.columns.map(({ key }) => `"${key}"`).join(", ");
  // Ties in one order wherever the facts are kept, and however often it is asked.
  const ties = section.columns.filter(({ kind }) => kind === "text").map(({ key }) => `"${key}"`);
  const order = [section.order, ...ties].join(", ");
  const rows = await store.query(
    `SELECT ${columns} FROM (${inner}) found${outer} ORDER BY ${order} LIMIT ?`,
    [...parameters, ...kept.map(({ parameter }) => parameter), limit + 1],
  );
  if (!rows.ok) return rows;
  return ok({
    title: section.title,
    columns: section.columns,
    rows: rows.value.slice(0, limit),
    more: rows.value.length > limit,
    card: section.card ?? false,
    chart: section.chart ?? null,
  });
}
