/** `?`: may be null. Integers are 64 bits, so that they hold milliseconds since the epoch. */
export type ColumnKind = "text" | "text?" | "integer" | "integer?" | "real" | "real?";

/** A table as both databases have it; its first column is its key. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** What happens to a row whose key is there already. */
  readonly again: "replace" | "keep";
}

export type RowOf<T extends Table> = {
  readonly [C in keyof T["columns"] & string]: CellOf<T["columns"][C]>;
};

type CellOf<K> = K extends "text"
  ? string
  : K extends "text?"
    ? string | null
    : K extends "integer" | "real"
      ? number
      : number | null;

const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: "TEXT NOT NULL",
  "text?": "TEXT",
  integer: "BIGINT NOT NULL",
  "integer?": "BIGINT",
  real: "DOUBLE PRECISION NOT NULL",
  "real?": "DOUBLE PRECISION",
};

/** `CREATE TABLE` as both databases read it. */
export function createTable({ name, columns }: Table): string {
  const lines = Object.entries(columns).map(
    ([column, kind], index) => `${column} ${TYPES[kind]}${index === 0 ? " PRIMARY KEY" : ""}`,
  );
  return `CREATE TABLE ${name} (${lines.join(", ")})`;
}

/** The end of an `INSERT`: what happens to a row that is there. */
export function onConflict({ columns, again }: Table): string {
  const [key, ...others] = Object.keys(columns);
  const set = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return `ON CONFLICT (${key ?? ""}) DO ${again === "keep" ? "NOTHING" : `UPDATE SET ${set}`}`;
}
