import {
  err,
  fault,
  MICROS_PER_MS,
  ok,
  unreachable,
  type Result,
  type Fault,
  type SessionId,
} from "../../kernel/index.js";
import type { EventDraft } from "../../events/index.js";
import type { FactorAnswer, FactorOutcome, SessionFacts } from "../../model/index.js";
import type { Clock } from "../clock/index.js";
import type { RuntimeLog } from "../spool/ports.js";
import { createCodeDesk, type CodeDesk } from "./code-desk.js";
import { judgeFirstUse } from "./first-use.js";
import type { Journal } from "./journal.js";
import { createLocks, type Locks } from "./locks.js";
import { createLoginDesk, sessionRefOf, type LoginDesk } from "./login-desk.js";
import type {
  Destinations,
  HostKeyFacts,
  HostKeyJudgement,
  IdentityDesk,
  LoginFacts,
  LoginRules,
  RegistryAnswers,
  RegistryQuestion,
  SessionLimits,
} from "./ports.js";

/** Everything that is true across sessions, in the parent; it survives restarts. */
export interface Registry<Plan> {
  /** Must not be awaited by anything that a person waits for without a deadline of their own. */
  answer<K extends RegistryQuestion["kind"]>(
    question: Extract<RegistryQuestion, { kind: K }>,
    from: { readonly stream: string },
  ): Promise<RegistryAnswers<Plan>[K]>;
  readonly sessions: ReadonlyMap<SessionId, RunningSession>;
  sessionEnded(session: SessionId): void;
  /** All sessions of this worker are gone. */
  workerDied(stream: string): void;
}

export interface RunningSession {
  readonly facts: SessionFacts;
  /** Where it runs. */
  readonly stream: string;
}

export interface RegistryDeps<Plan> {
  readonly identity: IdentityDesk;
  readonly destinations: Destinations<Plan>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: RuntimeLog;
}

export interface RegistryOptions {
  readonly login: LoginRules;
  readonly limits: SessionLimits;
}

export function createRegistry<Plan>(
  deps: RegistryDeps<Plan>,
  options: RegistryOptions,
): Registry<Plan> {
  return new ParentRegistry(deps, options);
}

class ParentRegistry<Plan> implements Registry<Plan> {
  readonly sessions = new Map<SessionId, RunningSession>();
  readonly #deps: RegistryDeps<Plan>;
  readonly #options: RegistryOptions;
  readonly #locks: Locks;
  readonly #codes: CodeDesk;
  readonly #logins: LoginDesk;

