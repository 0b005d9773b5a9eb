import type { Year } from "./year.mjs";

export interface Tally {
  readonly planted: number;
  readonly shown: number;
  readonly judged: number;
  readonly learning: number;
  readonly alarms: number;
  readonly falseAlarmRate: number;
}

export function tally(
  query: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
  year: Year,
): Promise<Readonly<Record<string, Tally>>>;
