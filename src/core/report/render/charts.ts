import type { SiteClock } from "../../site-clock.js";
import { DAY_MS, HOURS_OF_WEEK } from "../../site-clock.js";
import type { Cell, Row } from "../../store/index.js";
import type { Chart } from "../report.js";
import type { SectionResult } from "../run-report.js";
import { escapeHtml } from "./escape-html.js";

/** Rows of a ranking that are drawn; the table below has them all. */
const BARS_MAX = 12;
const BAR_HEIGHT = 22;
const LABEL_WIDTH = 180;
const WIDTH = 720;
const HEIGHT = 120;
const CELL = 24;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS_OF_DAY = 24;
/** More days than this are drawn by the week. */
const DAYS_DRAWN = 120;
const WEEK = 7;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The picture of a section as SVG, or nothing where there is nothing to see. */
export function drawChart(section: SectionResult, span: Span, clock: SiteClock): string {
  const { chart, rows } = section;
  if (chart === null || rows.length === 0) return "";
  switch (chart.type) {
    case "bars":
      return bars(rows, chart);
    case "week":
      return week(rows, chart);
    case "days":
      return days(rows, chart, span, clock);
  }
}

function bars(rows: readonly Row[], { label, value }: Extract<Chart, { type: "bars" }>): string {
  const drawn = rows.slice(0, BARS_MAX);
  const most = Math.max(...drawn.map((row) => numberOf(row[value])), 1e-9);
  const room = WIDTH - LABEL_WIDTH - 60;
  const lines = drawn.map((row, index) => {
    const y = index * BAR_HEIGHT;
    const length = Math.max(1, (numberOf(row[value]) / most) * room);
    const text = escapeHtml(cut(String(row[label] ?? "")));
    const shown = String(Math.round(numberOf(row[value]) * 10) / 10);
    return `<text x="${LABEL_WIDTH - 8}" y="${y + 15}" text-anchor="end">${text}</text><rect x="${LABEL_WIDTH}" y="${y + 4}" width="${length.toFixed(1)}" height="14" rx="3" class="bar"/><text x="${(LABEL_WIDTH + length + 6).toFixed(1)}" y="${y + 15}" class="soft">${shown}</text>`;
  });
  return svg(drawn.length * BAR_HEIGHT + 4, lines.join(""));
}

function week(rows: readonly Row[], { hour, value }: Extract<Chart, { type: "week" }>): string {
  const counts = new Map(rows.map((row) => [numberOf(row[hour]), numberOf(row[value])]));
  const most = Math.max(...counts.values(), 1);
  const cells = Array.from({ length: HOURS_OF_WEEK }, (_, index) => {
    const [day, at] = [Math.floor(index / HOURS_OF_DAY), index % HOURS_OF_DAY];
    const count = counts.get(index) ?? 0;
    const strength = count === 0 ? 0.06 : 0.2 + 0.8 * (count / most);
    return `<rect x="${40 + at * CELL}" y="${20 + day * CELL}" width="${CELL - 3}" height="${CELL - 3}" rx="4" class="bar" fill-opacity="${strength.toFixed(2)}"><title>${DAYS[day] ?? ""} ${at}h: ${count}</title></rect>`;
  });
  const names = DAYS.map((name, day) => `<text x="4" y="${35 + day * CELL}">${name}</text>`);
  const marks = [0, 6, 12, 18].map(
    (at) => `<text x="${40 + at * CELL}" y="12" class="soft">${at}h</text>`,
  );
  return svg(24 + WEEK * CELL, [...names, ...marks, ...cells].join(""));
}

function days(
  rows: readonly Row[],
  { time }: Extract<Chart, { type: "days" }>,
  { from, to }: Span,
  clock: SiteClock,
): string {
  const first = clock.day(from);
  const count = Math.max(1, clock.day(to - 1) - first + 1);
  const step = count > DAYS_DRAWN ? WEEK : 1;
  const columns = new Array<number>(Math.ceil(count / step)).fill(0);
  for (const row of rows) {
    const index = Math.floor((clock.day(numberOf(row[time])) - first) / step);
    if (index >= 0 && index < columns.length) columns[index] = (columns[index] ?? 0) + 1;
  }
  const most = Math.max(...columns, 1);
  const width = (WIDTH - 40) / columns.length;
  const drawn = columns.map((value, index) => {
    const height = value === 0 ? 0 : Math.max(2, (value / most) * (HEIGHT - 30));
    const date = clock.text(from + index * step * DAY_MS).slice(0, 10);
    return `<rect x="${(40 + index * width).toFixed(1)}" y="${(HEIGHT - 20 - height).toFixed(1)}" width="${Math.max(1, width - 1).toFixed(1)}" height="${height.toFixed(1)}" class="bar"><title>${date}: ${value}</title></rect>`;
  });
  const base = `<line x1="40" x2="${WIDTH}" y1="${HEIGHT - 20}" y2="${HEIGHT - 20}" class="axis"/>`;
  const marks = `<text x="36" y="18" text-anchor="end" class="soft">${most}</text><text x="40" y="${HEIGHT - 4}" class="soft">${clock.text(from).slice(0, 10)}</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end" class="soft">${clock.text(to - 1).slice(0, 10)}</text>`;
  return svg(HEIGHT, base + drawn.join("") + marks);
}

function svg(height: number, inner: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">${inner}</svg>`;
}

function numberOf(cell: Cell | undefined): number {
  return Number(cell ?? 0);
}

const LABEL_MAX = 26;

function cut(text: string): string {
  return text.length <= LABEL_MAX ? text : `${text.slice(0, LABEL_MAX - 1)}…`;
}
