import { LRUCache } from "lru-cache";
import {
  createGateway,
  createWebhookDirectory,
  createWebhookFactor,
  type Directory,
  type Gateway,
  type WebhookFactor,
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
import type { Destinations, IdentityDesk } from "../../runtime/index.js";
import {
  openDirectory,
  openPhrases,
  type Config,
  type DirectoryConfig,
  type Environment,
  type TargetConfig,
} from "../config/index.js";
import type { Log } from "../log.js";
import { createDestinations, factsOf, sshPlan, type WayPlan } from "./destinations.js";
import { openCaller } from "./open-caller.js";

/** Who people are and where they may go: from the configuration, or from a gateway. */
export interface PeopleAndWays {
  readonly directory: Directory & Pick<IdentityDesk, "prepare">;
  readonly destinations: Destinations<WayPlan>;
  /** A factor that somebody else asks for; absent where none is configured. */
  readonly webhookFactor?: WebhookFactor;
  close(): void;
}

export async function openPeopleAndWays(
  config: Config,
  env: Environment,
  log: Log,
): Promise<Result<PeopleAndWays, readonly Fault[]>> {
  const people = await openPeople(config, env, log);
  if (!people.ok || config.webhookFactor === undefined) return people;
  const caller = openCaller(config.webhookFactor, env);
  if (!caller.ok) {
    people.value.close();
    return err([caller.error]);
  }
  const webhookFactor = createWebhookFactor(caller.value, (why) =>
    log.warn("webhook-factor-failed", { fault: why === null ? "wrong form" : describeFault(why) }),
  );
  const { directory, destinations } = people.value;
  return ok({
    directory: withWebhook(directory),
    destinations,
    webhookFactor,
    close() {
      caller.value.close();
      people.value.close();
    },
  });
}

/** Who is enrolled is the other side's business: everybody is asked there, as the last resort. */
function withWebhook(directory: PeopleAndWays["directory"]): PeopleAndWays["directory"] {
  return {
    ...directory,
    find(name) {
      const person = directory.find(name);
      return person === undefined
        ? undefined
        : { ...person, factors: [...person.factors, "webhook"] };
    },
  };
}

async function openPeople(
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
  readonly destinations: Destinations<WayPlan>;
  readonly env: Environment;
  readonly log: Log;
}

async function askGateway(
  config: Config,
  entry: DirectoryConfig,
  { destinations, env, log }: GatewayDeps,
): Promise<Result<PeopleAndWays, readonly Fault[]>> {
  const phrases = await openPhrases(config.stateDir);
  if (!phrases.ok) return err([phrases.error]);
  const caller = openCaller(entry, env);
  if (!caller.ok) return err([caller.error]);
  const gateway = createGateway(caller.value);
  const directory = createWebhookDirectory(gateway, {
    cacheMs: entry.cacheMs,
    nowMs: () => performance.now(),
    phraseOf: phrases.value,
    failed: (question, why) =>
      log.warn("gateway-directory-failed", { question, fault: describeFault(why) }),
  });
  return ok({
    directory,
    destinations: gatewayWays(config.targets, gateway, destinations),
    close: () => caller.value.close(),
  });
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
  configured: Destinations<WayPlan>,
): Destinations<WayPlan> {
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
