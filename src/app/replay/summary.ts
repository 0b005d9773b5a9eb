import type { EventEnvelope } from "../../events/index.js";
import { escapeControls } from "../../kernel/index.js";
import type { Replayed } from "./stage.js";

/** Which rules would have hit, how often, and what they would have done. */
export interface ReplaySummary {
  readonly recordings: number;
  readonly commands: number;
  readonly rules: readonly RuleRow[];
  /** What was done when it was recorded: decision to how often. */
  readonly decided: ReadonlyMap<string, number>;
}

export interface RuleRow {
  readonly id: string;
  readonly name: string;
  readonly criticality: string;
  readonly wouldHave: string;
  readonly hits: number;
  readonly sessions: number;
  readonly persons: number;
  /** Evidence of the first hit. */
  readonly example: string;
}

interface MatchedData {
  readonly rule: { readonly id: string; readonly name: string; readonly criticality: string };
  readonly wouldHave?: string;
  readonly evidence: string;
  readonly session: { readonly id: string; readonly person: string };
}

/** Most often first. */
export function summarise(replays: readonly Replayed[]): ReplaySummary {
  const rows = new Map<string, RuleRow & { all: Set<string>; people: Set<string> }>();
  const decided = new Map<string, number>();
  let commands = 0;
  for (const { events, decided: then } of replays) {
    for (const { label } of then) {
      const word = label.split(" ")[0] ?? label;
      decided.set(word, (decided.get(word) ?? 0) + 1);
    }
    for (const event of events) {
      if (isOf(event, "command.entered")) commands += 1;
      if (!isOf(event, "rule.matched")) continue;
      const data = event.data as unknown as MatchedData; // rule.matched, as the session has just made it
      const before = rows.get(data.rule.id);
      const all = before?.all ?? new Set<string>();
      const people = before?.people ?? new Set<string>();
      all.add(data.session.id);
      people.add(data.session.person);
      rows.set(data.rule.id, {
        ...data.rule,
        wouldHave: data.wouldHave ?? "log",
        hits: (before?.hits ?? 0) + 1,
        sessions: all.size,
        persons: people.size,
        example: before?.example ?? data.evidence,
        all,
        people,
      });
    }
  }
  const rules = [...rows.values()].sort((a, b) => b.hits - a.hits || a.id.localeCompare(b.id));
  return { recordings: replays.length, commands, rules, decided };
}

function isOf({ type }: EventEnvelope, name: string): boolean {
  return type === `io.chaperone.${name}.v1`;
}

const EXAMPLE_CHARS_MAX = 60;

/** A table for a terminal. */
export function describeSummary(summary: ReplaySummary): readonly string[] {
  const { recordings, commands, rules, decided } = summary;
  const then = [...decided].map(([word, count]) => `${word} ${count}`).join(", ");
  const head = [
    `recordings ${recordings}, commands ${commands}${then === "" ? "" : `; then: ${then}`}`,
  ];
  if (rules.length === 0) return [...head, "no rule would have hit"];
  const table = [
    ["hits", "sessions", "persons", "would have", "criticality", "rule", "first hit"],
    ...rules.map((row) => [
      String(row.hits),
      String(row.sessions),
      String(row.persons),
      row.wouldHave,
      row.criticality,
      row.id,
      escapeControls(row.example).slice(0, EXAMPLE_CHARS_MAX),
    ]),
  ];
  const widths = (table[0] ?? []).map((_, i) =>
    Math.max(...table.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [...head, ...table.map(line)];
}
