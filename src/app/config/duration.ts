import { invariant } from "../../kernel/index.js";

/** `500ms`, `30s`, `5m`, `1h`, `1d`; a bare number has no unit and is refused. */
export const DURATION = /^(?<amount>\d{1,9})(?<unit>ms|s|m|h|d)$/;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or null when `text` is not a duration. */
export function parseDuration(text: string): number | null {
  const groups = DURATION.exec(text)?.groups;
  if (groups === undefined) return null;
  const perUnit = MS_PER_UNIT[groups["unit"] ?? ""];
  return perUnit === undefined ? null : Number(groups["amount"]) * perUnit;
}

/** The same for a text whose form the schema has already checked. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  invariant(ms !== null, "the schema lets only durations through");
  return ms;
}
