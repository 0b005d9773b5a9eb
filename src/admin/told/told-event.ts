/** An event as it was delivered; its fields are read with care, because an older release may have told it. */
export interface ToldEvent {
  /** Without prefix and version: `session.opened`. */
  readonly type: string;
  readonly subject: string;
  /** Microseconds since the epoch. */
  readonly wall: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export function textField(record: unknown, field: string): string {
  if (typeof record !== "object" || record === null || !(field in record)) return "";
  const value = (record as Readonly<Record<string, unknown>>)[field]; // an object that has the field
  return typeof value === "string" ? value : "";
}

export function numberField(record: Readonly<Record<string, unknown>>, field: string): number {
  const value = record[field];
  return typeof value === "number" ? value : 0;
}

export function isoOf(wallMicros: number): string {
  return new Date(wallMicros / 1_000).toISOString();
}
