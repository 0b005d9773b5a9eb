import {
  err,
  fault,
  MICROS_PER_MS,
  ok,
  unreachable,
  wallMicros,
  type Result,
  type Fault,
  type SessionId,
  type WallMicros,
} from "../../kernel/index.js";
import type { EventDraft } from "../../events/index.js";
import {
  isDesktopProtocol,
  type Factor,
  type FactorAnswer,
  type FactorOutcome,
  type InputBody,
  type SessionFacts,
} from "../../model/index.js";
import type { Clock } from "../clock/index.js";
import type { RuntimeLog } from "../spool/ports.js";
import { createCodeDesk, type CodeDesk } from "./code-desk.js";
import { judgeFirstUse } from "./first-use.js";
import { createApprovalDesk, type ApprovalDesk, type Approvals } from "./approval-desk.js";
import {
  createFactorDesk,
  type AskedFactor,
  type FactorDesk,
  type OutOfBandFactor,
} from "./factor-desk.js";
import type { Journal } from "./journal.js";
import { createPersonLocks, type PersonLocks } from "./person-locks.js";
import { createProofsOwed, type ProofsOwed } from "./proofs-owed.js";
import { sessionFacts } from "./session-facts.js";
import { createSharedGraces, type SharedGraces } from "./shared-graces.js";
import { createLocks, type Locks, type Who } from "./locks.js";
import { createLoginDesk, sessionRefOf, type LoginDesk } from "./login-desk.js";
import type {
  AssertionDesk,
  ChosenDestination,
  Destinations,
  HostKeyFacts,
  HostKeyJudgement,
  HoursRules,
  IdentityDesk,
  LoginAttempt,
  LoginFacts,
  LoginProof,
  LoginRules,
  RegistryAnswers,
  RegistryQuestion,
  SessionLimits,
  SessionOpening,
  TokenDesk,
} from "./ports.js";

/** Everything that is true across sessions, in the parent; it survives restarts. */
export interface Registry<Plan> {
  /** Must not be awaited by anything that a person waits for without a deadline of their own. */
  answer<K extends RegistryQuestion["kind"]>(
    question: Extract<RegistryQuestion, { kind: K }>,
    from: { readonly stream: string },
  ): Promise<RegistryAnswers<Plan>[K]>;
  readonly sessions: ReadonlyMap<SessionId, RunningSession>;
  readonly approvals: Approvals;
  readonly personLocks: PersonLocks;
  readonly proofsOwed: ProofsOwed;
  sessionEnded(session: SessionId): void;
  /** All sessions of this worker are gone. */
  workerDied(stream: string): void;
}

export interface RunningSession {
  readonly facts: SessionFacts;
  /** Where it runs. */
  readonly stream: string;
  /** UTC. */
  readonly since: WallMicros;
}

export interface RegistryDeps<Plan> {
  readonly identity: IdentityDesk;
  readonly destinations: Destinations<Plan>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: RuntimeLog;
  /** Gives a running session an input: a decision, an offer, a grace. */
  readonly tell: (session: SessionId, input: InputBody) => void;
  /** A rule wants this person locked. */
  readonly lockOrdered: (person: string, rule: string, reason: string) => void;
  /** Factors that are not typed into the terminal. */
  readonly factors: readonly OutOfBandFactor[];
  /** Absent where no session tokens are issued. */
  readonly tokens?: TokenDesk;
  /** Absent where no gateway signs anything. */
  readonly assertions?: AssertionDesk;
}

export interface RegistryOptions {
  readonly login: LoginRules;
  readonly limits: SessionLimits;
  /** Absent: people may come at any time. */
  readonly hours?: HoursRules;
}

export function createRegistry<Plan>(
  deps: RegistryDeps<Plan>,
  options: RegistryOptions,
): Registry<Plan> {
  return new ParentRegistry(deps, options);
}

