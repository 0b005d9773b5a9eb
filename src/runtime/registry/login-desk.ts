import type { EventDraft, SessionRef } from "../../events/index.js";
import { MICROS_PER_MS, type SessionId } from "../../kernel/index.js";
import type { PersonFacts } from "../../model/index.js";
import type { Clock } from "../clock/index.js";
import type { CodeDesk } from "./code-desk.js";
import {
  afterFirstFactor,
  FIRST,
  nextMethods,
  promptsFor,
  refusal,
  lockedOut,
  type LoginStage,
} from "./login-policy.js";
import { RecentMap } from "./recent-map.js";
import type { Locks } from "./locks.js";
import type { PersonLocks } from "./person-locks.js";
import type {
  AssertedPerson,
  AssertionDesk,
  ClaimedName,
  GatewayClaim,
  IdentityDesk,
  LoginAttempt,
  LoginFacts,
  LoginOutcome,
  LoginPrompt,
  LoginProof,
  LoginRules,
  SpentToken,
  TokenDesk,
} from "./ports.js";

/** Judges logins. What a connection has proved is remembered here, not taken from the question. */
export interface LoginDesk {
  authenticate(attempt: LoginAttempt): Promise<Judged>;
  prompts(login: LoginFacts): readonly LoginPrompt[];
  /** The person whom a gateway claims, once it is verified; null: nobody. */
  vouch(claim: GatewayClaim): Promise<string | null>;
  /** The person, when this connection's login is complete; told once. */
  takeAccepted(session: SessionId): Accepted | null;
}

export interface Accepted {
  readonly person: PersonFacts;
  readonly claim: ClaimedName;
  /** What they came in with, when it was a session token. */
  readonly token?: SpentToken;
}

export interface Judged {
  readonly outcome: LoginOutcome;
  readonly events: readonly EventDraft[];
}

export interface LoginDeskDeps {
  readonly identity: IdentityDesk;
  readonly claim: (userName: string) => ClaimedName | null;
  readonly codes: CodeDesk;
  readonly locks: Locks;
  readonly personLocks: PersonLocks;
  readonly tokens?: TokenDesk;
  /** Absent where no gateway signs anything. */
  readonly assertions?: AssertionDesk;
  readonly clock: Clock;
}

/** Connections whose login is under way; more are not admitted by the listener. */
const LOGINS_MAX = 16_384;
/** An agent offers every key it has; this many on one connection is somebody who tries keys. */
const KEYS_OFFERED_MAX = 30;
/** Of a claimed name, in events: nobody is called like this, and it must not fill the disk. */
const CLAIMED_NAME_LENGTH_MAX = 128;

interface Progress {
  readonly userName: string;
  claim: ClaimedName | null;
  token?: { readonly spent: SpentToken; readonly person: PersonFacts };
  stage: LoginStage;
  failures: number;
  keysOffered: number;
}

/** Why a proof was not good enough, as told in `auth.failed`. The client is never told which. */
type Refused =
  | "no-such-person"
  | "wrong-password"
  | "unknown-key"
  | "wrong-code"
  | "reused-code"
  | "not-enrolled"
  | "method-not-allowed"
  | "unknown-token"
  | "bad-assertion"
  | "locked"
  | "person-locked"
  | "unavailable";

type Proved = { readonly type: "proved" } | { readonly type: "refused"; readonly why: Refused };

