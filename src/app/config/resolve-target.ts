import { resolve } from "node:path";
import { parseHostPort } from "./address.js";
import type {
  Access,
  AccountConfig,
  EmbeddedTarget,
  HostKeyTrust,
  SshTarget,
  TargetConfig,
} from "./config.js";
import { durationMs as ms } from "./duration.js";
import { nobodyOf, userNameOf, type HostFacts } from "./host.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { isDesktopProtocol } from "../../model/index.js";
import { resolveDesktopTarget } from "./resolve-desktop.js";
import { resolveWebTarget } from "./resolve-web.js";
import { resolveSecretEntry } from "./resolve-secret.js";
import type { AccountEntry, ConfigFile, TargetEntry } from "./schema.js";
import type { SecretRef } from "./secret-ref.js";
import type { KeyPath } from "./yaml-document.js";

const SSH_PORT = 22;
const EVERYBODY: Access = { people: [], groups: [] };

/** A target, or nothing for those of later versions. */
export function resolveTarget(
  target: TargetEntry,
  index: number,
  { deps, desktop }: { readonly deps: ResolveDeps; readonly desktop: ConfigFile["desktop"] },
): readonly TargetConfig[] {
  const path: KeyPath = ["targets", index];
  if (target.shellIntegration !== "off" && target.protocol !== "ssh")
    deps.complain([...path, "shellIntegration"], "is for targets of the protocol ssh");
  if (isDesktopProtocol(target.protocol)) {
    const accounts = resolveAccounts(target, path, deps);
    return resolveDesktopTarget(target, path, { deps, desktop, accounts });
  }
  if (target.protocol === "web") {
    return resolveWebTarget(target, path, { deps, accounts: resolveAccounts(target, path, deps) });
  }
  if (target.web !== undefined)
    deps.complain([...path, "web"], "is for targets of the protocol web");
  if (target.desktop !== undefined || Object.keys(target.parameters).length > 0) {
    deps.complain(path, "`desktop` and `parameters` are for targets of rdp, vnc and telnet");
  }
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
    integration: target.shellIntegration,
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
  const accounts = resolveAccounts(target, path, deps);
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
      integration: target.shellIntegration,
      at: deps.document.placeOf(path),
    },
  ];
}

function resolveAccounts(
  target: TargetEntry,
  path: KeyPath,
  deps: ResolveDeps,
): readonly AccountConfig[] {
  return target.accounts.flatMap((account, a) =>
    resolveAccount(account, [...path, "accounts", a], deps),
  );
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
