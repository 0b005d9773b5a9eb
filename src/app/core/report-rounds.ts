import { mkdirSync, readdirSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createSiteClock,
  findReport,
  isDue,
  renderReport,
  runReport,
  type CoreLog,
  type CoreSettings,
  type ReportFormat,
  type ReportResult,
  type Store,
} from "../../core/index.js";
import {
  describeError,
  describeFault,
  err,
  fault,
  type Fault,
  ok,
  type Result,
} from "../../kernel/index.js";
import type { Mailer } from "../../sinks/smtp/index.js";
import type { CoreConfig, Environment, ReportMail, ScheduledReport } from "../config/index.js";
import { createCoreMailer } from "./core-mailer.js";

/** Makes reports when their time comes. One core does it, the one that works. */
export interface ReportRounds {
  /** Looks once; resolves when everything that was due is made, or has failed. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReportRoundsDeps {
  readonly store: Store;
  readonly settings: CoreSettings;
  readonly env: Environment;
  readonly log: CoreLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const LOOK_MS = 20_000;
/** What could not be delivered is tried again after so long. */
const AGAIN_MS = 5 * 60_000;
/** More is a question for `chaperone report`. */
const ROWS_MAX = 10_000;
const ENDINGS: Readonly<Record<ReportFormat, string>> = {
  table: "txt",
  json: "json",
  csv: "csv",
  html: "html",
};
const TYPES: Readonly<Record<ReportFormat, string>> = {
  table: "text/plain",
  json: "application/json",
  csv: "text/csv",
  html: "text/html",
};

/** Null where nothing is to be made. */
export function startReportRounds(
  { reports = [], mail }: Pick<CoreConfig, "reports" | "mail">,
  deps: ReportRoundsDeps,
): ReportRounds | null {
  return reports.length === 0 ? null : new Rounds(reports, mail, deps);
}

class Rounds implements ReportRounds {
  readonly #reports: readonly ScheduledReport[];
  readonly #deps: ReportRoundsDeps;
  readonly #mailer: Mailer | null;
  readonly #subject: string;
  readonly #notBefore = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(
    reports: readonly ScheduledReport[],
    mail: ReportMail | undefined,
    deps: ReportRoundsDeps,
  ) {
    this.#reports = reports;
    this.#deps = deps;
    this.#subject = mail?.subject ?? "";
    this.#mailer = mail === undefined ? null : createCoreMailer(mail, deps.env);
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    this.#timer.unref();
  }

  look(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      for (const one of this.#reports) await this.#lookAt(one);
    });
    return this.#turn;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
    this.#mailer?.close();
  }

  async #lookAt(scheduled: ScheduledReport): Promise<void> {
    const { store, settings, log } = this.#deps;
    const now = this.#deps.now();
    const { name, times } = scheduled;
    if ((this.#notBefore.get(name) ?? 0) > now) return;
    const ranAt = await store.reportRan(name);
    if (!ranAt.ok) return;
    const clock = createSiteClock(settings.zone);
    if (!isDue(times, clock, { ranAt: ranAt.value, now })) return;
    const made = await this.#make(scheduled, now);
    const noted = made.ok ? await store.noteReport(name, now) : made;
    if (noted.ok) {
      log.info("report-made", { name });
      return;
    }
    this.#notBefore.set(name, now + AGAIN_MS);
    log.error("report-not-made", { name, fault: describeFault(noted.error) });
  }

  async #make(scheduled: ScheduledReport, now: number): Promise<Result<void, Fault>> {
    const { store, settings } = this.#deps;
    const { name, person, where, periodMs, format, folder, mail } = scheduled;
    const report = findReport(scheduled.report);
    if (report === undefined) return err(fault("CHP_CORE_REPORT", scheduled.report));
    const found = await runReport(store, settings, report, {
      from: now - periodMs,
      to: now,
      limit: ROWS_MAX,
      ...(person === undefined ? {} : { person }),
      ...(where === undefined ? {} : { where }),
    });
    if (!found.ok) return found;
    const clock = createSiteClock(settings.zone);
    const text = `${renderReport(format, found.value, { clock, strong: (title) => title })}\n`;
    const stamp = clock.text(now).slice(0, 16).replace(/[ :]/g, "-");
    const file = `${name}-${stamp}.${ENDINGS[format]}`;
    if (folder !== undefined) {
      const kept = keepFile(folder, { name, file, text });
      if (!kept.ok) return kept;
    }
    if (mail === undefined || this.#mailer === null) return ok(undefined);
    return await this.#mailer.send({
      to: mail,
      subject: `${this.#subject} ${found.value.title}`,
      text: format === "table" ? text : introduction(found.value, clock.text(now)),
      id: `${name}.${now}`,
      ...(format === "table" ? {} : { attachment: { name: file, type: TYPES[format], text } }),
    });
  }
}

function introduction({ title, summary, sections }: ReportResult, made: string): string {
  const rows = sections.map((one) => `${one.title}: ${one.rows.length}${one.more ? "+" : ""} rows`);
  return [`${title}: ${summary}`, "", ...rows, "", `Made ${made}.`, ""].join("\n");
}

/** Whole or not at all; the oldest files of the same report go. */
function keepFile(
  { path, keep }: NonNullable<ScheduledReport["folder"]>,
  { name, file, text }: { readonly name: string; readonly file: string; readonly text: string },
): Result<void, Fault> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const made = join(path, file);
    writeFileSync(`${made}.new`, text, { mode: 0o600 });
    renameSync(`${made}.new`, made);
    const ours = readdirSync(path).filter((one) => isOf(one, name));
    for (const old of ours.sort().slice(0, -keep)) unlinkSync(join(path, old));
    return ok(undefined);
  } catch (error) {
    return err(fault("CHP_CORE_REPORT", describeError(error)));
  }
}

const STAMP = /^-\d{4}-\d{2}-\d{2}-\d{2}-\d{2}\.(?:txt|json|csv|html)$/;

/** Only what was made by this schedule: others may keep files in the same folder. */
function isOf(file: string, name: string): boolean {
  return file.startsWith(name) && STAMP.test(file.slice(name.length));
}
