import { join, resolve } from "node:path";
import type { Place } from "../../kernel/index.js";
import { isLoopback, parseHostPort } from "./address.js";
import { builtinRuleFile } from "./builtin.js";
import type {
  Access,
  AccountConfig,
  Config,
  EmbeddedTarget,
  HostKeyTrust,
  Notice,
  PersonConfig,
  RuleSource,
  SshTarget,
  TargetConfig,
} from "./config.js";
import { parseDuration } from "./duration.js";
import { nobodyOf, userNameOf, type HostFacts } from "./host.js";
import type {
  AccountEntry,
  ConfigFile,
  PasswordEntry,
  PersonEntry,
  TargetEntry,
} from "./schema.js";
import type { SecretRef } from "./secret-ref.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

/** One processor more than this gains nothing: the parent is then the bottleneck. */
const WORKERS_AUTO_MAX = 8;
const SSH_PORT = 22;
const EVERYBODY: Access = { people: [], groups: [] };

export interface ResolveDeps {
  readonly document: YamlDocument;
  readonly host: HostFacts;
  /** Folder of the configuration file: relative paths start there. */
  readonly folder: string;
  /** Says what is wrong at a path; resolving goes on, so that all faults are told at once. */
  readonly complain: (path: KeyPath, message: string) => void;
}

/** Completes what the schema accepted: absolute paths, milliseconds, unions instead of options. */
export function resolveConfig(
  entry: ConfigFile,
  file: string,
  deps: ResolveDeps,
): Omit<Config, "notices"> {
  const path = (text: string) => resolve(deps.folder, text);
  const stateDir = path(entry.stateDir);
  const { login, limits, policy, recording } = entry;
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
    },
    login: {
      methods: login.methods,
      totp: login.totp,
      timeoutMs: ms(login.timeout),
      failuresPerConnectionMax: login.failuresPerConnection,
      failuresPerPersonMax: login.failuresPerPerson,
      failuresPerAddressMax: login.failuresPerAddress,
      failureWindowMs: ms(login.failureWindow),
      lockMs: ms(login.lock),
      ...(login.banner === undefined ? {} : { banner: login.banner }),
    },
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
    targets: entry.targets.flatMap((target, index) => resolveTarget(target, index, deps)),
    usernames: entry.usernames,
    channels: entry.channels,
    env: entry.env,
    rules: entry.rules.flatMap((text, index) => resolveRules(text, index, deps)),
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
      onFail: policy.reauth.onFail,
      onTimeout: policy.reauth.onTimeout,
    },
    events: { file: path(entry.events.file?.path ?? join(stateDir, "events.ndjson")) },
    recording: {
      terminal: recording.terminal,
      input: recording.input,
      strict: recording.strict,
      folder: path(recording.folder ?? join(stateDir, "recordings")),
    },
    shutdown: { drainMs: ms(entry.shutdown.drain) },
  };
}

/** What is accepted but does nothing in this version, and what is allowed but unsafe. */
export function noticesOf(entry: ConfigFile, document: YamlDocument): readonly Notice[] {
  const later: KeyPath[] = (["guacd", "guacamole", "web", "admin", "pages"] as const)
    .filter((key) => entry.listen[key] !== undefined)
    .map((key) => ["listen", key]);
  if (entry.directory !== undefined) later.push(["directory"]);
  if (entry.scoring !== undefined) later.push(["scoring"]);
  entry.events.sinks.forEach((_, index) => later.push(["events", "sinks", index]));
  entry.targets.forEach((target, index) => {
    if (target.protocol !== "ssh") later.push(["targets", index]);
  });
  const notActive = later.map((path): Notice => ({
    kind: "not-active",
    message: `\`${path.join(".")}\` is accepted, not active in this version`,
    at: document.placeOfKey(path),
  }));
  return [...notActive, ...literalSecrets(entry, document), ...exposure(entry, document)];
}