  constructor(deps: RegistryDeps<Plan>, options: RegistryOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#locks = createLocks(
      {
        journal: deps.journal,
        locked: (key, untilMs) => deps.log.warn("login-locked", { key, untilMs }),
      },
      options.login,
    );
    this.#codes = createCodeDesk(deps);
    this.#logins = createLoginDesk(
      {
        identity: deps.identity,
        claim: (userName) => deps.destinations.claim(userName),
        codes: this.#codes,
        locks: this.#locks,
        clock: deps.clock,
      },
      options.login,
    );
  }

  async answer<K extends RegistryQuestion["kind"]>(
    question: Extract<RegistryQuestion, { kind: K }>,
    from: { readonly stream: string },
  ): Promise<RegistryAnswers<Plan>[K]> {
    // Each branch answers its own kind; the compiler can not follow the generic through the switch.
    return (await this.#answer(question, from)) as RegistryAnswers<Plan>[K];
  }

  sessionEnded(session: SessionId): void {
    this.sessions.delete(session);
  }

  workerDied(stream: string): void {
    for (const [id, session] of this.sessions) {
      if (session.stream === stream) this.sessions.delete(id);
    }
  }

  async #answer(
    question: RegistryQuestion,
    from: { readonly stream: string },
  ): Promise<RegistryAnswers<Plan>[RegistryQuestion["kind"]]> {
    switch (question.kind) {
      case "authenticate":
        return await this.#logins.authenticate(question.attempt);
      case "prompts":
        return this.#logins.prompts(question.login);
      case "open-session":
        return this.#open(question.login, from.stream);
      case "plan":
        return await this.#plan(question);
      case "judge-host-key":
        return await this.#judgeHostKey(question.target, question.key);
      case "verify-factor":
        return await this.#verify(question.answer, question.origin);
      default:
        return unreachable(question);
    }
  }

  #open(login: LoginFacts, stream: string): RegistryAnswers<Plan>["open-session"] {
    const accepted = this.#logins.takeAccepted(login.session);
    if (accepted === null) {
      return {
        opened: err(fault("CHP_RUNTIME_SESSION_LIMIT", "the login is not complete")),
        events: [],
      };
    }
    const { person, claim } = accepted;
    const refused = (error: Fault, reason: string): RegistryAnswers<Plan>["open-session"] => {
      const session = sessionRefOf(login, claim);
      const method = login.passed.at(-1) ?? "none";
      const event: EventDraft = { type: "auth.failed", data: { session, method, reason } };
      return { opened: err(error), events: [event] };
    };
    const full = this.#full(person.name);
    if (full !== null) return refused(full, "session-limit");
    const chosen = this.#deps.destinations.choose(claim, person);
    if (!chosen.ok) return refused(chosen.error, "no-such-target");
    const facts: SessionFacts = {
      id: login.session,
      protocol: "ssh",
      person,
      account: chosen.value.account,
      target: chosen.value.target,
      origin: login.origin,
      clientVersion: login.clientVersion,
      authMethods: login.passed,
    };
    this.sessions.set(login.session, { facts, stream });
    const { takesPassword } = chosen.value;
    return { opened: ok({ facts, takesPassword }), events: [] };
  }

  #full(person: string): Fault | null {
    const { sessionsMax, sessionsPerPersonMax } = this.#options.limits;
    if (this.sessions.size >= sessionsMax) {
      return fault(
        "CHP_RUNTIME_SESSION_LIMIT",
        `${sessionsMax} sessions are open, which is the limit`,
      );
    }
    let own = 0;
    for (const session of this.sessions.values())
      if (session.facts.person.name === person) own += 1;
    return own < sessionsPerPersonMax
      ? null
      : fault("CHP_RUNTIME_SESSION_LIMIT", `you have ${own} sessions open, which is the limit`);
  }

  /** Only for a session that runs, and with the facts that it was opened with. */
  async #plan(question: Extract<RegistryQuestion, { kind: "plan" }>): Promise<Result<Plan, Fault>> {
    const running = this.sessions.get(question.session);
    if (running === undefined) {
      return err(fault("CHP_RUNTIME_SESSION_LIMIT", "the session is over"));
    }
    const { facts } = running;
    const known = this.#deps.journal.memory.hostKeys.get(facts.target.name);
    const firstUse: HostKeyFacts | null =
      known === undefined
        ? null
        : { algorithm: known.algorithm, blob: Buffer.from(known.blob, "base64") };
    const offered = question.password === undefined ? {} : { password: question.password };
    return await this.#deps.destinations.plan(facts, offered, firstUse);
  }

  async #judgeHostKey(target: string, key: HostKeyFacts): Promise<HostKeyJudgement> {
    const known = this.#deps.destinations.judgeHostKey(target, key);
    if (known === "trusted") return { type: "trusted" };
    if (known !== "first-use") return { type: "refused", fault: known };
    return await judgeFirstUse(this.#deps.journal, target, key);
  }

  /** A challenge in a running session. Failures count towards the locks of person and address. */
  async #verify(asked: FactorAnswer, origin: string): Promise<FactorOutcome> {
    const { person, factor, answer } = asked;
    const who = { person, origin };
    const nowMs = this.#deps.clock.wall() / MICROS_PER_MS;
    if (this.#locks.lockedUntil(who, nowMs) !== null) return { type: "refused", reason: "locked" };
    const outcome =
      factor === "totp"
        ? await this.#codes.spend(person, answer)
        : await this.#deps.identity.verifyPassword(person, answer);
    if (outcome === "accepted") {
      this.#locks.proved(person);
      return { type: "accepted" };
    }
    if (outcome !== "unavailable") this.#locks.failed(who, nowMs);
    return { type: "refused", reason: outcome };
  }
}
