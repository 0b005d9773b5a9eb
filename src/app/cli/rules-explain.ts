import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { escapeControls, MICROS_PER_MS, wallMicros } from "../../kernel/index.js";
import type { Invocation } from "../../model/index.js";
import type { ExplainedHit } from "../../rules/index.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { tellFaults, type Style } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { explain, explainedJson, type ExplainDeps, type ExplainedLine } from "./explain-line.js";
import { loadCalledConfig } from "./find-config.js";
import { wallNow } from "./people.js";
import { readRules } from "./read-rules.js";
import { ruleSubject } from "./rule-subject.js";

export const rulesExplainCommand: Command = {
  words: ["rules", "explain"],
  summary: "which rules hit a command line, why, and with which verdict",
  options: {
    config: CONFIG_OPTION,
    line: { type: "string", value: "TEXT", help: "the command line" },
    lines: {
      type: "string",
      value: "FILE",
      help: "a file with one JSON string a line; - is stdin",
    },
    json: { type: "boolean", help: "one JSON object a line: line, verdict, rules, invocations" },
    person: { type: "string", value: "NAME", help: "who types it, for rules with a scope" },
    target: { type: "string", value: "NAME", help: "where; without it the first target" },
    account: { type: "string", value: "NAME", help: "as whom on the target" },
    context: { type: "string", value: "WHO", help: "who reads the line: shell, program, unknown" },
    program: { type: "string", value: "NAME", help: "the program that reads it, as psql" },
    time: { type: "string", value: "TIME", help: "when, as 2026-03-01T09:00:00Z; without it now" },
    language: { type: "string", value: "TAG", help: "messages in this language, as pt-BR" },
    ticket: { type: "string", value: "ID", help: "the ticket the session was opened for" },
    risk: { type: "string", value: "0-100", help: "risk of the session by then" },
  },
  examples: [
    "chaperone rules explain --line 'sudo rm -rf /'",
    "chaperone rules explain --line 'systemctl stop auditd' --person alice --target db-1",
    "chaperone rules explain --line 'DROP TABLE users;' --context program --program psql",
    "jq -c .data.text events.ndjson | chaperone rules explain --json --lines -",
  ],
  async run(call) {
    const { console } = call;
    const line = textOf(call, "line");
    const lines = textOf(call, "lines");
    if ((line === undefined) === (lines === undefined)) {
      console.err("chaperone rules explain: say either --line or --lines");
      return EXIT.usage;
    }
    const config = loadCalledConfig(call);
    const rules = config.ok ? readRules(config.value) : config;
    if (!config.ok || !rules.ok) {
      tellFaults(console, rules.ok ? [] : rules.error);
      return EXIT.couldNotRun;
    }
    const subject = ruleSubject(config.value, {
      person: textOf(call, "person"),
      target: textOf(call, "target"),
      account: textOf(call, "account"),
      language: textOf(call, "language"),
      ticket: textOf(call, "ticket"),
    });
    const moment = explainedMoment(call);
    if (typeof moment === "string") {
      console.err(`chaperone rules explain: ${moment}`);
      return EXIT.usage;
    }
    if (typeof subject === "string") {
      console.err(`chaperone rules explain: ${subject}`);
      return EXIT.usage;
    }
    const deps = {
      ruleset: rules.value.ruleset,
      subject,
      onUnparsed: config.value.doubt.onUnparsed,
      ...moment,
    };
    const tell = (text: string) => {
      const explained = explain(text, deps);
      if (call.values["json"] === true) console.out(explainedJson(explained));
      else for (const row of describe(explained, console.style)) console.out(row);
    };
    if (line !== undefined) {
      tell(line);
      return EXIT.fine;
    }
    return explainLines(lines ?? "-", call, tell);
  },
};

