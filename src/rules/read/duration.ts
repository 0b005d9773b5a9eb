import type { Reader, Value } from "./reader.js";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `30s`, `5m`, `2h`, `1d`; `session` lasts as long as any session. In milliseconds. */
export function readDuration(reader: Reader, value: Value, what: string): number | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  if (text === "session") return Number.MAX_SAFE_INTEGER / 1_000_000;
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    reader.refuse(
      "CHP_RULES_SHAPE",
      `${what} must be a duration like 30s, 5m or 2h`,
      reader.place(value),
    );
    return undefined;
  }
  return Number(match[1]) * unit;
}
