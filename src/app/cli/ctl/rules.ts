import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describeError, escapeControls, plainJson } from "../../../kernel/index.js";
import type { Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { field } from "./client.js";
import { ask, ctlCommand, failed, listed, type CtlCall } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("mode", "mode"),
  column("name", "name"),
  column("file", "file"),
  column("line", "line"),
];
const SHADOW_COLUMNS: readonly Column[] = [
  column("rule", "rule"),
  column("hits", "hits"),
  [
    "would have",
    (row) =>
      Object.entries(field(row, "wouldHave") ?? {})
        .map(([verb, count]) => `${verb} ${cellOf(count)}`)
        .join(", "),
  ],
  column("persons", "persons"),
  column("last", "last"),
];
const FILES_MAX = 64;

const validateCommand = ctlCommand(
  {
    words: ["rules", "validate"],
    positionals: "FILE...",
    takes: { least: 1, most: FILES_MAX },
    summary: "lets the running sidecar compile and test rule files; changes nothing",
    examples: ["chaperone ctl rules validate ./rules/*.yaml"],
  },
  async (call) => {
    const files: { file: string; text: string }[] = [];
    for (const path of call.positionals) {
      try {
        files.push({ file: plainName(path), text: readFileSync(path, "utf8") });
      } catch (error) {
        call.console.err(describeError(error));
        return EXIT.couldNotRun;
      }
    }
    const order = { method: "POST", path: "/v1/rules/validate", body: { files } } as const;
    const answer = await call.api.call(order);
    if (answer.type !== "answer") return failed(call, answer);
    if (call.json) call.console.out(plainJson(answer.text));
    else tellValidated(call, answer.body);
    return field(answer.body, "valid") === true ? EXIT.fine : EXIT.bad;
  },
);

/** A name for places in faults; what the API would not take is replaced. */
function plainName(path: string): string {
  return basename(path)
    .replace(/[^A-Za-z0-9._-]/g, "_")
    .slice(0, 200);
}

function tellValidated({ console }: CtlCall, body: unknown): void {
  for (const line of faultLines(field(body, "faults"))) console.out(line);
  const failures = field(body, "failedTests");
  for (const one of Array.isArray(failures) ? (failures as unknown[]) : []) {
    console.out(escapeControls(`${cellOf(field(one, "rule"))}: ${cellOf(field(one, "message"))}`));
  }
  if (field(body, "valid") === true) console.out(`valid, rules: ${cellOf(field(body, "rules"))}`);
}

function faultLines(faults: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(faults) ? faults : [];
  return list.map((one) => {
    const [file, line, at] = ["file", "line", "column"].map((name) => cellOf(field(one, name)));
    const place = file === "" ? "" : `${file ?? ""}:${line ?? ""}:${at ?? ""} `;
    return escapeControls(`${place}${cellOf(field(one, "code"))} ${cellOf(field(one, "message"))}`);
  });
}

const reloadCommand = ctlCommand(
  {
    words: ["rules", "reload"],
    summary: "lets the sidecar read its rule files again",
    examples: ["chaperone ctl rules reload"],
  },
  async (call) => {
    const answer = await call.api.call({ method: "POST", path: "/v1/rules/reload" });
    if (answer.type !== "answer") return failed(call, answer);
    const loaded = field(answer.body, "loaded") === true;
    if (call.json) call.console.out(plainJson(answer.text));
    else {
      for (const line of faultLines(field(answer.body, "faults"))) call.console.out(line);
      const what = loaded ? "loaded" : "refused, the last good set stays in force";
      call.console.out(`${what}, rules: ${cellOf(field(answer.body, "rules"))}`);
    }
    return loaded ? EXIT.fine : EXIT.bad;
  },
);

export const RULE_CTL_COMMANDS: readonly Command[] = [
  validateCommand,
  reloadCommand,
  ctlCommand(
    {
      words: ["rules", "shadow"],
      summary: "what rules in shadow mode would have done since the start",
      examples: ["chaperone ctl rules shadow --json"],
    },
    (call) =>
      ask(call, { method: "GET", path: "/v1/rules/shadow" }, (body) => {
        const rows: unknown = field(body, "rows");
        return Array.isArray(rows) && rows.length === 0
          ? ["no rule in shadow mode has met anything"]
          : listed(call, "rows", SHADOW_COLUMNS)(body);
      }),
  ),
  ctlCommand(
    {
      words: ["rules", "list"],
      summary: "the rules in force",
      examples: ["chaperone ctl rules list"],
    },
    (call) => ask(call, { method: "GET", path: "/v1/rules" }, listed(call, "rules", COLUMNS)),
  ),
];
