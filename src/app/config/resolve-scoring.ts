import { join, resolve } from "node:path";
import { isZone, type CoreSettings } from "../../core/index.js";
import { isLoopback } from "./address.js";
import { complainAboutZone, resolveProhibited } from "./hours.js";
import {
  resolveMail,
  resolveReports,
  type MailServerEntry,
  type ReportMail,
  type ScheduledReport,
} from "./resolve-reports.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { resolveSecretEntry } from "./resolve-secret.js";
import type { ScoringEntry } from "./scoring-schema.js";
import type { SecretRef } from "./secret-ref.js";

/** Where the core is, and what it is told to do. */
export interface ScoringConfig {
  readonly core: CoreConfig | RemoteCore;
  readonly settings: CoreSettings;
}

/** It runs here. */
export interface CoreConfig {
  readonly type: "embedded";
  readonly store: CoreStoreConfig;
  readonly listen?: CoreListener;
  readonly reports?: readonly ScheduledReport[];
  readonly mail?: ReportMail;
  /** Who is told of what administrators should know. */
  readonly notices?: readonly string[];
}

export type CoreStoreConfig =
  | { readonly type: "sqlite"; readonly path: string }
  | {
      readonly type: "postgres";
      readonly url: string;
      readonly password?: SecretRef;
      readonly ca?: string;
    };

export interface CoreListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly token: string;
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

export interface RemoteCore {
  readonly type: "remote";
  /** Cores that share a store: one of them works. */
  readonly urls: readonly [string, ...string[]];
  readonly token?: SecretRef;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export function resolveScoring(
  entry: ScoringEntry | undefined,
  around: Surroundings,
  deps: ResolveDeps,
): ScoringConfig | undefined {
  if (entry === undefined) return undefined;
  complainAbout(entry, deps);
  const settings = settingsOf(entry, deps);
  const [first, ...others] = urlsOf(entry);
  if (first === undefined) return { settings, core: embedded(entry, around, deps) };
  if (entry.reports.length > 0 || entry.mail !== undefined) {
    deps.complain(["scoring", "reports"], "reports are made where the core is, not here");
  }
  const token = resolveSecretEntry(entry.token, ["scoring", "token"], deps);
  return {
    settings,
    core: {
      type: "remote",
      urls: [first, ...others],
      tls: filesOf(entry.tls ?? {}, deps),
      ...(token === undefined ? {} : { token }),
    },
  };
}

/** What of the rest of the configuration the core uses. */
interface Surroundings {
  readonly stateDir: string;
  /** `notify.mail`: sends also what the core has to tell, where `scoring.mail` is absent. */
  readonly mail?: MailServerEntry | undefined;
}

function embedded(entry: ScoringEntry, around: Surroundings, deps: ResolveDeps): CoreConfig {
  const { listen, store } = entry;
  const file = join(around.stateDir, "core", "core.db");
  const mail = mailOf(entry, around, deps);
  const reports = resolveReports(entry.reports, mail, deps);
  if (entry.notices.length > 0 && mail === undefined) {
    deps.complain(
      ["scoring", "notices"],
      "needs `scoring.mail` or `notify.mail`, the server that sends them",
    );
  }
  return {
    type: "embedded",
    store: store === undefined ? { type: "sqlite", path: file } : postgres(store, deps),
    ...(listen === undefined ? {} : { listen: listener(listen, deps) }),
    ...(reports.length === 0 ? {} : { reports }),
    ...(mail === undefined ? {} : { mail }),
    ...(entry.notices.length === 0 ? {} : { notices: entry.notices }),
  };
}

function mailOf(
  { mail, reports, notices }: ScoringEntry,
  { mail: shared }: Surroundings,
  deps: ResolveDeps,
): ReportMail | undefined {
  if (mail !== undefined) return resolveMail(mail, ["scoring", "mail"], deps);
  const needed = notices.length > 0 || reports.some((one) => one.mail !== undefined);
  return needed && shared !== undefined ? resolveMail(shared, ["notify", "mail"], deps) : undefined;
}

function postgres(store: NonNullable<ScoringEntry["store"]>, deps: ResolveDeps): CoreStoreConfig {
  const password = resolveSecretEntry(store.password, ["scoring", "store", "password"], deps);
  return {
    type: "postgres",
    url: store.postgres,
    ...(password === undefined ? {} : { password }),
    ...(store.ca === undefined ? {} : { ca: resolve(deps.folder, store.ca) }),
  };
}

function listener(
  { address, port, token, tls }: NonNullable<ScoringEntry["listen"]>,
  { folder }: ResolveDeps,
): CoreListener {
  const path = (file: string) => resolve(folder, file);
  if (tls === undefined) return { address, port, token: path(token) };
  const clientCa = tls.clientCa === undefined ? {} : { clientCa: path(tls.clientCa) };
  return {
    address,
    port,
    token: path(token),
    tls: { cert: path(tls.cert), key: path(tls.key), ...clientCa },
  };
}

function settingsOf(entry: ScoringEntry, deps: ResolveDeps): CoreSettings {
  const { zone, historyDays, variationRate, minimumSuspicious, initialRating } = entry;
  const { identification, unusualPasswordChange, keepDays, weights, viewWeights } = entry;
  return {
    zone: isZone(zone) ? zone : "UTC",
    historyDays,
    variationRate,
    minimumSuspicious,
    initialRating,
    identification,
    unusualPasswordChange,
    keepDays,
    sessionWeights: weights,
    // A view has no target apart from its credential, and does not last.
    viewWeights: { ...viewWeights, target: 0, duration: 0 },
    prohibited: resolveProhibited(entry.prohibited, ["scoring", "prohibited"], deps),
  };
}

function complainAbout(entry: ScoringEntry, { complain }: ResolveDeps): void {
  const { url, core, listen, store, zone } = entry;
  complainAboutZone(zone, ["scoring", "zone"], { complain });
  if (url !== undefined && (core ?? listen ?? store) !== undefined) {
    complain(["scoring", "url"], "the core is either here (`core`, `listen`, `store`) or there");
  }
  if (!urlsOf(entry).every(isSafe)) {
    complain(["scoring", "url"], "events go to another machine without encryption: use wss://");
  }
  if (listen !== undefined && listen.tls === undefined && !isLoopback(listen.address)) {
    complain(["scoring", "listen"], "a listener that is not on loopback needs `tls`");
  }
}

function urlsOf({ url }: ScoringEntry): readonly string[] {
  return url === undefined ? [] : typeof url === "string" ? [url] : url;
}

function isSafe(url: string): boolean {
  if (url.startsWith("wss://")) return true;
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ""));
}

function filesOf(
  { ca, cert, key }: NonNullable<ScoringEntry["tls"]>,
  { folder }: ResolveDeps,
): RemoteCore["tls"] {
  return {
    ...(ca === undefined ? {} : { ca: resolve(folder, ca) }),
    ...(cert === undefined ? {} : { cert: resolve(folder, cert) }),
    ...(key === undefined ? {} : { key: resolve(folder, key) }),
  };
}
