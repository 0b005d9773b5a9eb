/** `?`: may be null. Integers are 64 bits, so that they hold milliseconds since the epoch. */
export type ColumnKind = "text" | "text?" | "integer" | "integer?" | "real" | "real?";

/** A table as both databases have it; its first column is its key. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** What happens to a row whose key is there already. */
  readonly again: "replace" | "keep";
}

/** Names of columns, by what they hold, in lines; the key is the first of `text`. */
type ColumnWords = { readonly [K in ColumnKind]?: readonly string[] } & {
  readonly text: readonly string[];
};

type WordsIn<S> = S extends `${infer First} ${infer Rest}` ? First | WordsIn<Rest> : S;

type LinesOf<L> = L extends readonly (infer S)[] ? S : never;

/** From the name of a column to what it holds. */
type Columns<W extends ColumnWords> = {
  readonly [C in { [K in ColumnKind]: WordsIn<LinesOf<W[K]>> }[ColumnKind] & string]: {
    [K in ColumnKind]: C extends WordsIn<LinesOf<W[K]>> ? K : never;
  }[ColumnKind];
};

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

export function defineTable<const W extends ColumnWords>(
  name: string,
  again: Table["again"],
  words: W,
): Omit<Table, "columns"> & { readonly columns: Columns<W> } {
  const columns = Object.entries(words).flatMap(([kind, lines]) =>
    lines.flatMap((line) => line.split(" ")).map((column) => [column, kind]),
  );
  // What the type says of the words is what was split.
  return { name, again, columns: Object.fromEntries(columns) as Columns<W> };
}

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
