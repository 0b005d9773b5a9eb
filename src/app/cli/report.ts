import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  createSiteClock,
  DEFAULT_SETTINGS,
  findReport,
  readLength,
  readTime,
  renderReport,
  REPORT_ROWS,
  REPORT_ROWS_MAX,
  REPORT_FORMATS,
  REPORTS,
  runReport,
  type Report,
  type ReportFormat,
  type ReportQuestion,
  type ReportResult,
} from "../../core/index.js";
import type { Fault } from "../../kernel/index.js";
import { nearestWord } from "../config/index.js";
import { readCoreStore } from "../core/open-core-store.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { shortPath, tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const NAME_WIDTH = 38;

export const reportCommand: Command = {
  words: ["report"],
  summary: "what the scoring core knows: who worked unusually, how much people are trusted",
  positionals: "NAME",
  options: {
    config: CONFIG_OPTION,
    from: {
      type: "string",
      value: "TIME",
      help: "2026-11-01, 2026-11-01T08:00, or an age: 7d, 12h; without it 30d",
    },
    to: { type: "string", value: "TIME", help: "the same; without it now" },
    person: { type: "string", value: "NAME", help: "only this person; user-posture is about one" },
    where: {
      type: "string",
      value: "CONDITIONS",
      help: "column=value, also != > >= < <= and ~ (contains), joined by `and`",
    },
    format: {
      type: "string",
      value: "FORMAT",
      help: `${REPORT_FORMATS.join(", ")}; without it table`,
    },
    out: { type: "string", value: "FILE", help: "a file (0600) instead of the output" },
    limit: { type: "string", value: "ROWS", help: `rows of a table; without it ${REPORT_ROWS}` },
  },
  notes: [
    "Columns are named by the keys that --format csv prints in its first line.",
    "html is one file without scripts that needs nothing else; print it, or send it.",
    "",
    ...REPORTS.map(({ name, summary }) => `${name.padEnd(NAME_WIDTH)} ${summary}`),
  ],
  examples: [
    "chaperone report users-rating",
    "chaperone report user-posture --person alice --from 90d --format html --out alice.html",
    "chaperone report unusual-access --from 7d --where 'risk>=6 and target~db'",
    "chaperone report commands-by-person --from 2026-10-01 --to 2026-11-01 --format csv --out october.csv",
  ],
  async run(call) {
    const asked = readCall(call);
    if (typeof asked === "string") {
      call.console.err(`chaperone report: ${asked}`);
      return EXIT.usage;
    }
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(call.console, config.error);
      return EXIT.couldNotRun;
    }
    const { scoring } = config.value;
    if (scoring?.core.type !== "embedded") {
      call.console.err(
        "chaperone report: there is no `scoring` with a core of its own in the configuration: run it where the core is",
      );
      return EXIT.couldNotRun;
    }
    const store = await readCoreStore(scoring.core.store, call.env);
    if (!store.ok) return failed(call, store.error);
    const settings = { ...DEFAULT_SETTINGS, ...scoring.settings };
    const found = await runReport(store.value, settings, asked.report, asked.question);
    await store.value.close();
    if (!found.ok) return failed(call, found.error);
    show(call, asked, render(call, asked, found.value, settings.zone));
    return EXIT.fine;
  },
};

interface Asked {
  readonly report: Report;
  readonly question: ReportQuestion;
  readonly format: ReportFormat;
}

/** What was asked for, or what is wrong with it. */
function readCall(call: CommandCall): Asked | string {
  const [name, ...more] = call.positionals;
  if (name === undefined || more.length > 0)
    return "name one report: see `chaperone report --help`";
  const report = findReport(name);
  if (report === undefined) {
    const meant = nearestWord(
      name,
      REPORTS.map((one) => one.name),
    );
    return `there is no report \`${name}\`${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`;
  }
  const now = Date.now();
  const from = timeOf(textOf(call, "from"), now) ?? now - DEFAULT_DAYS * DAY_MS;
  const to = timeOf(textOf(call, "to"), now) ?? now;
  if (Number.isNaN(from) || Number.isNaN(to))
    return "--from and --to are dates as 2026-11-01, or ages as 7d";
  if (from >= to) return "--from is not before --to";
  const format = REPORT_FORMATS.find((one) => one === (textOf(call, "format") ?? "table"));
  if (format === undefined) return `--format is one of ${REPORT_FORMATS.join(", ")}`;
  const limit = Number(textOf(call, "limit") ?? REPORT_ROWS);
  if (!Number.isInteger(limit) || limit < 1 || limit > REPORT_ROWS_MAX) {
    return `--limit is a number from 1 to ${REPORT_ROWS_MAX}`;
  }
  const person = textOf(call, "person");
  if (report.ofPerson === true && person === undefined)
    return `${name} is about one person: --person NAME`;
  const where = textOf(call, "where");
  return {
    report,
    format,
    question: {
      from,
      to,
      limit,
      ...(person === undefined ? {} : { person }),
      ...(where === undefined ? {} : { where }),
    },
  };
}

/** ms since the epoch; null = not given, NaN = not a time. */
function timeOf(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  const age = readLength(text);
  return age === null ? (readTime(text) ?? Number.NaN) : now - age;
}

function render(call: CommandCall, { format }: Asked, found: ReportResult, zone: string): string {
  const strong = (text: string): string => call.console.style.strong(text);
  return renderReport(format, found, { clock: createSiteClock(zone), strong });
}

function show(call: CommandCall, { report }: Asked, text: string): void {
  const out = textOf(call, "out");
  if (out === undefined) {
    call.console.out(text);
    return;
  }
  const path = resolve(out);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  call.console.err(`${shortPath(path)}: ${report.title}`);
}

function failed(call: CommandCall, fault: Fault): ExitCode {
  tellFaults(call.console, [fault]);
  return fault.code === "CHP_CORE_REPORT" ? EXIT.usage : EXIT.couldNotRun;
}
