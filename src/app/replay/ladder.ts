import type { EventEnvelope } from "../../events/index.js";
import { escapeControls } from "../../kernel/index.js";

interface RiskData {
  readonly session: { readonly id: string; readonly person: string };
  readonly score: number;
  readonly previous: number;
  readonly step?: string;
  readonly reasons: readonly string[];
}

const BAR = 20;

/** How the risk of one recorded session went: when, how high, which step, and why. */
export function describeLadder(events: readonly EventEnvelope[]): readonly string[] {
  const moves = events.filter(({ type }) => type === "io.chaperone.risk.changed.v1");
  const opened = events.find(({ type }) => type === "io.chaperone.session.opened.v1");
  const { session } = (opened?.data ?? {}) as Partial<RiskData>; // as the session has just made it
  const head = `${session?.id ?? "?"} ${escapeControls(session?.person ?? "?")}`;
  if (moves.length === 0) return [`${head}: nothing is odd`];
  const from = Date.parse(opened?.time ?? "");
  return [
    `${head}:`,
    ...moves.map(({ time, data }) => {
      const { score, step, reasons } = data as unknown as RiskData; // risk.changed
      const bar = "#".repeat(Math.round((score / 100) * BAR)).padEnd(BAR, ".");
      const seconds = Math.max(0, Math.round((Date.parse(time) - from) / 1_000));
      const why = escapeControls(reasons[0] ?? "");
      return `  ${clock(seconds)} ${bar} ${String(score).padStart(3)} ${(step ?? "-").padEnd(7)} ${why}`;
    }),
  ];
}

/** `01:02:03` */
function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