function literalSecrets(entry: ConfigFile, document: YamlDocument): readonly Notice[] {
  const places: KeyPath[] = [];
  entry.people.forEach((person, index) => {
    for (const key of ["password", "totp", "phrase"] as const) {
      if (person[key]?.value !== undefined) places.push(["people", index, key, "value"]);
    }
  });
  entry.targets.forEach((target, t) => {
    target.accounts.forEach((account, a) => {
      for (const key of ["password", "key", "passphrase"] as const) {
        if (account[key]?.value !== undefined)
          places.push(["targets", t, "accounts", a, key, "value"]);
      }
    });
  });
  return places.map((path) => ({
    kind: "unsafe",
    message: `\`${path.slice(0, -1).join(".")}\` holds the secret itself: use \`env\` or \`file\` outside of tests`,
    at: document.placeOfKey(path),
  }));
}

function exposure(entry: ConfigFile, document: YamlDocument): readonly Notice[] {
  if (isLoopback(entry.listen.ssh.address)) return [];
  return entry.people.flatMap((person, index) =>
    person.demo
      ? [
          {
            kind: "unsafe" as const,
            message: `the demo person \`${person.name}\`, whose secrets are printed at start, can log in from other machines`,
            at: document.placeOf(["people", index]),
          },
        ]
      : [],
  );
}

function resolvePerson(person: PersonEntry, index: number, deps: ResolveDeps): PersonConfig {
  const path: KeyPath = ["people", index];
  const password = resolveSecretEntry(person.password, [...path, "password"], deps);
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
  };
}

function resolveTarget(
  target: TargetEntry,
  index: number,
  deps: ResolveDeps,
): readonly TargetConfig[] {
  const path: KeyPath = ["targets", index];
  if (target.protocol !== "ssh") return [];
  if (target.shell !== undefined) {
    for (const key of ["address", "hostKey"] as const) {
      if (target[key] !== undefined) {
        deps.complain([...path, key], "has no meaning on an embedded target (`shell`)");
      }
    }
    if (target.accounts.length > 0) {
      deps.complain(
        [...path, "accounts"],
        "an embedded target has the account of its `runAs` only",
      );
    }
    return [embeddedTarget(target, target.shell, path, deps)];
  }
  return sshTarget(target, path, deps);
}

function embeddedTarget(
  target: TargetEntry,
  shell: NonNullable<TargetEntry["shell"]>,
  path: KeyPath,
  deps: ResolveDeps,
): EmbeddedTarget {
  const runAs = shell.runAs === "auto" ? automaticRunAs(deps.host) : shell.runAs;
  return {
    type: "embedded",
    name: target.name,
    account: userNameOf(deps.host, runAs?.uid ?? deps.host.uid),
    command: shell.command,
    labels: target.labels,
    access: target.access ?? EVERYBODY,
    at: deps.document.placeOf(path),
    ...(runAs === undefined ? {} : { runAs }),
    ...(shell.cwd === undefined ? {} : { cwd: resolve(deps.folder, shell.cwd) }),
  };
}

function automaticRunAs(host: HostFacts): { readonly uid: number; readonly gid: number } {
  return host.uid === 0 ? nobodyOf(host) : { uid: host.uid, gid: host.gid };
}

function sshTarget(target: TargetEntry, path: KeyPath, deps: ResolveDeps): readonly SshTarget[] {
  if (target.address === undefined) {
    deps.complain(path, "needs `address` (a server) or `shell` (an embedded target)");
    return [];
  }
  const address = parseHostPort(target.address, SSH_PORT);
  if (address === null) deps.complain([...path, "address"], "must be host:port or [ipv6]:port");
  const hostKey = resolveHostKey(target, path, deps);
  if (target.accounts.length === 0) deps.complain(path, "needs at least one of `accounts`");
  const accounts = target.accounts.flatMap((account, a) =>
    resolveAccount(account, [...path, "accounts", a], deps),
  );
  if (address === null || hostKey === null) return [];
  return [
    {
      type: "ssh",
      name: target.name,
      host: address.host,
      port: address.port,
      hostKey,
      accounts,
      labels: target.labels,
      access: target.access ?? EVERYBODY,
      connectTimeoutMs: ms(target.connectTimeout),
      at: deps.document.placeOf(path),
    },
  ];
}

