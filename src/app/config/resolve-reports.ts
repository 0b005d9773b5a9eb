import { resolve } from "node:path";
import { findReport, type ReportFormat, type ReportTimes } from "../../core/index.js";
import { splitEndpoint, type TlsEntry } from "../../sinks/index.js";
import { isLoopback } from "./address.js";
import { durationMs } from "./duration.js";
import { dayNumber, minuteOf } from "./hours.js";
import type { MailEntry, ReportEntry } from "./report-schema.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { resolveSecretEntry } from "./resolve-secret.js";
import type { SecretRef } from "./secret-ref.js";
import type { KeyPath } from "./yaml-document.js";

/** A report that is made by itself. */
export interface ScheduledReport {
  readonly name: string;
  readonly report: string;
  readonly times: ReportTimes;
  readonly periodMs: number;
  readonly person?: string;
  readonly where?: string;
  readonly format: ReportFormat;
  readonly folder?: { readonly path: string; readonly keep: number };
  readonly mail?: readonly string[];
}

/** Plain, so that it reaches the core's thread: secrets and files are read where it is used. */
export interface ReportMail {
  readonly address: string;
  readonly security: "tls" | "starttls" | "none";
  readonly from: string;
  /** Begins every subject. */
  readonly subject: string;
  readonly username?: string;
  readonly password?: SecretRef;
  readonly tls: ReportMailTls;
}

/** PEM files, and what else the server has to show. */
export interface ReportMailTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: SecretRef;
  readonly pins?: readonly string[];
  readonly serverName?: string;
}

const PATH: KeyPath = ["scoring", "reports"];

export function resolveReports(
  entries: readonly ReportEntry[],
  mail: ReportMail | undefined,
  { folder, complain }: ResolveDeps,
): readonly ScheduledReport[] {
  const names = new Set<string>();
  return entries.map((entry, index) => {
    const { report, person, where, format, keep } = entry;
    const path = [...PATH, index];
    const name = entry.name ?? report;
    if (names.has(name)) complain(path, `\`${name}\` is there already: give one a \`name\``);
    names.add(name);
    const known = findReport(report);
    if (known === undefined) {
      complain(
        [...path, "report"],
        `there is no report \`${report}\`: see chaperone report --help`,
      );
    } else if (known.ofPerson === true && person === undefined) {
      complain(path, `\`${report}\` is about one person: \`person\``);
    }
    if ((entry.every === undefined) === (entry.at === undefined)) {
      complain(path, "needs either `every` or `at`");
    }
    if (entry.folder === undefined && entry.mail === undefined) {
      complain(path, "goes nowhere: `folder`, `mail`, or both");
    }
    if (entry.mail !== undefined && mail === undefined) {
      complain(
        [...path, "mail"],
        "needs `scoring.mail` or `notify.mail`, the server that sends it",
      );
    }
    return {
      name,
      report,
      times: timesOf(entry),
      periodMs: durationMs(entry.period),
      format,
      ...(person === undefined ? {} : { person }),
      ...(where === undefined ? {} : { where }),
      ...(entry.folder === undefined
        ? {}
        : { folder: { path: resolve(folder, entry.folder), keep } }),
      ...(entry.mail === undefined ? {} : { mail: entry.mail }),
    };
  });
}

function timesOf({ every, at, days }: ReportEntry): ReportTimes {
  return at === undefined
    ? { type: "every", everyMs: durationMs(every ?? "1d") }
    : { type: "at", minute: minuteOf(at), days: days.map(dayNumber) };
}

/** A mail server as it stands in the configuration: in `scoring.mail` or in `notify.mail`. */
export interface MailServerEntry extends Omit<MailEntry, "ca" | "tls"> {
  readonly ca?: string | undefined;
  readonly subject?: string | undefined;
  readonly tls?: TlsEntry | undefined;
}

export function resolveMail(entry: MailServerEntry, path: KeyPath, deps: ResolveDeps): ReportMail {
  const { address, security, from, username, subject = SUBJECT } = entry;
  const password = resolveSecretEntry(entry.password, [...path, "password"], deps);
  if ((username === undefined) !== (entry.password === undefined)) {
    deps.complain(path, "`username` and `password` must be given together");
  }
  // What is in reports is personal data.
  if (security === "none" && !isLoopback(splitEndpoint(address).host)) {
    deps.complain([...path, "security"], "reports go to another machine: use starttls or tls");
  }
  return {
    address,
    security,
    from,
    subject,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    tls: resolveTls(entry, path, deps),
  };
}

const SUBJECT = "[chaperone]";

/** `ca` is short for `tls: { ca: ... }`. */
function resolveTls(
  { ca: short, tls }: Pick<MailServerEntry, "ca" | "tls">,
  path: KeyPath,
  deps: ResolveDeps,
): ReportMailTls {
  if (short !== undefined && tls !== undefined) {
    deps.complain(path, "either `ca` or `tls`: the first is short for `tls.ca`");
  }
  const { ca = short, cert, key: entry, pins, serverName } = tls ?? {};
  if ((cert === undefined) !== (entry === undefined)) {
    deps.complain([...path, "tls"], "`cert` and `key` must be given together");
  }
  const key = resolveSecretEntry(entry, [...path, "tls", "key"], deps);
  return {
    ...(ca === undefined ? {} : { ca: resolve(deps.folder, ca) }),
    ...(cert === undefined ? {} : { cert: resolve(deps.folder, cert) }),
    ...(key === undefined ? {} : { key }),
    ...(pins === undefined ? {} : { pins }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}
