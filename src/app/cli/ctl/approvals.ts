import { escapeControls } from "../../../kernel/index.js";
import { textOf, type Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { field } from "./client.js";
import { ask, ctlCommand, encode, listed } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";
import { APPROVAL_IDS, wholeIds } from "./whole-ids.js";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("person", "person"),
  column("account", "account"),
  column("target", "target"),
  column("action", "action"),
  column("held", "held"),
  column("rule", "rule"),
  column("reason", "reason"),
  ["who may", (row) => cellOf(field(row, "approvers")) || "any operator"],
  [
    "agreed",
    (row) => {
      const agreed: unknown = field(row, "approvedBy");
      const count = Array.isArray(agreed) ? agreed.length : 0;
      return `${count} of ${cellOf(field(row, "needed"))}`;
    },
  ],
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
      notes: ["The beginning of the id is enough where only one approval begins so."],
      examples: [`chaperone ctl ${decision} 0192f0c1 --reason "CHG-1234"`],
    },
    async (call) => {
      const reason = textOf(call, "reason");
      const body = { decision, ...(reason === undefined ? {} : { reason }) };
      const ids = await wholeIds(call, call.positionals, APPROVAL_IDS);
      if (ids === null) return EXIT.usage;
      const path = `/v1/approvals/${encode(ids[0])}`;
      return await ask(call, { method: "POST", path, body }, (answer) => {
        const missing = cellOf(field(answer, "missing"));
        const still = missing === "" ? "" : `, still to agree: ${missing}`;
        return [
          escapeControls(
            `${cellOf(field(answer, "id"))}  ${cellOf(field(answer, "outcome"))}${still}`,
          ),
        ];
      });
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