function resolveHostKey(
  target: TargetEntry,
  path: KeyPath,
  deps: ResolveDeps,
): HostKeyTrust | null {
  const given = target.hostKey ?? {};
  const { sha256, knownHosts, trust } = given;
  if ([sha256, knownHosts, trust].filter((one) => one !== undefined).length !== 1) {
    const where = target.hostKey === undefined ? path : [...path, "hostKey"];
    deps.complain(where, "needs a `hostKey` with exactly one of `sha256`, `knownHosts`, `trust`");
    return null;
  }
  if (knownHosts !== undefined) {
    return { type: "known-hosts", file: resolve(deps.folder, knownHosts) };
  }
  if (sha256 === undefined) return { type: "first-use" };
  const all = typeof sha256 === "string" ? [sha256] : sha256;
  return {
    type: "sha256",
    fingerprints: all.map((text) => text.replace(/^SHA256:/, "").replace(/=$/, "")),
  };
}

function resolveAccount(
  account: AccountEntry,
  path: KeyPath,
  deps: ResolveDeps,
): readonly AccountConfig[] {
  const password = resolveSecretEntry(account.password, [...path, "password"], deps);
  const key = resolveSecretEntry(account.key, [...path, "key"], deps);
  const passphrase = resolveSecretEntry(account.passphrase, [...path, "passphrase"], deps);
  const given = [account.password, account.key, account.passthrough];
  if (given.filter((one) => one !== undefined).length !== 1) {
    deps.complain(path, "needs exactly one of `password`, `key`, `passthrough`");
    return [];
  }
  if (account.passphrase !== undefined && account.key === undefined) {
    deps.complain([...path, "passphrase"], "belongs to a `key`, and there is none");
  }
  const access = account.access ?? EVERYBODY;
  const credential = credentialOf({ password, key, passphrase });
  return [{ name: account.name, access, credential }];
}

function credentialOf(given: {
  readonly password: SecretRef | undefined;
  readonly key: SecretRef | undefined;
  readonly passphrase: SecretRef | undefined;
}): AccountConfig["credential"] {
  if (given.password !== undefined) return { type: "password", password: given.password };
  if (given.key === undefined) return { type: "passthrough" };
  return given.passphrase === undefined
    ? { type: "key", key: given.key }
    : { type: "key", key: given.key, passphrase: given.passphrase };
}

function resolveRules(text: string, index: number, deps: ResolveDeps): readonly RuleSource[] {
  const path: KeyPath = ["rules", index];
  const at = deps.document.placeOf(path);
  const builtin = /^builtin:(?<name>[a-z0-9-]+)$/.exec(text)?.groups?.["name"];
  if (builtin !== undefined) {
    return [{ type: "builtin", name: builtin, file: builtinRuleFile(builtin), at }];
  }
  const pattern = resolve(deps.folder, text);
  if (/[*?]/.test(pattern.slice(0, pattern.lastIndexOf("/") + 1))) {
    deps.complain(path, "`*` and `?` are understood in the last part of a path only");
    return [];
  }
  return [{ type: "files", pattern, at }];
}

function resolveSecretEntry(
  entry: PasswordEntry | undefined,
  path: KeyPath,
  deps: ResolveDeps,
): SecretRef | undefined {
  if (entry === undefined) return undefined;
  const given = Object.entries(entry).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    deps.complain(path, "needs exactly one way to find the secret (`env`, `file`, ...)");
    return undefined;
  }
  const at: Place = deps.document.placeOf(path);
  if (entry.env !== undefined) return { type: "env", name: entry.env, at };
  if (entry.file !== undefined) return { type: "file", path: resolve(deps.folder, entry.file), at };
  if (entry.hash !== undefined) return { type: "hash", phc: entry.hash, at };
  return { type: "value", value: entry.value ?? "", at };
}

/** Host names may hold what event sources should not. */
function nodeNameOf(host: HostFacts): string {
  const name = host.hostname.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 64);
  return name === "" ? "node" : name;
}

/** The schema has already checked the form. */
function ms(duration: string): number {
  return parseDuration(duration) ?? 0;
}
