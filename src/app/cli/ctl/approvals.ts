import { textOf, type Command } from "../command.js";
import { field } from "./client.js";
import { ask, ctlCommand, encode, listed } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("person", "person"),
  column("account", "account"),
  column("target", "target"),
  column("action", "action"),
  column("held", "held"),
  column("rule", "rule"),
  column("deadline", "deadline"),
];

function decide(decision: "approve" | "deny", summary: string): Command {
  return ctlCommand(
    {
      words: [decision],
      positionals: "APPROVAL",
      takes: { least: 1, most: 1 },
      summary,
      options: { reason: { type: "string", value: "TEXT", help: "why: stands in the events" } },
      examples: [`chaperone ctl ${decision} 0192f0c1-3 --reason "CHG-1234"`],
    },
    async (call) => {
      const reason = textOf(call, "reason");
      const body = { decision, ...(reason === undefined ? {} : { reason }) };
      const path = `/v1/approvals/${encode(call.positionals[0])}`;
      return await ask(call, { method: "POST", path, body }, (answer) => [
        `${cellOf(field(answer, "id"))}  ${cellOf(field(answer, "outcome"))}`,
      ]);
    },
  );
}

export const APPROVAL_COMMANDS: readonly Command[] = [
  ctlCommand(
    {
      words: ["approvals"],
      summary: "what waits for a second pair of eyes",
      examples: ["chaperone ctl approvals"],
    },
    (call) =>
      ask(call, { method: "GET", path: "/v1/approvals" }, listed(call, "approvals", COLUMNS)),
  ),
  decide("approve", "lets what waits go on"),
  decide("deny", "refuses what waits"),
];
