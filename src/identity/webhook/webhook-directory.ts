import { LRUCache } from "lru-cache";
import type { Directory, DirectoryPerson } from "../directory.js";
import type { PasswordOutcome } from "../password.js";
import { fingerprintOf, parseAuthorizedKey } from "../public-key.js";
import { parsePhrase } from "../phrase.js";
import type { Fault } from "../../kernel/index.js";
import type { Gateway, GatewayPerson } from "./gateway.js";

/** People as a gateway knows them. */
export interface WebhookDirectory extends Directory {
  /** Asks the gateway who this is, unless that was asked a short while ago. */
  prepare(name: string): Promise<void>;
}

export interface WebhookDirectoryOptions {
  /** How long an answer about a person is used again. Passwords are asked about every time. */
  readonly cacheMs: number;
  readonly nowMs: () => number;
  /** For a person for whom the gateway has no phrase. */
  readonly phraseOf: (person: string) => string;
  /** The gateway does not answer, or not well: told for the log. */
  readonly failed: (question: string, fault: Fault) => void;
}

interface Known {
  readonly facts: DirectoryPerson;
  readonly fingerprints: ReadonlySet<string>;
  readonly askedMs: number;
}

/** People who are logging in or have sessions; who is pushed out is asked about again. */
const PEOPLE_MAX = 20_000;

export function createWebhookDirectory(
  gateway: Gateway,
  options: WebhookDirectoryOptions,
): WebhookDirectory {
  const known = new LRUCache<string, Known>({ max: PEOPLE_MAX });
  const asking = new Map<string, Promise<void>>();

  async function learn(name: string): Promise<void> {
    const answer = await gateway.person(name);
    if (!answer.ok) options.failed("person", answer.error);
    // Whatever was known is not known any more: an answer that is missing is no answer.
    if (!answer.ok || answer.value === null) known.delete(name);
    else known.set(name, knownOf(name, answer.value, options));
  }

  return {
    async prepare(name) {
      const one = known.get(name);
      const ageMs = one === undefined ? Infinity : options.nowMs() - one.askedMs;
      if (ageMs >= 0 && ageMs < options.cacheMs) return;
      // Several connections of one person ask once.
      const before = asking.get(name);
      const learning = before ?? learn(name).finally(() => asking.delete(name));
      if (before === undefined) asking.set(name, learning);
      await learning;
    },
    find: (name) => known.get(name)?.facts,
    hasKey: (name, blob) => known.get(name)?.fingerprints.has(fingerprintOf(blob)) ?? false,
    hasPassword: (name) => known.get(name)?.facts.factors.includes("password") ?? false,
    async verifyPassword(name, answer): Promise<PasswordOutcome> {
      const judged = await gateway.password(name, answer);
      if (judged.ok) return judged.value ? "accepted" : "wrong";
      options.failed("password", judged.error);
      return "unavailable";
    },
    matchTotp: () => null,
  };
}

function knownOf(
  name: string,
  person: GatewayPerson,
  { phraseOf, nowMs, failed }: WebhookDirectoryOptions,
): Known {
  const fingerprints = new Set<string>();
  for (const line of person.keys) {
    const key = parseAuthorizedKey(line);
    if (key.ok) fingerprints.add(key.value.fingerprint);
    else failed("person", key.error);
  }
  const phrase = person.phrase === undefined ? null : parsePhrase(person.phrase);
  return {
    askedMs: nowMs(),
    fingerprints,
    facts: {
      name,
      groups: person.groups,
      phrase: phrase?.ok === true ? phrase.value : phraseOf(name),
      ...(person.language === undefined ? {} : { language: person.language }),
      factors: person.password ? ["password"] : [],
    },
  };
}
