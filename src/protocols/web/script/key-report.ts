import type { WebKey } from "../../../model/index.js";

/** Keys of one report of the script; a person types some ten in its time. */
const KEYS_MAX = 256;
const KEY_CHARS_MAX = 16;
/** Older keys were kept by a page that was asleep: what they say about a rhythm is not known. */
const AGO_MS_MAX = 60_000;
const HELD_MS_MAX = 10_000;

/** `[["a", 1200.5, 80.1], ["b", 900, null]]`: key, how long ago it went down, how long it was down. Null: no report. */
export function readKeyReport(bytes: Uint8Array): readonly WebKey[] | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length > KEYS_MAX) return null;
  const keys = (value as readonly unknown[]).map(keyOf);
  return keys.every((key) => key !== null) ? keys : null;
}

function keyOf(entry: unknown): WebKey | null {
  if (!Array.isArray(entry) || entry.length !== 3) return null;
  const [key, ago, held] = entry as readonly unknown[];
  if (typeof key !== "string" || key === "" || key.length > KEY_CHARS_MAX) return null;
  if (!isTime(ago, AGO_MS_MAX) || (held !== null && !isTime(held, HELD_MS_MAX))) return null;
  return {
    key,
    agoUs: Math.round(ago * 1_000),
    heldUs: held === null ? null : Math.round(held * 1_000),
  };
}

function isTime(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}
