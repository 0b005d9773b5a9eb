import { hourName, type SiteClock } from "../../site-clock.js";
import { lengthText } from "../../mind/findings.js";
import { reasonsOf } from "../../mind/session-risk.js";
import type { Cell } from "../../store/index.js";
import type { ColumnKind } from "../report.js";

/** A cell for people. */
export function cellText(kind: ColumnKind, cell: Cell, clock: SiteClock): string {
  if (cell === null) return kind === "flag" ? "learning" : "";
  switch (kind) {
    case "time":
      return clock.text(Number(cell));
    case "length":
      return lengthText(Number(cell));
    case "flag":
      return cell === 1 ? "yes" : "no";
    case "hour":
      return hourName(Number(cell));
    case "decimal":
      return Number(cell).toFixed(1);
    case "bytes":
      return bytesText(Number(cell));
    case "reasons":
      return reasonsOf(String(cell))
        .map(({ words }) => words)
        .join("; ");
    case "names":
      return namesOf(String(cell)).join(", ");
    case "text":
    case "number":
    case "risk":
      return String(cell);
  }
}

/** A cell for programs: times as ISO 8601, durations in ms, flags as true, false or null. */
export function cellValue(kind: ColumnKind, cell: Cell): unknown {
  if (cell === null) return null;
  switch (kind) {
    case "time":
      return new Date(Number(cell)).toISOString();
    case "length":
      return Math.round(Number(cell));
    case "flag":
      return cell === 1;
    case "reasons":
      return reasonsOf(String(cell));
    case "names":
      return namesOf(String(cell));
    case "text":
      return String(cell);
    case "hour":
    case "number":
    case "decimal":
    case "bytes":
    case "risk":
      return Number(cell);
  }
}

/** Numbers stand to the right. */
export function isNumeric(kind: ColumnKind): boolean {
  return ["number", "decimal", "length", "bytes", "risk"].includes(kind);
}

function namesOf(text: string): readonly string[] {
  // Written by teamText.
  return text === "" ? [] : (JSON.parse(text) as readonly string[]);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const STEP = 1_024;

function bytesText(bytes: number): string {
  let [left, unit] = [bytes, 0];
  while (left >= STEP && unit < UNITS.length - 1) {
    left /= STEP;
    unit += 1;
  }
  return `${unit === 0 ? left : left.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