export function createLoginDesk(deps: LoginDeskDeps, rules: LoginRules): LoginDesk {
  const logins = new RecentMap<SessionId, Progress>(LOGINS_MAX);

  /** A new user name starts the login again (RFC 4252 section 5), but failures stay. */
  function progressOf(login: LoginFacts): Progress {
    const known = logins.get(login.session);
    if (known?.userName === login.userName) return known;
    const fresh: Progress = {
      userName: login.userName,
      claim: isToken(login) ? null : deps.claim(login.userName),
      stage: FIRST,
      failures: known?.failures ?? 0,
      keysOffered: known?.keysOffered ?? 0,
    };
    logins.set(login.session, fresh);
    return fresh;
  }

  const isToken = ({ userName }: LoginFacts): boolean => deps.tokens?.isToken(userName) === true;

  /**
   * The user name itself is the proof, whatever method it comes with; a client that only asks about a key
   * shall come with another. Spent before anything else is looked at: a second use finds nothing.
   */
  async function byToken(attempt: LoginAttempt, progress: Progress): Promise<Judged> {
    const { proof } = attempt;
    if (proof.method === "publickey" && !proof.proved) {
      return { outcome: refusal(rules, progress.stage, progress.failures), events: [] };
    }
    const spent = deps.tokens?.spend(attempt.userName, attempt.origin) ?? null;
    if (spent === null) return failed(deps, rules, { attempt, progress, why: "unknown-token" });
    const { person: name, target, account } = spent;
    progress.claim = { person: name, target, ...(account === undefined ? {} : { account }) };
    await deps.identity.prepare?.(name);
    const person = deps.identity.find(name) ?? guestOf(spent);
    const nowMs = deps.clock.wall() / MICROS_PER_MS;
    if (deps.personLocks.of(name, nowMs) !== null) {
      return failed(deps, rules, { attempt, progress, why: "person-locked" });
    }
    progress.token = { spent, person };
    progress.stage = { name: "done", person: name };
    const session = sessionRefOf(attempt, progress.claim);
    const { method } = proof;
    return {
      outcome: { type: "accepted", person },
      events: [{ type: "auth.succeeded", data: { session, method, factor: TOKEN_FACTOR } }],
    };
  }

  /** Who it is, the gateway has found out; whether they may come in, is our affair. */
  async function byGateway(
    attempt: LoginAttempt,
    progress: Progress,
    { claim, target }: LoginProof & { readonly method: "gateway" },
  ): Promise<Judged> {
    const vouched = await vouchedFor(deps, claim);
    if (vouched === null) return failed(deps, rules, { attempt, progress, why: "bad-assertion" });
    const { person: name, account } = vouched;
    progress.claim = { person: name, target, ...(account === undefined ? {} : { account }) };
    await deps.identity.prepare?.(name);
    const factor = gatewayFactor(claim);
    const spent: SpentToken = {
      ...{ factor, id: "", person: name, target, groups: vouched.groups },
      ...{ labels: {}, context: {} },
      ...(account === undefined ? {} : { account }),
    };
    const person = deps.identity.find(name) ?? guestOf(spent);
    const nowMs = deps.clock.wall() / MICROS_PER_MS;
    if (deps.personLocks.of(name, nowMs) !== null) {
      return failed(deps, rules, { attempt, progress, why: "person-locked" });
    }
    progress.token = { spent, person };
    progress.stage = { name: "done", person: name };
    const session = sessionRefOf(attempt, progress.claim);
    return {
      outcome: { type: "accepted", person },
      events: [{ type: "auth.succeeded", data: { session, method: "gateway", factor } }],
    };
  }

  async function authenticate(attempt: LoginAttempt): Promise<Judged> {
    const progress = progressOf(attempt);
    if (isToken(attempt)) return await byToken(attempt, progress);
    const { proof } = attempt;
    if (proof.method === "gateway") return await byGateway(attempt, progress, proof);
    const quiet = (outcome: LoginOutcome): Judged => ({ outcome, events: [] });
    if (proof.method !== "none" && progress.claim !== null) {
      await deps.identity.prepare?.(progress.claim.person);
    }
    if (proof.method === "none") return quiet(refusal(rules, progress.stage, progress.failures));
    if (proof.method === "publickey" && !proof.proved) return quiet(keyWouldDo(progress, proof));
    if (!nextMethods(rules, progress.stage).includes(proof.method)) {
      return failed(deps, rules, { attempt, progress, why: "method-not-allowed" });
    }
    const proved = await prove(deps, attempt, progress);
    if (proved.type === "refused")
      return failed(deps, rules, { attempt, progress, why: proved.why });
    return passed(attempt, progress, proof.method);
  }

  function keyWouldDo(
    progress: Progress,
    proof: LoginProof & { method: "publickey" },
  ): LoginOutcome {
    progress.keysOffered += 1;
    if (progress.keysOffered > KEYS_OFFERED_MAX) {
      return { type: "refused", next: [], disconnect: "too many keys" };
    }
    const person = personOf(deps, progress);
    const good =
      nextMethods(rules, progress.stage).includes("publickey") &&
      person !== undefined &&
      deps.identity.hasKey(person.name, proof.blob);
    return good ? { type: "accepted", person } : refusal(rules, progress.stage, progress.failures);
  }

  function passed(attempt: LoginAttempt, progress: Progress, method: string): Judged {
    const person = personOf(deps, progress);
    if (person === undefined)
      return failed(deps, rules, { attempt, progress, why: "no-such-person" });
    // Only now: to whoever has proved nothing, a person who is locked looks like anybody else.
    const nowMs = deps.clock.wall() / MICROS_PER_MS;
    if (deps.personLocks.of(person.name, nowMs) !== null) {
      return failed(deps, rules, { attempt, progress, why: "person-locked" });
    }
    const factor = factorOf(attempt.proof, progress.stage);
    const next = progress.stage.name === "second" ? "accepted" : afterFirstFactor(rules, person);
    if (next === "not-enrolled") return failed(deps, rules, { attempt, progress, why: next });
    const session = sessionRefOf(attempt, progress.claim);
    const event: EventDraft = { type: "auth.succeeded", data: { session, method, factor } };
    if (next === "second") {
      progress.stage = { name: "second", person: person.name };
      return {
        outcome: { type: "partial", next: nextMethods(rules, progress.stage) },
        events: [event],
      };
    }
    progress.stage = { name: "done", person: person.name };
    deps.locks.proved(person.name);
    return { outcome: { type: "accepted", person }, events: [event] };
  }

  return {
    authenticate,
    vouch: async (claim) => (await vouchedFor(deps, claim))?.person ?? null,
    prompts: (login) => promptsFor(rules, progressOf(login).stage),
    takeAccepted(session) {
      const progress = logins.get(session);
      if (progress?.stage.name !== "done" || progress.claim === null) return null;
      logins.delete(session);
      const { claim, token } = progress;
      if (token !== undefined) return { person: token.person, claim, token: token.spent };
      const person = personOf(deps, progress);
      return person === undefined ? null : { person, claim: progress.claim };
    },
  };
}

