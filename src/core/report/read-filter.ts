import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { Cell } from "../store/index.js";
import type { Column, ColumnKind } from "./report.js";

/** A condition on a column, as SQL with its parameter. */
export interface Filter {
  readonly key: string;
  readonly sql: string;
  readonly parameter: Cell;
}

const CONDITION =
  /\s*(?<key>[a-z_0-9]+)\s*(?<operator>!=|>=|<=|=|>|<|~)\s*(?<value>'[^']*'|"[^"]*"|[^\s'"]+)\s*(?<and>and\s+|$)/iy;
/** `90s`, `15m`, `2h`, `3d` */
const LENGTH = /^(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)$/;
const UNIT_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
const CONDITIONS_MAX = 20;

/**
 * Reads `person=alice and risk>=5 and target~web`: `~` contains, whatever the case. Times as ISO dates,
 * durations as `15m`, flags as yes, no or learning; of a list `=` is one of it. Answers the conditions of each
 * section: those on columns that it has. One on a column that none of them has is refused.
 */
export function readFilters(
  text: string,
  sections: readonly (readonly Column[])[],
): Result<readonly (readonly Filter[])[], Fault> {
  const filters: Filter[][] = sections.map(() => []);
  const expression = new RegExp(CONDITION);
  for (let count = 0; expression.lastIndex < text.length; count += 1) {
    const at = expression.lastIndex;
    const found = expression.exec(text)?.groups;
    if (found === undefined || count >= CONDITIONS_MAX) {
      return wrong(
        `can not read \`${text.slice(at).trim()}\`: write column=value and column>=value`,
      );
    }
    const { key = "", operator = "", value = "" } = found;
    if (!sections.some((columns) => columns.some((one) => one.key === key))) {
      const known = new Set(sections.flatMap((columns) => columns.map((one) => one.key)));
      return wrong(`there is no column \`${key}\`: the columns are ${[...known].join(", ")}`);
    }
    for (const [index, columns] of sections.entries()) {
      const column = columns.find((one) => one.key === key);
      if (column === undefined) continue;
      const filter = filterOn(column, operator, value.replace(/^(['"])(.*)\1$/, "$2"));
      if (!filter.ok) return filter;
      filters[index]?.push(filter.value);
    }
  }
  return ok(filters);
}

function filterOn(column: Column, operator: string, text: string): Result<Filter, Fault> {
  const { key, kind } = column;
  // A name of ours from the list of columns, quoted because some are words of SQL.
  const name = `"${key}"`;
  if (operator === "~") return ok({ key, ...contains(name, text) });
  if (kind === "names" && (operator === "=" || operator === "!=")) {
    const { sql, parameter } = contains(name, JSON.stringify(text));
    return ok({ key, sql: operator === "=" ? sql : `NOT ${sql}`, parameter });
  }
  if (kind === "names" || kind === "reasons") {
    return wrong(`\`${operator}\` says nothing of the column ${key}: write ${key}~text`);
  }
  if (kind === "flag" && text === "learning") {
    return ok({ key, sql: `COALESCE(${name}, -1) ${operator} ?`, parameter: -1 });
  }
  const parameter = parameterOf(kind, text);
  if (parameter === null) return wrong(`\`${text}\` is no ${WORDS[kind]} (column ${key})`);
  // A number is compared as one with a fraction, also where the column holds whole ones.
  const mark = typeof parameter === "number" ? "CAST(? AS DOUBLE PRECISION)" : "?";
  return ok({ key, sql: `${name} ${operator === "!=" ? "<>" : operator} ${mark}`, parameter });
}

/** Lists and reasons are looked through as the JSON that they are kept as. */
function contains(name: string, text: string): Omit<Filter, "key"> {
  const parameter = `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  return { sql: `LOWER(CAST(${name} AS TEXT)) LIKE ? ESCAPE '\\'`, parameter };
}

const WORDS: Readonly<Record<ComparedKind, string>> = {
  text: "text",
  number: "number",
  decimal: "number",
  time: "time: write 2026-11-21 or 2026-11-21T17:00:00Z",
  length: "duration: write 90s, 15m or 2h",
  flag: "flag: write yes, no or learning",
  hour: "hour of the week: 0 is Monday 00h, 167 Sunday 23h",
  bytes: "number of bytes",
  risk: "number",
};

type ComparedKind = Exclude<ColumnKind, "reasons" | "names">;

function parameterOf(kind: ComparedKind, text: string): Cell {
  switch (kind) {
    case "text":
      return text;
    case "time":
      return readTime(text);
    case "length":
      return readLength(text);
    case "flag":
      return text === "yes" ? 1 : text === "no" ? 0 : null;
    case "number":
    case "decimal":
    case "hour":
    case "bytes":
    case "risk": {
      const number = Number(text);
      return text.trim() === "" || !Number.isFinite(number) ? null : number;
    }
  }
}

/** ms since the epoch, of an ISO date (UTC where no zone is said); null when it is none. */
export function readTime(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const zoned = text.length > 10 && !/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? `${text}Z` : text;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : ms;
}

/** ms; null when it is no duration. */
export function readLength(text: string): number | null {
  const found = LENGTH.exec(text)?.groups;
  const unit = UNIT_MS.get(found?.["unit"] ?? "");
  return found === undefined || unit === undefined ? null : Number(found["count"]) * unit;
}

function wrong(message: string): Result<never, Fault> {
  return err(fault("CHP_CORE_REPORT", message));
}
