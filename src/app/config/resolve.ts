import { join, resolve } from "node:path";
import { builtinRuleFile } from "./builtin.js";
import type {
  AdminListener,
  Config,
  PersonConfig,
  RuleSource,
  WebhookConfig,
  PagesListener,
  WebauthnConfig,
} from "./config.js";
import { durationMs as ms } from "./duration.js";
import type { HostFacts } from "./host.js";
import { resolveHours } from "./hours.js";
import type { ResolveDeps } from "./resolve-deps.js";
import {
  resolveDesktopPolicy,
  resolveGuacd,
  resolveGuacdListener,
  resolveTunnel,
} from "./resolve-desktop.js";
import { resolvePassword, resolveSecretEntry } from "./resolve-secret.js";
import { resolveNotify } from "./resolve-notify.js";
import { resolveRecording } from "./recording-schema.js";
import { resolveRisk } from "./resolve-risk.js";
import type { MailServerEntry } from "./resolve-reports.js";
import { resolveScoring } from "./resolve-scoring.js";
import { resolveSink } from "./resolve-sink.js";
import { resolveTarget } from "./resolve-target.js";
import { resolveWebListener } from "./resolve-web.js";
import type { ConfigFile, PersonEntry } from "./schema.js";
import { sizeBytes } from "./size.js";
import type { KeyPath } from "./yaml-document.js";

/** One processor more than this gains nothing: the parent is then the bottleneck. */
const WORKERS_AUTO_MAX = 8;

/** Completes what the schema accepted: absolute paths, milliseconds, unions instead of options. */
export function resolveConfig(
  entry: ConfigFile,
  file: string,
  deps: ResolveDeps,
): Omit<Config, "notices"> {
  const path = (text: string) => resolve(deps.folder, text);
  const stateDir = path(entry.stateDir);
  const { limits, policy, recording } = entry;
  return {
    file,
    site: entry.site,
    tenant: entry.tenant,
    node: entry.node ?? nodeNameOf(deps.host),
    workers:
      entry.workers === "auto" ? Math.min(deps.host.processors, WORKERS_AUTO_MAX) : entry.workers,
    stateDir,
    listen: {
      ssh: {
        address: entry.listen.ssh.address,
        port: entry.listen.ssh.port,
        proxyProtocolFrom: entry.listen.ssh.proxyProtocol?.from ?? [],
      },
      ...(entry.listen.guacd === undefined
        ? {}
        : { guacd: resolveGuacdListener(entry.listen.guacd, deps) }),
      ...resolveTunnel(entry.listen.guacamole, deps),
      ...(entry.listen.web === undefined
        ? {}
        : { web: resolveWebListener(entry.listen.web, path) }),
      ...(entry.listen.admin === undefined
        ? {}
        : { admin: resolveAdmin(entry.listen.admin, path) }),
      ...(entry.listen.pages === undefined
        ? {}
        : { pages: resolvePages(entry.listen.pages, path) }),
    },
    login: resolveLogin(entry, deps),
    limits: {
      unauthenticatedMax: limits.unauthenticated,
      unauthenticatedPerAddressMax: limits.unauthenticatedPerAddress,
      sessionsMax: limits.sessions,
      sessionsPerPersonMax: limits.sessionsPerPerson,
      channelsPerSessionMax: limits.channelsPerSession,
    },
    keepalive: {
      intervalMs: ms(entry.keepalive.interval),
      unansweredMax: entry.keepalive.unanswered,
    },
    people: entry.people.map((person, index) => resolvePerson(person, index, deps)),
    ...resolveDirectory(entry, deps),
    targets: entry.targets.flatMap((target, index) =>
      resolveTarget(target, index, { deps, desktop: entry.desktop }),
    ),
    usernames: entry.usernames,
    channels: entry.channels,
    desktop: resolveDesktopPolicy(entry.desktop),
    guacd: resolveGuacd(entry.listen, deps),
    env: entry.env,
    rules: entry.rules.flatMap((rule, index) => resolveRules(rule, index, deps)),
    ...resolvePolicy(policy),
    ...resolvedRisk(entry, deps),
    events: resolveEvents(entry, stateDir, deps),
    notifyGroups: Object.keys(entry.notify?.groups ?? {}),
    recording: resolveRecording(recording, { stateDir, path }),
    ...resolvedScoring(entry, stateDir, deps),
    shutdown: { drainMs: ms(entry.shutdown.drain) },
  };
}

