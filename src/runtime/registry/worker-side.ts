import { encodeEvent, wrapEvent, type EventDraft } from "../../events/index.js";
import {
  describeFault,
  err,
  fault,
  micros,
  MICROS_PER_MS,
  type Fault,
  type Micros,
  type Result,
  Secret,
  type SessionId,
} from "../../kernel/index.js";
import type { ApprovalOutcome, FactorOutcome, SessionFacts } from "../../model/index.js";
import type { Clock } from "../clock/index.js";
import { sessionRefOf } from "./login-desk.js";
import { FIRST, refusal } from "./login-policy.js";
import { RecentMap } from "./recent-map.js";
import type { AskApproval, AskFactor, FactorQuestion, SessionDesk } from "../pump/ports.js";
import type { RuntimeLog } from "../spool/ports.js";
import type { ParentLink } from "../worker/worker.js";
import type {
  GatewayClaim,
  HostKeyFacts,
  HostKeyJudgement,
  LoginAttempt,
  LoginFacts,
  LoginOutcome,
  LoginPrompt,
  LoginRules,
  OpenedSession,
  HeldGrace,
  RegistryAnswers,
  RegistryQuestion,
  SessionOpening,
} from "./ports.js";

/**
 * The registry as a worker sees it: asks the parent, and tells the events of a login, which belong to
 * the same row of numbers as those of the session that it may become.
 */
export interface RegistryProxy<Plan> extends SessionDesk {
  authenticate(attempt: LoginAttempt): Promise<LoginOutcome>;
  prompts(login: LoginFacts): Promise<readonly LoginPrompt[]>;
  /** The session that a complete login has opened; asked in the turn in which the login was answered. */
  openSession(login: LoginFacts): Promise<Result<OpenedSession, Fault>>;
  plan(facts: SessionFacts, offered: { readonly password?: Secret }): Promise<Result<Plan, Fault>>;
  judgeHostKey(target: string, key: HostKeyFacts): Promise<HostKeyJudgement>;
  /** The person whom a gateway claims, once it is verified; null: nobody, or no answer. */
  vouch(claim: GatewayClaim): Promise<string | null>;
  /** Tells a request that was refused before anybody had a session. */
  refused(login: LoginFacts, fault: Fault): void;
  /** Number of the first event that the session itself tells; asked once, when it starts. */
  takeFirstSequence(session: SessionId): number;
  /** Rules that need not ask in this session; asked once, when it starts. */
  takeGraces(session: SessionId): readonly HeldGrace[];
}

export interface RegistryProxyDeps {
  readonly link: ParentLink;
  readonly clock: Clock;
  readonly log: RuntimeLog;
}

export interface RegistryProxyOptions {
  readonly source: string;
  readonly login: LoginRules;
  /** True for every user name that can only be meant as a session token: it is a proof by itself. */
  readonly isToken: (userName: string) => boolean;
}

/** A password costs some 30 ms on an idle machine; beyond this the person is told to try again. */
const LOGIN_DEADLINE_MS = 20_000;
const PLAN_DEADLINE_MS = 10_000;
/** The adapter starts a session in the turn in which it is opened, or never. */
const START_DEADLINE_MS = 1_000;
/** Connections of this worker that are logging in. */
const LOGINS_MAX = 16_384;
/** So long at most a key that was taken away is still asked to prove itself, and then refused. */
const WOULD_DO_MS = 60_000;
/** Keys that are remembered to be good enough to ask for their proof. */
const KEYS_MAX = 1_024;
/** "Prove it": what an adapter makes of this for a key that was only asked about. */
const WOULD_DO: LoginOutcome = { type: "partial", next: [] };
/** The registry only notes it: nobody waits for a person here. */
const NOTE_DEADLINE_MS = 5_000;

