import { readFileSync } from "node:fs";
import {
  algorithmsOfKeyType,
  fingerprintOf,
  hostKeyAlgorithms,
  judgeKnownHost,
  parseKnownHosts,
} from "../../identity/index.js";
import {
  describeError,
  err,
  fault,
  type Fault,
  ok,
  type Result,
  Secret,
} from "../../kernel/index.js";
import type { PersonFacts, SessionFacts, TargetFacts } from "../../model/index.js";
import type { DesktopPlan } from "../../protocols/guacamole/index.js";
import type { WebCredential, WebPlan } from "../../protocols/web/index.js";
import type { DialPlan } from "../../protocols/ssh/index.js";
import type {
  ChosenDestination,
  ClaimedName,
  Destinations,
  HostKeyFacts,
} from "../../runtime/index.js";
import {
  chooseDestination,
  parseUserName,
  resolveSecret,
  type AccountConfig,
  type Config,
  type DesktopTarget,
  type Environment,
  type SshTarget,
  type TargetConfig,
  type WebTarget,
} from "../config/index.js";

/** A way to a target, whatever it speaks. */
export type WayPlan = DialPlan | DesktopPlan | WebPlan;

/** What the configuration knows is known at once. */
export interface ConfiguredDestinations extends Destinations<WayPlan> {
  choose(claim: ClaimedName, person: PersonFacts): Result<ChosenDestination, Fault>;
}

/** The targets of the configuration: who may go where, how, and which host keys are right there. */
export function createDestinations(config: Config, env: Environment): ConfiguredDestinations {
  const names = new Set(config.targets.map((target) => target.name));
  const byName = new Map(config.targets.map((target) => [target.name, target]));

  return {
    claim: (userName) => parseUserName(config.usernames, userName, names),
    choose(claim, person) {
      const chosen = chooseDestination(claim, person, config.targets);
      if (!chosen.ok) return err(fault("CHP_RUNTIME_NO_DESTINATION", chosen.error));
      const { account, target } = chosen.value;
      return ok({
        account,
        target: factsOf(target),
        takesPassword: accountOf(target, account)?.credential.type === "passthrough",
      });
    },
    plan(facts, offered, firstUse) {
      const target = byName.get(facts.target.name);
      return Promise.resolve(
        target === undefined
          ? err(fault("CHP_RUNTIME_NO_DESTINATION", `the target ${facts.target.name} is gone`))
          : planOf(target, { facts, offered, firstUse, env, guacd: config.guacd }),
      );
    },
    judgeHostKey(name, key) {
      const target = byName.get(name);
      return target?.type === "ssh"
        ? judge(target, key)
        : fault("CHP_RUNTIME_HOST_KEY", `${name} has no host key`);
    },
  };
}

export function factsOf(target: TargetConfig): TargetFacts {
  const { name, labels } = target;
  return target.type === "embedded"
    ? { name, labels, address: "embedded", embedded: true }
    : {
        name,
        labels,
        address: `${target.host}:${target.port}`,
        embedded: false,
        ...(target.type === "desktop" ? { protocol: target.protocol } : {}),
        ...(target.type === "web" ? { protocol: "web" as const } : {}),
      };
}

function accountOf(target: TargetConfig, account: string): AccountConfig | undefined {
  return target.type === "embedded"
    ? undefined
    : target.accounts.find((one) => one.name === account);
}

interface PlanFacts {
  readonly facts: SessionFacts;
  readonly offered: { readonly password?: Secret };
  readonly firstUse: HostKeyFacts | null;
  readonly env: Environment;
  readonly guacd: Config["guacd"];
}

