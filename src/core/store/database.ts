import type { RowOf, Table } from "./table.js";

/** What a column may hold. Times are milliseconds since the epoch, flags 0, 1 or null (not judged). */
export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * One SQL database. The statements of the core are written in what SQLite and PostgreSQL have in common,
 * with `?` for parameters, so that one set of statements and tests serves both. Everything rejects with
 * what the driver says; the store turns that into faults.
 */
export interface Database {
  readonly kind: "sqlite" | "postgres";
  /** Rows that were changed. */
  run(sql: string, parameters?: readonly Cell[]): Promise<number>;
  all(sql: string, parameters?: readonly Cell[]): Promise<readonly Row[]>;
  /** Statements in one transaction: all of them or none. */
  script(statements: readonly Statement[]): Promise<void>;
  /** Rows in one transaction: all of them or none. A row whose key is there already is replaced, or kept where the table says so. */
  write(writes: readonly TableWrite[]): Promise<void>;
  /** Of what was deleted from these tables no byte stays in the files of the database. */
  scrub(tables: readonly Pick<Table, "name">[]): Promise<void>;
  close(): Promise<void>;
}

export interface Statement {
  readonly sql: string;
  readonly parameters?: readonly Cell[];
}

export interface TableWrite {
  readonly table: Table;
  readonly rows: readonly Row[];
}

/** Rows of one table, checked against its columns. */
export function rowsOf<T extends Table>(table: T, rows: readonly RowOf<T>[]): TableWrite {
  return { table, rows };
}