export function createRegistryProxy<Plan>(
  deps: RegistryProxyDeps,
  options: RegistryProxyOptions,
): RegistryProxy<Plan> {
  const unstarted = new Map<SessionId, NodeJS.Timeout>();
  const graces = new RecentMap<SessionId, readonly HeldGrace[]>(LOGINS_MAX);
  const sequences = new RecentMap<SessionId, number>(LOGINS_MAX);
  /** Connections of which the parent has heard: it counts what they try. */
  const heard = new RecentMap<SessionId, true>(LOGINS_MAX);
  /** Came with the end of the login, and wait for the adapter to ask, which it does in the same turn. */
  const openings = new RecentMap<SessionId, SessionOpening>(LOGINS_MAX);

  /** Keys that would do a moment ago, and until when nobody is asked about them again. */
  const wouldDo = new RecentMap<string, Micros>(KEYS_MAX);

  async function ask<K extends RegistryQuestion["kind"]>(
    question: Extract<RegistryQuestion, { kind: K }>,
    deadlineMs: number,
  ): Promise<RegistryAnswers<Plan>[K] | null> {
    // The other end is the registry of our own parent, which answers by these very types.
    return (await deps.link.ask(question, deadlineMs)) as RegistryAnswers<Plan>[K] | null;
  }

  /**
   * Every client begins with "none", to learn which methods there are (RFC 4252 section 5.2). That is the
   * same for everybody, so the parent need not be asked; only a token would be good enough like this.
   */
  function onlyGreets({ session, userName, proof, passed }: LoginAttempt): boolean {
    const first = passed.length === 0 && !heard.has(session);
    return proof.method === "none" && first && !options.isToken(userName);
  }

  /**
   * Whether the answer to this question may be remembered: programs log in time after time with the same
   * key. It lets nobody in: the proof that follows is always judged by the parent.
   */
  function onlyAsks({ userName, proof, passed, session }: LoginAttempt): boolean {
    if (proof.method !== "publickey" || proof.proved) return false;
    return passed.length === 0 && !heard.has(session) && !options.isToken(userName);
  }

  /** False when the events could not be kept: then what they tell must not happen. */
  function tell(session: SessionId, events: readonly EventDraft[]): boolean {
    if (events.length === 0) return true;
    let sequence = sequences.get(session) ?? 0;
    const wall = deps.clock.wall();
    const lines = events.map((event) =>
      encodeEvent(
        wrapEvent(event, { source: options.source, subject: session, sequence: sequence++, wall }),
      ),
    );
    const appended = deps.link.spool.append(lines.join(""));
    if (appended.ok) sequences.set(session, sequence);
    else deps.log.error("login-audit-lost", { session, fault: describeFault(appended.error) });
    return appended.ok;
  }

  /** A client that hangs up while its session is being opened leaves one that never starts. */
  function expectStart(session: SessionId): void {
    clearTimeout(unstarted.get(session));
    const timer = setTimeout(() => {
      unstarted.delete(session);
      openings.delete(session);
      deps.link.sessionEnded(session, "closed");
    }, START_DEADLINE_MS);
    unstarted.set(session, timer);
  }

  return {
    async authenticate(attempt) {
      const { session } = attempt;
      if (onlyGreets(attempt)) return refusal(options.login, FIRST, 0);
      const asks = onlyAsks(attempt);
      const key = keyOf(attempt);
      if (asks && deps.clock.now() < (wouldDo.get(key) ?? 0)) return WOULD_DO;
      heard.set(session, true);
      const answer = await ask({ kind: "authenticate", attempt }, LOGIN_DEADLINE_MS);
      if (answer === null || !tell(session, answer.events)) {
        // The parent may have opened a session, or be about to.
        deps.link.sessionEnded(session, "closed");
        return UNAVAILABLE;
      }
      if (answer.outcome.type === "refused") wouldDo.delete(key);
      else if (asks) wouldDo.set(key, micros(deps.clock.now() + WOULD_DO_MS * MICROS_PER_MS));
      if (answer.opening !== undefined) {
        openings.set(session, answer.opening);
        if (answer.opening.opened.ok) expectStart(session);
      }
      return answer.outcome;
    },
    async prompts(login) {
      return (await ask({ kind: "prompts", login }, LOGIN_DEADLINE_MS)) ?? [];
    },
    openSession(login) {
      const opening = openings.get(login.session);
      openings.delete(login.session);
      // Whatever the parent has noted: this session does not run.
      const giveUp = (why: string): Promise<Result<OpenedSession, Fault>> => {
        deps.link.sessionEnded(login.session, "closed");
        return Promise.resolve(err(unanswered(why)));
      };
      if (opening === undefined) return giveUp("the log-in is not complete");
      if (!tell(login.session, opening.events)) return giveUp("events can not be kept");
      if (opening.opened.ok && opening.graces.length > 0) graces.set(login.session, opening.graces);
      return Promise.resolve(opening.opened);
    },
    async plan(facts, { password }) {
      // A copy: asking wipes what it sends, and the session may have to dial again.
      const lent = password?.reveal((bytes) => new Secret(new Uint8Array(bytes)));
      const question = {
        kind: "plan",
        session: facts.id,
        ...(lent === undefined ? {} : { password: lent }),
      } as const;
      return (await ask(question, PLAN_DEADLINE_MS)) ?? err(unanswered("no way to the target"));
    },
    async judgeHostKey(target, key) {
      const answer = await ask({ kind: "judge-host-key", target, key }, PLAN_DEADLINE_MS);
      return answer ?? { type: "refused", fault: unanswered("the host key was not judged") };
    },
    async verifyFactor({
      session,
      origin,
      answer,
      deadlineMs,
    }: FactorQuestion): Promise<FactorOutcome> {
      const question = { kind: "verify-factor", session, origin, answer } as const;
      return (await ask(question, deadlineMs)) ?? { type: "refused", reason: "timeout" };
    },
    async askFactor(session, effect: AskFactor): Promise<FactorOutcome | null> {
      const { request, factor, trigger, reason, deadlineMs } = effect;
      const question = {
        kind: "ask-factor",
        session,
        ask: { request, factor, trigger, reason, deadlineMs },
      } as const;
      const answer = await ask(question, NOTE_DEADLINE_MS);
      if (answer === null) return { type: "refused", reason: "timeout" };
      return answer === "under-way" ? null : answer.outcome;
    },
    async askApproval(session, { request, asked }: AskApproval): Promise<ApprovalOutcome | null> {
      const question = { kind: "ask-approval", session, request, asked } as const;
      const answer = await ask(question, NOTE_DEADLINE_MS);
      if (answer === "under-way") return null;
      return { type: "unavailable", reason: "nobody can be asked just now" };
    },
    withdraw(session, request) {
      void ask({ kind: "withdraw", session, request }, NOTE_DEADLINE_MS);
    },
    grantGrace(session, rules, graceMs) {
      void ask({ kind: "grant-grace", session, rules, graceMs }, NOTE_DEADLINE_MS);
    },
    lockPerson(session, rule, reason) {
      void ask({ kind: "lock-person", session, rule, reason }, NOTE_DEADLINE_MS);
    },
    vouch: (claim) => ask({ kind: "vouch", claim }, LOGIN_DEADLINE_MS),
    refused(login, { code, message }) {
      const data = { session: sessionRefOf(login, null), code, reason: message };
      tell(login.session, [{ type: "web.refused", data }]);
    },
    takeGraces(session) {
      const held = graces.get(session) ?? [];
      graces.delete(session);
      return held;
    },
    takeFirstSequence(session) {
      clearTimeout(unstarted.get(session));
      unstarted.delete(session);
      const sequence = sequences.get(session) ?? 0;
      sequences.delete(session);
      return sequence;
    },
  };
}

/** Who asks about which key; empty: no key is spoken of. */
function keyOf({ origin, userName, proof }: LoginAttempt): string {
  if (proof.method !== "publickey") return "";
  const blob = Buffer.from(proof.blob).toString("base64");
  return JSON.stringify([origin, userName, proof.algorithm, blob]);
}

const UNAVAILABLE: LoginOutcome = {
  type: "refused",
  next: [],
  disconnect: "authentication is not available",
};

function unanswered(what: string): Fault {
  return fault("CHP_RUNTIME_UNANSWERED", what);
}