function planOf(target: TargetConfig, plan: PlanFacts): Result<WayPlan, Fault> {
  if (target.type === "embedded") {
    const { command, runAs, cwd } = target;
    return ok({
      type: "embedded",
      command,
      ...(runAs === undefined ? {} : { runAs }),
      ...(cwd === undefined ? {} : { cwd }),
    });
  }
  const account = accountOf(target, plan.facts.account);
  if (account === undefined) {
    return err(fault("CHP_RUNTIME_NO_DESTINATION", `${target.name} has no such account any more`));
  }
  if (target.type === "desktop") return desktopPlan(target, account, plan);
  if (target.type === "web") return webPlan(target, account, plan.env);
  // First: a credential that nobody uses would have to be wiped.
  const algorithms = algorithmsFor(target, plan.firstUse);
  if (!algorithms.ok) return algorithms;
  const credential = credentialOf(account, target, plan);
  if (!credential.ok) return credential;
  return sshPlan(target, account.name, { credential: credential.value, firstUse: plan.firstUse });
}

function webPlan(
  target: WebTarget,
  account: AccountConfig,
  env: Environment,
): Result<WebPlan, Fault> {
  const { host, port, secure, serverName, connectTimeoutMs } = target;
  const ca = target.ca === undefined ? ok(undefined) : readText(target.ca);
  if (!ca.ok) return ca;
  const credential = webCredential(target, account, env);
  if (!credential.ok) return credential;
  return ok({
    type: "web",
    host,
    port,
    secure,
    connectTimeoutMs,
    credential: credential.value,
    ...(ca.value === undefined ? {} : { ca: ca.value }),
    ...(serverName === undefined ? {} : { serverName }),
  });
}

function webCredential(
  { login }: WebTarget,
  { name, credential }: AccountConfig,
  env: Environment,
): Result<WebCredential, Fault> {
  // People log in to the application themselves.
  if (credential.type !== "password") return ok({ type: "none" });
  const secret = resolveSecret(credential.password, env);
  if (!secret.ok) return secret;
  const password = secret.value;
  switch (login.type) {
    case "basic":
      return ok({ type: "basic", user: name, password });
    case "bearer":
      return ok({ type: "bearer", token: password });
    case "header":
      return ok({ type: "header", name: login.name, value: password });
    case "form":
      return ok({ ...login, user: name, password });
  }
}

function readText(file: string): Result<string, Fault> {
  try {
    return ok(readFileSync(file, "utf8"));
  } catch (error) {
    return err(fault("CHP_NET_TLS_MATERIAL", describeError(error)));
  }
}

/** guacd takes passwords only; with `passthrough` the gateway gives them with the connection. */
function desktopPlan(
  target: DesktopTarget,
  { name, credential }: AccountConfig,
  { env, guacd }: PlanFacts,
): Result<DesktopPlan, Fault> {
  const { protocol, host, port, parameters, connectTimeoutMs } = target;
  const password =
    credential.type === "password" ? resolveSecret(credential.password, env) : ok(null);
  if (!password.ok) return password;
  return ok({
    type: "desktop",
    guacd,
    protocol,
    host,
    port,
    account: name,
    password: password.value,
    settings: parameters,
    connectTimeoutMs,
  });
}

/** The way to an account with a credential that was found; it is the plan's from here on. */
export function sshPlan(
  target: SshTarget,
  account: string,
  {
    credential,
    firstUse,
  }: { readonly credential: SshCredential; readonly firstUse: HostKeyFacts | null },
): Result<DialPlan, Fault> {
  const algorithms = algorithmsFor(target, firstUse);
  if (!algorithms.ok) return algorithms;
  return ok({
    type: "ssh",
    host: target.host,
    port: target.port,
    account,
    credential,
    hostKeyAlgorithms: algorithms.value,
    trustedKeys: trustedKeys(target, firstUse),
    connectTimeoutMs: target.connectTimeoutMs,
  });
}

export type SshCredential = Extract<DialPlan, { type: "ssh" }>["credential"];