class ParentRegistry<Plan> implements Registry<Plan> {
  readonly sessions = new Map<SessionId, RunningSession>();
  readonly approvals: ApprovalDesk;
  readonly personLocks: PersonLocks;
  readonly proofsOwed: ProofsOwed;
  /** Connections whose login or way is being asked for, with the worker that waits. */
  readonly #opening = new Map<SessionId, string>();
  readonly #deps: RegistryDeps<Plan>;
  readonly #options: RegistryOptions;
  readonly #graces: SharedGraces;
  readonly #factors: FactorDesk;
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
    this.approvals = createApprovalDesk(deps);
    this.personLocks = createPersonLocks(deps.journal);
    this.proofsOwed = createProofsOwed(deps.journal, {
      attemptsAtProhibitedTimeMax: options.hours?.attemptsMax ?? 0,
    });
    this.#graces = createSharedGraces(deps.journal);
    this.#factors = createFactorDesk({
      factors: deps.factors,
      tell: deps.tell,
      judged: (facts, outcome) => this.#judged(facts, outcome),
    });
    this.#codes = createCodeDesk(deps);
    this.#logins = createLoginDesk(
      {
        identity: deps.identity,
        claim: (userName) => deps.destinations.claim(userName),
        codes: this.#codes,
        locks: this.#locks,
        personLocks: this.personLocks,
        clock: deps.clock,
        ...(deps.tokens === undefined ? {} : { tokens: deps.tokens }),
        ...(deps.assertions === undefined ? {} : { assertions: deps.assertions }),
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
    this.#opening.delete(session);
    this.sessions.delete(session);
    this.approvals.ended(session);
    this.#factors.ended(session);
  }

  workerDied(stream: string): void {
    for (const [id, opening] of this.#opening) if (opening === stream) this.#opening.delete(id);
    for (const [id, session] of this.sessions) {
      if (session.stream === stream) this.sessionEnded(id);
    }
  }

  async #answer(
    question: RegistryQuestion,
    from: { readonly stream: string },
  ): Promise<RegistryAnswers<Plan>[RegistryQuestion["kind"]]> {
    switch (question.kind) {
      case "authenticate":
        return await this.#authenticate(question.attempt, from.stream);
      case "prompts":
        return this.#logins.prompts(question.login);
      case "vouch":
        return await this.#logins.vouch(question.claim);
      case "plan":
        return await this.#plan(question);
      case "judge-host-key":
        return await this.#judgeHostKey(question.target, question.key);
      case "verify-factor":
        return await this.#verify(question.answer, question.origin);
      case "ask-factor":
      case "ask-approval":
      case "withdraw":
      case "grant-grace":
      case "lock-person":
        return this.#ofSession(question);
      default:
        return unreachable(question);
    }
  }

  /** What only a session that runs may ask; to others it says what fails closed. */
  #ofSession(
    question: Extract<RegistryQuestion, { kind: SteppingIn }>,
  ): RegistryAnswers<Plan>[SteppingIn] {
    const facts = this.sessions.get(question.session)?.facts;
    if (facts === undefined) return question.kind === "ask-approval" ? "too-many" : GONE;
    switch (question.kind) {
      case "ask-factor": {
        const outcome = this.#askFactor(facts, question.ask);
        return outcome === null ? "under-way" : { at: "once", outcome };
      }
      case "ask-approval":
        return this.approvals.ask(facts, question.request, question.asked)
          ? "under-way"
          : "too-many";
      case "withdraw":
        this.approvals.withdraw(facts.id, question.request);
        this.#factors.withdraw(facts.id, question.request);
        return "done";
      case "grant-grace":
        this.#grant(facts, question.rules, question.graceMs);
        return "done";
      case "lock-person":
        this.#deps.lockOrdered(facts.person.name, question.rule, question.reason);
        return "done";
      default:
        return unreachable(question);
    }
  }

  #askFactor(facts: SessionFacts, ask: AskedFactor): FactorOutcome | null {
    const who = { person: facts.person.name, origin: facts.origin };
    if (this.#locks.lockedUntil(who, this.#nowMs()) !== null) return LOCKED;
    return this.#factors.ask(facts, ask);
  }

  /** In all sessions of the person on this target, now and to come. */
  #grant(facts: SessionFacts, rules: readonly string[], graceMs: number): void {
    const untilMs = this.#nowMs() + graceMs;
    this.#graces.grant(facts, rules, untilMs);
    const until = wallMicros(Math.floor(untilMs * MICROS_PER_MS));
    for (const [id, { facts: other }] of this.sessions) {
      const same =
        other.person.name === facts.person.name && other.target.name === facts.target.name;
      if (same && id !== facts.id) this.#deps.tell(id, { kind: "grace-granted", rules, until });
    }
  }

  #nowMs(): number {
    return this.#deps.clock.wall() / MICROS_PER_MS;
  }

  /** Whoever has proved who they are wants a session next: that saves a worker its second question. */
  async #authenticate(
    attempt: LoginAttempt,
    stream: string,
  ): Promise<RegistryAnswers<Plan>["authenticate"]> {
    // Noted before anything is waited for: whoever gives up, or dies, takes the note away.
    this.#opening.set(attempt.session, stream);
    const judged = await this.#logins.authenticate(attempt);
    if (!this.#opening.delete(attempt.session)) return judged;
    const { proof, ...login } = attempt;
    const complete = judged.outcome.type === "accepted" && !onlyAsks(proof);
    if (!complete) return judged;
    const { method } = proof;
    const passed =
      method === "none" || method === "gateway" ? login.passed : [...login.passed, method];
    return { ...judged, opening: await this.#open({ ...login, passed }, stream) };
  }

  async #open(login: LoginFacts, stream: string): Promise<SessionOpening> {
    const accepted = this.#logins.takeAccepted(login.session);
    if (accepted === null) {
      return {
        opened: err(fault("CHP_RUNTIME_SESSION_LIMIT", "the login is not complete")),
        graces: [],
        events: [],
      };
    }
    const { person, claim, token } = accepted;
    const refused = (error: Fault, reason: string): SessionOpening => {
      const session = sessionRefOf(login, claim);
      const method = login.passed.at(-1) ?? "none";
      const event: EventDraft = { type: "auth.failed", data: { session, method, reason } };
      return { opened: err(error), graces: [], events: [event] };
    };
    if (this.#isLocked(person.name)) return refused(LOCKED_OUT, "person-locked");
    if (this.#comesTooLate(person.name)) return refused(PROHIBITED, "prohibited-time");
    this.#opening.set(login.session, stream);
    const chosen = await this.#deps.destinations.choose(claim, person, login);
    // Whoever asked has given up meanwhile, or is dead.
    if (!this.#opening.delete(login.session)) return refused(OVER, "gone");
    if (!chosen.ok) return refused(chosen.error, "no-such-target");
    // It may have taken a while.
    if (this.#isLocked(person.name)) return refused(LOCKED_OUT, "person-locked");
    if (!leadsTo(login, chosen.value)) return refused(OTHER_DOOR, "no-such-target");
    const full = this.#full(person.name);
    if (full !== null) return refused(full, "session-limit");
    const owed = this.proofsOwed.of(person.name);
    const facts = sessionFacts(login, person, { chosen: chosen.value, token, owed });
    this.sessions.set(login.session, { facts, stream, since: this.#deps.clock.wall() });
    const { takesPassword } = chosen.value;
    const graces = this.#graces.of(facts, this.#nowMs());
    return { opened: ok({ facts, takesPassword }), graces, events: [] };
  }

  #isLocked(person: string): boolean {
    return this.personLocks.of(person, this.#nowMs()) !== null;
  }

  /** Only of people who have proved who they are: nobody is counted for what others try in their name. */
  #comesTooLate(person: string): boolean {
    const { hours } = this.#options;
    if (hours?.prohibitedAt(this.#nowMs()) !== true) return false;
    this.proofsOwed.cameAtProhibitedTime(person);
    return hours.refuse;
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
    if (this.#locks.lockedUntil(who, this.#nowMs()) !== null) return LOCKED;
    const outcome = await this.#check(person, factor, answer);
    return this.#counted(
      who,
      outcome === "accepted" ? { type: "accepted" } : { type: "refused", reason: outcome },
    );
  }

  async #check(
    person: string,
    factor: Factor,
    answer: FactorAnswer["answer"],
  ): Promise<"accepted" | "wrong" | "reused" | "unavailable"> {
    if (factor === "totp") return await this.#codes.spend(person, answer);
    if (factor === "password") return await this.#deps.identity.verifyPassword(person, answer);
    // Every other factor is answered elsewhere: nothing that is typed can pass for it.
    return "unavailable";
  }

  #judged(facts: SessionFacts, outcome: FactorOutcome): FactorOutcome {
    return this.#counted({ person: facts.person.name, origin: facts.origin }, outcome);
  }

  #counted(who: Who, outcome: FactorOutcome): FactorOutcome {
    if (outcome.type === "accepted") {
      this.#locks.proved(who.person);
      this.proofsOwed.proved(who.person);
    } else if (outcome.reason === "wrong" || outcome.reason === "reused") {
      this.#locks.failed(who, this.#nowMs());
    }
    return outcome;
  }
}

type SteppingIn = "ask-factor" | "ask-approval" | "withdraw" | "grant-grace" | "lock-person";

/** A client asks whether a key would do before it signs with it. */
function onlyAsks(proof: LoginProof): boolean {
  return proof.method === "publickey" && !proof.proved;
}

/** Whoever comes by one protocol can not be sent on by another; desktops all look the same from outside. */
function leadsTo(login: LoginFacts, { target }: ChosenDestination): boolean {
  const from = login.protocol ?? "ssh";
  const to = target.protocol ?? "ssh";
  return from === to || (isDesktopProtocol(from) && isDesktopProtocol(to));
}

const OTHER_DOOR = fault(
  "CHP_RUNTIME_NO_DESTINATION",
  "the target speaks another protocol than the one you came by",
);
const LOCKED_OUT = fault("CHP_RUNTIME_PERSON_LOCKED", "you are locked out");
const PROHIBITED = fault(
  "CHP_RUNTIME_PROHIBITED_TIME",
  "nobody may log in at this time: ask the administrator of this gateway",
);
const OVER = fault("CHP_RUNTIME_SESSION_LIMIT", "the session is over");

const LOCKED: FactorOutcome = { type: "refused", reason: "locked" };
const GONE = "done";