function resolvedRisk(entry: ConfigFile, deps: ResolveDeps): Pick<Config, "risk"> {
  const risk = resolveRisk(entry.risk, deps);
  return risk === undefined ? {} : { risk };
}

function resolvedScoring(
  entry: ConfigFile,
  stateDir: string,
  deps: ResolveDeps,
): Pick<Config, "scoring"> {
  // Of the kind `smtp`, whose schema it went through.
  const mail = entry.notify?.mail as MailServerEntry | undefined;
  const scoring = resolveScoring(entry.scoring, { stateDir, mail }, deps);
  return scoring === undefined ? {} : { scoring };
}

function resolvePolicy(
  policy: ConfigFile["policy"],
): Pick<Config, "doubt" | "stepUp" | "approval" | "suspension" | "observation"> {
  return {
    doubt: {
      onFault: policy.onFault,
      onUncertain: policy.onUncertain,
      onUnparsed: policy.onUnparsed,
      audit: policy.audit,
    },
    stepUp: {
      factors: policy.reauth.factors,
      attempts: policy.reauth.attempts,
      timeoutMs: ms(policy.reauth.timeout),
      graceMs: ms(policy.reauth.grace),
      blockedCommandsMax: policy.reauth.blockedCommands,
      onFail: policy.reauth.onFail,
      onTimeout: policy.reauth.onTimeout,
    },
    approval: {
      approvers: policy.approve.approvers,
      min: policy.approve.min,
      timeoutMs: ms(policy.approve.timeout),
      onFail: policy.approve.onFail,
      onTimeout: policy.approve.onTimeout,
    },
    suspension: {
      timeoutMs: ms(policy.suspend.timeout),
      onTimeout: policy.suspend.onTimeout,
    },
    observation: { shown: policy.observe.shown },
  };
}

function resolveAdmin(
  { address, port, tokens, clients, hosts, tls }: NonNullable<ConfigFile["listen"]["admin"]>,
  path: (text: string) => string,
): AdminListener {
  return {
    address,
    port,
    clients,
    hosts,
    tokens: tokens.map((token) => ({ ...token, file: path(token.file) })),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            cert: path(tls.cert),
            key: path(tls.key),
            ...(tls.clientCa === undefined ? {} : { clientCa: path(tls.clientCa) }),
          },
        }),
  };
}

function resolvePages(
  { address, port, publicUrl, tls }: NonNullable<ConfigFile["listen"]["pages"]>,
  path: (text: string) => string,
): PagesListener {
  return {
    address,
    port,
    ...(publicUrl === undefined || !URL.canParse(publicUrl)
      ? {}
      : { publicOrigin: new URL(publicUrl).origin }),
    ...(tls === undefined ? {} : { tls: { cert: path(tls.cert), key: path(tls.key) } }),
  };
}

/** Keys are bound to the host of the pages, unless a domain above it is named. */
function resolveWebauthn({ factors, listen }: ConfigFile): WebauthnConfig | undefined {
  if (factors.webauthn === undefined) return undefined;
  const { name, domain, userVerification } = factors.webauthn;
  const url = listen.pages?.publicUrl;
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : "localhost";
  return { name, userVerification, domain: domain ?? host };
}

function resolveDirectory(
  entry: ConfigFile,
  deps: ResolveDeps,
): Pick<Config, "directory" | "webhookFactor" | "webauthn"> {
  const { directory, factors } = entry;
  const webauthn = resolveWebauthn(entry);
  const people = resolveWebhook(directory, ["directory"], deps);
  const factor = resolveWebhook(factors.webhook, ["factors", "webhook"], deps);
  return {
    ...(people === undefined || directory === undefined
      ? {}
      : { directory: { ...people, cacheMs: ms(directory.cache) } }),
    ...(factor === undefined ? {} : { webhookFactor: factor }),
    ...(webauthn === undefined ? {} : { webauthn }),
  };
}

