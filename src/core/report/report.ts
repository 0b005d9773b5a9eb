/** How a cell is shown, and how a filter on it is read. */
export type ColumnKind =
  | "text"
  | "number"
  /** One digit after the point. */
  | "decimal"
  /** ms since the epoch. */
  | "time"
  /** ms. */
  | "length"
  /** 1, 0; null = not judged, the person is being learnt. */
  | "flag"
  /** 0..167, Monday 00:00 first. */
  | "hour"
  | "bytes"
  /** 0..15, or a sum of it. */
  | "risk"
  /** JSON as addReasons writes it. */
  | "reasons"
  /** JSON array of names. */
  | "names";

export interface Column {
  /** Name in filters, CSV and JSON, and of the SQL column. */
  readonly key: string;
  readonly title: string;
  readonly kind: ColumnKind;
}

/** A picture of a section; drawn where there is room for one. */
export type Chart =
  | { readonly type: "bars"; readonly label: string; readonly value: string }
  | { readonly type: "week"; readonly hour: string; readonly value: string }
  | { readonly type: "days"; readonly time: string };

export interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  /** `:from`, `:to` (ms), `:person` and `:minimum` are given; the columns by their keys. */
  readonly sql: string;
  readonly order: string;
  readonly chart?: Chart;
  /** One row, shown as a card. */
  readonly card?: boolean;
}

/** One report: what it answers, and from what. */
export interface Report {
  readonly name: string;
  readonly title: string;
  /** The question that it answers, in a line. */
  readonly summary: string;
  /** It is about one person, who has to be named. */
  readonly ofPerson?: boolean;
  readonly sections: readonly [Section, ...Section[]];
}