/**
 * Locks hold for what can be guessed; a key can not, and so nobody can lock a person with a key out
 * by guessing in their name.
 */
async function prove(
  deps: LoginDeskDeps,
  attempt: LoginAttempt,
  progress: Progress,
): Promise<Proved> {
  const { proof } = attempt;
  const name = progress.claim?.person ?? "";
  if (proof.method === "publickey") {
    if (progress.claim !== null && deps.identity.hasKey(name, proof.blob)) return PROVED;
    return refused(personOf(deps, progress) === undefined ? "no-such-person" : "unknown-key");
  }
  if (proof.method === "none" || proof.method === "gateway") return refused("method-not-allowed");
  const nowMs = deps.clock.wall() / MICROS_PER_MS;
  const who = { person: name, origin: attempt.origin };
  if (deps.locks.lockedUntil(who, nowMs) !== null) return refused("locked");
  const answer = proof.method === "password" ? proof.password : proof.answers[0];
  if (answer === undefined) return refused("wrong-password");
  if (progress.stage.name === "second") {
    const outcome = await deps.codes.spend(name, answer);
    return outcome === "accepted" ? PROVED : refused(CODE_REFUSED[outcome]);
  }
  const outcome = await deps.identity.verifyPassword(name, answer);
  if (outcome === "accepted") return PROVED;
  if (outcome === "unavailable") return refused("unavailable");
  return refused(personOf(deps, progress) === undefined ? "no-such-person" : "wrong-password");
}

