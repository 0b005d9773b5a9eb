import { escapeControls } from "../../../kernel/index.js";
import type { Style } from "../console.js";
import { field } from "./client.js";

/** Header, and what stands under it for a row. */
export type Column = readonly [header: string, cell: (row: unknown) => string];

/** The field of this name, or nothing. A list is joined. */
export function column(header: string, name: string): Column {
  return [header, (row) => cellOf(field(row, name))];
}

export function cellOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(cellOf).join(",");
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Lines with columns of equal width. Texts of others can not move the cursor. */
export function tableOf(rows: readonly unknown[], columns: readonly Column[], style: Style) {
  const cells = rows.map((row) => columns.map(([, cell]) => escapeControls(cell(row)) || "-"));
  const widths = columns.map(([header], index) =>
    Math.max(header.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    style.strong(line(columns.map(([header]) => header.toUpperCase()))),
    ...cells.map((row) => line(row)),
  ];
}
