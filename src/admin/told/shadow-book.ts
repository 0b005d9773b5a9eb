import type { ShadowReport } from "../schema/rules.js";
import { isoOf, textField, type ToldEvent } from "./told-event.js";

/** What rules in shadow mode would have done, counted since the start. */
export interface ShadowBook {
  readonly observe: (event: ToldEvent) => void;
  report(): ShadowReport;
}

/** A rule set of this size is not known; what comes above it is counted as dropped. */
const RULES_MAX = 10_000;
const PERSONS_MAX = 1_000;
/** Verbs are few; anything more is not from our rules. */
const VERBS_MAX = 16;

interface Row {
  name: string;
  hits: number;
  readonly wouldHave: Map<string, number>;
  readonly persons: Set<string>;
  lastWall: number;
}

export function createShadowBook(startedMs: number): ShadowBook {
  const rows = new Map<string, Row>();
  let dropped = 0;

  return {
    observe(event) {
      // Asked first: of most events the data is never parsed.
      if (event.type !== "rule.matched") return;
      const { data, wall } = event;
      if (textField(data, "mode") !== "shadow") return;
      const id = textField(data["rule"], "id");
      const row = rows.get(id) ?? newRow();
      if (!rows.has(id)) {
        if (rows.size >= RULES_MAX) {
          dropped += 1;
          return;
        }
        rows.set(id, row);
      }
      row.name = textField(data["rule"], "name");
      row.hits += 1;
      row.lastWall = Math.max(row.lastWall, wall);
      const verb = textField(data, "wouldHave");
      if (row.wouldHave.has(verb) || row.wouldHave.size < VERBS_MAX) {
        row.wouldHave.set(verb, (row.wouldHave.get(verb) ?? 0) + 1);
      }
      if (row.persons.size < PERSONS_MAX) row.persons.add(textField(data["session"], "person"));
    },
    report: () => ({
      since: new Date(startedMs).toISOString(),
      dropped,
      rows: [...rows]
        .map(([rule, row]) => ({
          rule,
          name: row.name,
          hits: row.hits,
          wouldHave: Object.fromEntries(row.wouldHave),
          persons: row.persons.size,
          last: isoOf(row.lastWall),
        }))
        .sort((a, b) => b.hits - a.hits || a.rule.localeCompare(b.rule)),
    }),
  };
}

function newRow(): Row {
  return { name: "", hits: 0, wouldHave: new Map(), persons: new Set(), lastWall: 0 };
}