function credentialOf(
  { credential, name }: AccountConfig,
  target: SshTarget,
  { env, offered }: PlanFacts,
): Result<SshCredential, Fault> {
  switch (credential.type) {
    case "password": {
      const password = resolveSecret(credential.password, env);
      return password.ok ? ok({ type: "password", password: password.value }) : password;
    }
    case "key": {
      const privateKey = resolveSecret(credential.key, env);
      if (!privateKey.ok) return privateKey;
      if (credential.passphrase === undefined) {
        return ok({ type: "key", privateKey: privateKey.value });
      }
      const passphrase = resolveSecret(credential.passphrase, env);
      if (passphrase.ok) {
        return ok({ type: "key", privateKey: privateKey.value, passphrase: passphrase.value });
      }
      privateKey.value.wipe();
      return passphrase;
    }
    case "passthrough":
      if (offered.password === undefined) {
        return err(
          fault(
            "CHP_RUNTIME_PASSTHROUGH",
            `${name}@${target.name} takes the password that you type at log-in, and you logged in without one: log in by password (ssh -o PreferredAuthentications=keyboard-interactive,password)`,
          ),
        );
      }
      // A copy: the question, with what was offered, is wiped as soon as it is answered.
      return ok({ type: "password", password: copyOf(offered.password) });
  }
}

function copyOf(secret: Secret): Secret {
  return secret.reveal((bytes) => new Secret(new Uint8Array(bytes)));
}

/** What can be said before the target shows its key; of a file of known hosts it is asked then. */
function trustedKeys({ hostKey }: SshTarget, firstUse: HostKeyFacts | null): readonly string[] {
  switch (hostKey.type) {
    case "sha256":
      return hostKey.fingerprints;
    case "first-use":
      return firstUse === null ? [] : [fingerprintOf(firstUse.blob)];
    case "known-hosts":
      return [];
  }
}

/** Only algorithms for which a key is known: any other key could not be judged. */
function algorithmsFor(
  target: SshTarget,
  firstUse: HostKeyFacts | null,
): Result<readonly string[], Fault> {
  const { hostKey, host, port } = target;
  switch (hostKey.type) {
    case "sha256":
      return ok([]); // a fingerprint does not tell the type of its key
    case "first-use":
      return ok(firstUse === null ? [] : algorithmsOfKeyType(firstUse.algorithm));
    case "known-hosts": {
      const known = readKnownHosts(hostKey.file);
      if (!known.ok) return known;
      const algorithms = hostKeyAlgorithms(known.value.hosts, host, port);
      return algorithms.length > 0
        ? ok(algorithms)
        : err(fault("CHP_RUNTIME_HOST_KEY", `${hostKey.file} has no key for ${host}:${port}`));
    }
  }
}

function judge(target: SshTarget, key: HostKeyFacts): "trusted" | "first-use" | Fault {
  const { hostKey, name, host, port } = target;
  const shown = `${name} (${host}:${port}) shows the ${key.algorithm} key SHA256:${fingerprintOf(key.blob)}`;
  switch (hostKey.type) {
    case "first-use":
      return "first-use";
    case "sha256":
      return hostKey.fingerprints.includes(fingerprintOf(key.blob))
        ? "trusted"
        : fault(
            "CHP_RUNTIME_HOST_KEY",
            `${shown}, which is not the one in \`hostKey\` (a host may have several: pin this one if it is the right host)`,
          );
    case "known-hosts": {
      const known = readKnownHosts(hostKey.file);
      if (!known.ok) return known.error;
      const judgement = judgeKnownHost(known.value.hosts, host, port, key.blob);
      if (judgement.type === "trusted") return "trusted";
      return fault(
        "CHP_RUNTIME_HOST_KEY",
        `${shown}, which is ${judgement.type} in ${hostKey.file}`,
      );
    }
  }
}

/** Read at each use: an administrator's `ssh-keyscan` or `ssh-keygen -R` holds at once. */
function readKnownHosts(file: string): Result<ReturnType<typeof parseKnownHosts>, Fault> {
  try {
    return ok(parseKnownHosts(readFileSync(file, "utf8")));
  } catch (error) {
    return err(fault("CHP_RUNTIME_HOST_KEY", describeError(error)));
  }
}