const PROVED: Proved = { type: "proved" };
const refused = (why: Refused): Proved => ({ type: "refused", why });
const CODE_REFUSED = {
  wrong: "wrong-code",
  reused: "reused-code",
  unavailable: "unavailable",
} as const;
/** The attempt itself was not wrong, so it does not count towards a lock. */
const NOT_COUNTED: ReadonlySet<Refused> = new Set([
  "locked",
  "person-locked",
  "unavailable",
  "method-not-allowed",
  // A gateway speaks for many: one bad assertion must not keep the others out.
  "bad-assertion",
]);

function failed(
  deps: LoginDeskDeps,
  rules: LoginRules,
  facts: { readonly attempt: LoginAttempt; readonly progress: Progress; readonly why: Refused },
): Judged {
  const { attempt, progress, why } = facts;
  progress.failures += 1;
  const nowMs = deps.clock.wall() / MICROS_PER_MS;
  const who = { person: progress.claim?.person ?? "", origin: attempt.origin };
  if (!NOT_COUNTED.has(why)) deps.locks.failed(who, nowMs);
  const byToken = deps.tokens?.isToken(attempt.userName) === true;
  const shown = byToken ? { ...attempt, userName: UNKNOWN_TOKEN } : attempt;
  const session = sessionRefOf(shown, progress.claim);
  const { method } = attempt.proof;
  const factor = byToken ? TOKEN_FACTOR : factorOf(attempt.proof, progress.stage);
  return {
    outcome: outcomeOf(why, { deps, rules, progress, who, nowMs }),
    events: [{ type: "auth.failed", data: { session, method, factor, reason: why } }],
  };
}

function outcomeOf(
  why: Refused,
  facts: {
    readonly deps: LoginDeskDeps;
    readonly rules: LoginRules;
    readonly progress: Progress;
    readonly who: { readonly person: string; readonly origin: string };
    readonly nowMs: number;
  },
): LoginOutcome {
  const { deps, rules, progress, who, nowMs } = facts;
  if (why === "person-locked") return PERSON_LOCKED;
  return why === "locked"
    ? lockedOut((deps.locks.lockedUntil(who, nowMs) ?? nowMs) - nowMs)
    : refusal(rules, progress.stage, progress.failures);
}

const PERSON_LOCKED: LoginOutcome = {
  type: "refused",
  next: [],
  disconnect: "you are locked out: ask the administrator of this gateway",
};

function personOf(deps: LoginDeskDeps, progress: Progress): PersonFacts | undefined {
  return progress.claim === null ? undefined : deps.identity.find(progress.claim.person);
}

/** What `session.opened` and `auth.succeeded` call a session token. */
export const TOKEN_FACTOR = "session-token";
/** Stands in events for a token that opened nothing: the token itself never does. */
const UNKNOWN_TOKEN = "(session token)";

/** A gateway's person whom the directory does not know: they can not prove anything again. */
function guestOf({ person, groups }: SpentToken): PersonFacts {
  return { name: person, groups, phrase: "", factors: [] };
}

/** Null: nobody. */
async function vouchedFor(
  { assertions }: LoginDeskDeps,
  claim: GatewayClaim,
): Promise<AssertedPerson | null> {
  if (claim.by !== "assertion") return { person: claim.person, groups: [] };
  const text = claim.token.reveal((bytes) => Buffer.from(bytes).toString("latin1"));
  const verified = await assertions?.verify(text);
  return verified?.ok === true ? verified.value : null;
}

function gatewayFactor({ by }: GatewayClaim): string {
  return `gateway-${by}`;
}

function factorOf(proof: LoginProof, stage: LoginStage): string {
  if (proof.method === "publickey") return "key";
  if (proof.method === "gateway") return gatewayFactor(proof.claim);
  return stage.name === "second" ? "totp" : "password";
}

/** Nobody is authenticated yet: these are the names that were claimed. */
export function sessionRefOf(login: LoginFacts, claim: ClaimedName | null): SessionRef {
  return {
    id: login.session,
    protocol: login.protocol ?? "ssh",
    person: (claim?.person ?? login.userName).slice(0, CLAIMED_NAME_LENGTH_MAX),
    account: claim?.account ?? "",
    target: claim?.target ?? "",
    origin: login.origin,
  };
}