function resolveWebhook(
  entry: ConfigFile["factors"]["webhook"],
  path: KeyPath,
  deps: ResolveDeps,
): WebhookConfig | undefined {
  const key = resolveSecretEntry(entry?.key, [...path, "key"], deps);
  if (entry === undefined || key === undefined) return undefined;
  const { webhook, timeout, ca } = entry;
  return {
    webhook,
    key,
    timeoutMs: ms(timeout),
    at: deps.document.placeOf(path),
    ...(ca === undefined ? {} : { ca: resolve(deps.folder, ca) }),
  };
}

function resolveLogin(
  { login, policy }: Pick<ConfigFile, "login" | "policy">,
  deps: ResolveDeps,
): Config["login"] {
  const { attemptsAtProhibitedTime } = policy.reauth;
  if (attemptsAtProhibitedTime > 0 && (login.hours?.prohibited ?? []).length === 0) {
    const path = ["policy", "reauth", "attemptsAtProhibitedTime"];
    deps.complain(path, "no time is prohibited: say which in `login.hours.prohibited`");
  }
  return {
    methods: login.methods,
    totp: login.totp,
    timeoutMs: ms(login.timeout),
    failuresPerConnectionMax: login.failuresPerConnection,
    failuresPerPersonMax: login.failuresPerPerson,
    failuresPerAddressMax: login.failuresPerAddress,
    failureWindowMs: ms(login.failureWindow),
    lockMs: ms(login.lock),
    ...(login.banner === undefined ? {} : { banner: login.banner }),
    ...(login.hours === undefined
      ? {}
      : { hours: resolveHours(login.hours, ["login", "hours"], deps) }),
    attemptsAtProhibitedTimeMax: attemptsAtProhibitedTime,
  };
}

function resolveEvents(entry: ConfigFile, stateDir: string, deps: ResolveDeps): Config["events"] {
  const { file, sealed, rotateKey, outbox, sinks } = entry.events;
  return {
    file: resolve(deps.folder, file?.path ?? join(stateDir, "events.ndjson")),
    sealed: sealed ? join(stateDir, "audit") : null,
    ...(rotateKey === undefined ? {} : { rotateKeyMs: ms(rotateKey) }),
    outboxBytesMax: sizeBytes(outbox),
    sinks: [
      ...sinks.flatMap((sink, index) => resolveSink(sink, index, deps)),
      ...resolveNotify(entry.notify, deps),
    ],
  };
}

function resolvePerson(person: PersonEntry, index: number, deps: ResolveDeps): PersonConfig {
  const path: KeyPath = ["people", index];
  const password = resolvePassword(person.password, [...path, "password"], deps);
  const totp = resolveSecretEntry(person.totp, [...path, "totp"], deps);
  const phrase = resolveSecretEntry(person.phrase, [...path, "phrase"], deps);
  return {
    name: person.name,
    groups: person.groups,
    keys: person.keys,
    demo: person.demo,
    at: deps.document.placeOf(path),
    ...(password === undefined ? {} : { password }),
    ...(totp === undefined ? {} : { totp }),
    ...(phrase === undefined ? {} : { phrase }),
    ...(person.language === undefined ? {} : { language: person.language }),
  };
}

/** What is in force where nobody chose: rules that are tried out are not. */
const MATURITIES_DEFAULT = ["stable", "incubating"] as const;

function resolveRules(
  entry: ConfigFile["rules"][number],
  index: number,
  deps: ResolveDeps,
): readonly RuleSource[] {
  const path: KeyPath = ["rules", index];
  const at = deps.document.placeOf(path);
  const text = typeof entry === "string" ? entry : entry.pack;
  const name = /^builtin:(?<name>[a-z0-9-]+)$/.exec(text)?.groups?.["name"];
  if (name !== undefined) {
    const maturities = typeof entry === "string" ? MATURITIES_DEFAULT : entry.maturity;
    return [{ type: "builtin", name, file: builtinRuleFile(name), maturities, at }];
  }
  const pattern = resolve(deps.folder, text);
  if (/[*?]/.test(pattern.slice(0, pattern.lastIndexOf("/") + 1))) {
    deps.complain(path, "`*` and `?` are understood in the last part of a path only");
    return [];
  }
  return [{ type: "files", pattern, at }];
}

/** Host names may hold what event sources should not. */
function nodeNameOf(host: HostFacts): string {
  const name = host.hostname.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 64);
  return name === "" ? "node" : name;
}
