import type { Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { field } from "./client.js";
import { ctlCommand, failed } from "./ctl-command.js";
import { cellOf } from "./table.js";

const statusCommand = ctlCommand(
  {
    words: ["status"],
    summary: "which sidecar answers, as whom you speak, and whether it takes sessions",
    notes: ["Exit code 1 when no new sessions are taken."],
    examples: ["chaperone ctl status"],
  },
  async (call) => {
    const about = await call.api.call({ method: "GET", path: "/v1/about" });
    if (about.type !== "answer") return failed(call, about);
    const ready = await call.api.call({ method: "GET", path: "/v1/readiness" });
    if (ready.type === "unreachable") return failed(call, ready);
    const isReady = ready.type === "answer";
    const facts = about.body;
    if (call.json) call.console.out(JSON.stringify({ about: facts, ready: isReady }));
    else {
      const [version, site, node, started] = ["version", "site", "node", "startedAt"].map((name) =>
        cellOf(field(facts, name)),
      );
      const caller = field(facts, "caller");
      call.console.out(
        `Chaperone ${version ?? ""} at ${site ?? ""}/${node ?? ""}, since ${started ?? ""}`,
      );
      call.console.out(
        `you are ${cellOf(field(caller, "name"))} (${cellOf(field(caller, "role"))})`,
      );
      call.console.out(isReady ? "takes sessions" : ready.message);
    }
    return isReady ? EXIT.fine : EXIT.bad;
  },
);

export const STATUS_COMMANDS: readonly Command[] = [
  statusCommand,
  ctlCommand(
    {
      words: ["metrics"],
      summary: "the metrics as Prometheus gets them",
      examples: ["chaperone ctl metrics | grep chaperone_"],
    },
    async (call) => {
      const answer = await call.api.call({ method: "GET", path: "/metrics" });
      if (answer.type !== "answer") return failed(call, answer);
      call.console.out(answer.text.trimEnd());
      return EXIT.fine;
    },
  ),
];
