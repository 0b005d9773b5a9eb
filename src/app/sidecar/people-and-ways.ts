import { readFileSync } from "node:fs";
import { LRUCache } from "lru-cache";
import {
  createGateway,
  createSignedCaller,
  createWebhookDirectory,
  type Directory,
  type Gateway,
} from "../../identity/index.js";
import {
  describeFault,
  err,
  fault,
  ok,
  type Fault,
  type Result,
  type SessionId,
} from "../../kernel/index.js";
import { createHttpClient } from "../../net/index.js";
import type { DialPlan } from "../../protocols/ssh/index.js";
import type { Destinations, IdentityDesk } from "../../runtime/index.js";
import {
  openDirectory,
  openPhrases,
  resolveSecret,
  type Config,
  type DirectoryConfig,
  type Environment,
  type TargetConfig,
} from "../config/index.js";
import type { Log } from "../log.js";
import { createDestinations, factsOf, sshPlan } from "./destinations.js";

/** Who people are and where they may go: from the configuration, or from a gateway. */
export interface PeopleAndWays {
  readonly directory: Directory & Pick<IdentityDesk, "prepare">;
  readonly destinations: Destinations<DialPlan>;
  close(): void;
}

export async function openPeopleAndWays(
  config: Config,
  env: Environment,
  log: Log,
): Promise<Result<PeopleAndWays, readonly Fault[]>> {
  const destinations = createDestinations(config, env);
  if (config.directory !== undefined) {
    return await askGateway(config, config.directory, { destinations, env, log });
  }
  const directory = await openDirectory(config, env);
  return directory.ok
    ? ok({ directory: directory.value, destinations, close: () => undefined })
    : directory;
}

interface GatewayDeps {
  readonly destinations: Destinations<DialPlan>;
  readonly env: Environment;
  readonly log: Log;
}

/** A shorter key could be searched by whoever has seen one signed request. */
const KEY_BYTES_MIN = 32;
/** A gateway's answers are some hundred bytes; keys and groups of a person some thousand. */
const ANSWER_BYTES_MAX = 512 * 1024;
const CONNECTIONS_MAX = 16;

async function askGateway(
  config: Config,
  entry: DirectoryConfig,
  { destinations, env, log }: GatewayDeps,
): Promise<Result<PeopleAndWays, readonly Fault[]>> {
  const phrases = await openPhrases(config.stateDir);
  const key = resolveSecret(entry.key, env);
  const ca = readCa(entry);
  const faults = [phrases, key, ca].flatMap((part) => (part.ok ? [] : [part.error]));
  if (!phrases.ok || !key.ok || !ca.ok) return err(faults);
  if (key.value.reveal((bytes) => bytes.length) < KEY_BYTES_MIN) {
    return err([
      fault(
        "CHP_CONFIG_SECRET",
        `directory.key has less than ${KEY_BYTES_MIN} bytes`,
        entry.key.at,
      ),
    ]);
  }
  const http = createHttpClient({
    timeoutMs: entry.timeoutMs,
    answerBytesMax: ANSWER_BYTES_MAX,
    connectionsMax: CONNECTIONS_MAX,
    ...(ca.value === null ? {} : { tls: { ca: ca.value } }),
  });
  if (!http.ok) return err([http.error]);
  const { timeoutMs, cacheMs, webhook } = entry;
  const gateway = createGateway(
    createSignedCaller({
      url: new URL(webhook),
      key: key.value,
      http: http.value,
      timeoutMs,
      wallMs: Date.now,
    }),
  );
  const directory = createWebhookDirectory(gateway, {
    cacheMs,
    nowMs: () => performance.now(),
    phraseOf: phrases.value,
    failed: (question, why) =>
      log.warn("gateway-directory-failed", { question, fault: describeFault(why) }),
  });
  return ok({
    directory,
    destinations: gatewayWays(config.targets, gateway, destinations),
    close() {
      http.value.close();
      key.value.wipe();
    },
  });
}

function readCa(entry: DirectoryConfig): Result<string | null, Fault> {
  if (entry.ca === undefined) return ok(null);
  try {
    return ok(readFileSync(entry.ca, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(fault("CHP_CONFIG_SECRET", `directory.ca: ${why}`, entry.at));
  }
}

/** Sessions whose credential the gateway has; as many as one sidecar may ever have. */
const SESSIONS_MAX = 100_000;

/**
 * The gateway says which target and account; how to reach the target, and which host key is right there,
 * is the configuration's. No answer, or a target that is not in it: nobody goes anywhere.
 */
export function gatewayWays(
  targets: readonly TargetConfig[],
  gateway: Pick<Gateway, "authorize" | "credential">,
  configured: Destinations<DialPlan>,
): Destinations<DialPlan> {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const asked = new LRUCache<SessionId, true>({ max: SESSIONS_MAX });

  return {
    claim: (userName) => configured.claim(userName),
    judgeHostKey: (target, key) => configured.judgeHostKey(target, key),
    async choose(claim, person, { session, origin }) {
      const { target, account } = claim;
      const answer = await gateway.authorize({
        session,
        origin,
        person: person.name,
        ...(target === undefined ? {} : { target }),
        ...(account === undefined ? {} : { account }),
      });
      if (!answer.ok) return err(fault("CHP_RUNTIME_NO_DESTINATION", forPerson(answer.error)));
      const { value } = answer;
      const chosen = byName.get(value.target);
      // The gateway may choose what was left open, and not change what was said.
      const other =
        (target ?? value.target) !== value.target || (account ?? value.account) !== value.account;
      if (chosen === undefined || other || !hasAccount(chosen, value)) {
        return err(fault("CHP_RUNTIME_NO_DESTINATION", "the gateway names a way that is not here"));
      }
      if (value.credential === "ask") asked.set(session, true);
      const facts = factsOf(chosen);
      return ok({
        account: value.account,
        target: { ...facts, labels: { ...facts.labels, ...value.labels } },
        context: value.context,
        takesPassword: value.credential === "configured" && passesOn(chosen, value.account),
      });
    },
    async plan(facts, offered, firstUse) {
      const target = byName.get(facts.target.name);
      if (target?.type !== "ssh" || !asked.has(facts.id)) {
        return await configured.plan(facts, offered, firstUse);
      }
      const { id, person, account } = facts;
      const request = { session: id, person: person.name, target: target.name, account };
      const credential = await gateway.credential(request);
      return credential.ok
        ? sshPlan(target, account, { credential: credential.value, firstUse })
        : credential;
    },
  };
}

function hasAccount(
  target: TargetConfig,
  { account, credential }: { readonly account: string; readonly credential: "configured" | "ask" },
): boolean {
  if (target.type === "embedded") return target.account === account;
  return credential === "ask" || target.accounts.some((one) => one.name === account);
}

function passesOn(target: TargetConfig, account: string): boolean {
  if (target.type === "embedded") return false;
  return target.accounts.find((one) => one.name === account)?.credential.type === "passthrough";
}

/** Why the gateway refuses is for the person; why it can not be asked is for the administrator. */
function forPerson({ code, message }: Fault): string {
  return code === "CHP_IDENTITY_NOT_AUTHORIZED" ? message : "your access can not be checked now";
}