/** When and where the line is read, or what is wrong with how that was said. */
function explainedMoment(call: CommandCall): Pick<ExplainDeps, "wall" | "moment"> | string {
  const context = textOf(call, "context");
  const program = textOf(call, "program");
  const time = textOf(call, "time");
  const risk = textOf(call, "risk");
  const known = CONTEXTS.find((one) => one === context);
  if (context !== undefined && known === undefined) return "--context is shell, program or unknown";
  const at = time === undefined ? undefined : Date.parse(time);
  if (at !== undefined && Number.isNaN(at)) return "--time is a time like 2026-03-01T09:00:00Z";
  if (risk !== undefined && !/^(?:\d{1,2}|100)$/.test(risk))
    return "--risk is a number from 0 to 100";
  const reads = known ?? (program === undefined ? undefined : "program");
  return {
    wall: at === undefined ? wallNow() : wallMicros(at * MICROS_PER_MS),
    moment: {
      ...(reads === undefined ? {} : { context: reads }),
      ...(program === undefined ? {} : { program }),
      ...(risk === undefined ? {} : { risk: Number(risk) }),
    },
  };
}

const CONTEXTS = ["shell", "program", "unknown"] as const;

/** Every line of the source is a JSON string; empty lines are skipped. */
async function explainLines(
  source: string,
  { console }: CommandCall,
  tell: (text: string) => void,
): Promise<ExitCode> {
  const input = source === "-" ? process.stdin : createReadStream(source);
  let number = 0;
  try {
    for await (const row of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (row.trim() === "") continue;
      const text = parseString(row);
      if (text === null) {
        console.err(`chaperone rules explain: ${source}:${number} is no JSON string`);
        console.err('  mend: one string a line, in quotes: "sudo rm -rf /"');
        return EXIT.couldNotRun;
      }
      tell(text);
      await console.flushed();
    }
  } catch (error) {
    // createReadStream: the file is not there or may not be read.
    console.err(`chaperone rules explain: ${error instanceof Error ? error.message : source}`);
    return EXIT.couldNotRun;
  }
  return EXIT.fine;
}

function parseString(row: string): string | null {
  try {
    const value: unknown = JSON.parse(row);
    return typeof value === "string" ? value : null;
  } catch {
    // Not JSON at all: the caller says where.
    return null;
  }
}

function describe(explained: ExplainedLine, style: Style): readonly string[] {
  const { explanation, verdict, doubt } = explained;
  return [
    style.strong(escapeControls(explanation.line)),
    `  verdict  ${mark(verdict, style)}`,
    ...explanation.hits.flatMap(describeHit),
    ...explanation.doubts.map(
      (hit) => `  perhaps  ${hit.id} (${hit.action}): it would hit if unknown words were right`,
    ),
    ...(doubt === undefined ? [] : [`  doubt    ${escapeControls(doubt)}`]),
    ...explanation.invocations.map(describeInvocation),
  ];
}

function describeHit(hit: ExplainedHit): readonly string[] {
  const shadow = hit.mode === "shadow" ? ", shadow" : "";
  return [
    `  rule     ${hit.id} (${hit.criticality}, ${hit.action}${shadow}): ${hit.name}`,
    `           because ${escapeControls(hit.evidence)}`,
    ...(hit.message === undefined
      ? []
      : [`           tells the person: ${escapeControls(hit.message)}`]),
  ];
}

function describeInvocation({ argv, via, runas }: Invocation): string {
  const words = argv.map((word) => word ?? "\u2026").join(" ");
  const how = [
    ...(via.length > 0 ? [`via ${via.join(", ")}`] : []),
    ...(runas === undefined ? [] : [`as ${runas}`]),
  ].join(", ");
  return escapeControls(`  runs     ${words}${how === "" ? "" : `  (${how})`}`);
}

function mark(verdict: ExplainedLine["verdict"], style: Style): string {
  switch (verdict) {
    case "allow":
      return style.good(verdict);
    case "alert":
    case "warn":
      return style.warn(verdict);
    case "reauth":
    case "approve":
    case "block":
    case "suspend":
    case "kill":
      return style.bad(verdict);
  }
}
