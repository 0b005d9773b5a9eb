import { COLUMN } from "./columns.js";
import type { Column, Report } from "./report.js";

const INTERVAL = "happened >= :from AND happened < :to AND mode = 'enforce'";

/** Sessions in which audited commands were run, by ever more of what is known of them. */
function ranking(
  facts: { readonly name: string; readonly title: string; readonly summary: string },
  columns: readonly Column[],
): Report {
  const keys = columns.map(({ key }) => (key === "rule" ? "rule_name" : key)).join(", ");
  const selected = keys.replace("rule_name", "rule_name AS rule");
  return {
    ...facts,
    sections: [
      {
        title: "Audited commands",
        columns: [...columns, COLUMN.sessions, HITS],
        sql: `SELECT ${selected}, COUNT(DISTINCT session) AS sessions, COUNT(*) AS hits
          FROM rule_hit WHERE ${INTERVAL} GROUP BY ${keys}`,
        order: "sessions DESC, hits DESC, rule",
        chart: { type: "bars", label: "rule", value: "sessions" },
      },
    ],
  };
}

const HITS: Column = { key: "hits", title: "Times", kind: "number" };

export const COMMAND_REPORTS: readonly Report[] = [
  ranking(
    {
      name: "audited-commands",
      title: "Audited commands",
      summary: "audited commands by the sessions in which they were run",
    },
    [COLUMN.rule, COLUMN.criticality],
  ),
  ranking(
    {
      name: "commands-by-target",
      title: "Audited commands by target",
      summary: "audited commands and the targets on which they were run",
    },
    [COLUMN.rule, COLUMN.target],
  ),
  ranking(
    {
      name: "commands-by-credential",
      title: "Audited commands by credential",
      summary: "audited commands, what was done about them, where and as whom",
    },
    [COLUMN.rule, COLUMN.action, COLUMN.target, COLUMN.account],
  ),
  ranking(
    {
      name: "commands-by-person",
      title: "Audited commands by person",
      summary: "audited commands, what was done about them, where, as whom and by whom",
    },
    [COLUMN.rule, COLUMN.action, COLUMN.target, COLUMN.account, COLUMN.person],
  ),
  {
    name: "sessions-with-occurrences",
    title: "Sessions with occurrences",
    summary: "sessions in which rules spoke, by the score of what was found",
    sections: [
      {
        title: "Sessions",
        columns: [
          COLUMN.id,
          COLUMN.person,
          COLUMN.target,
          COLUMN.account,
          COLUMN.started,
          COLUMN.ended,
          COLUMN.duration,
          { key: "occurrences", title: "Events", kind: "number" },
          { key: "score", title: "Score", kind: "number" },
        ],
        sql: `SELECT id, person, target, account, started, ended, duration_ms AS duration,
            occurrences, occurrence_score AS score
          FROM session WHERE started >= :from AND started < :to AND occurrences > 0`,
        order: "score DESC, started DESC",
        chart: { type: "days", time: "started" },
      },
    ],
  },
];
