import type { EventDraft } from "../../events/index.js";
import { MICROS_PER_MS, type SessionId } from "../../kernel/index.js";
import type {
  CommandedBy,
  CommandOutcome,
  LiveSession,
  Observer,
  SessionView,
} from "../../model/index.js";
import type { Clock } from "../clock/index.js";
import type { Registry, RunningSession } from "../registry/registry.js";
import { createObservations, type Observations } from "./observations.js";
import type {
  AnswerTaken,
  HandedIn,
  LockOrder,
  LockOutcome,
  Observation,
  Order,
  Steering,
} from "./steering-ports.js";
import type { Workforce } from "./workforce.js";

export interface SteeringDeps {
  readonly registry: Registry<unknown>;
  readonly workforce: Workforce;
  readonly clock: Clock;
  /** Facts that belong to no session. */
  readonly tellEvent: (event: EventDraft) => void;
  readonly newId: () => string;
}

/** Steering and what the workforce tells it. */
export interface SteeringRoom extends Steering {
  readonly observed: Observations["observed"];
  sessionEnded(session: SessionId): void;
}

/** A process answers in milliseconds; one that hangs must not hold up the others' answers for long. */
const ORDER_DEADLINE_MS = 5_000;
const VIEW_DEADLINE_MS = 2_000;

type Outcomes = ReadonlyMap<SessionId, CommandOutcome>;

export function createSteering(deps: SteeringDeps): SteeringRoom {
  const { registry, workforce, clock } = deps;
  const observations = createObservations({
    newId: deps.newId,
    left(session, id) {
      void observe(session, id, null);
    },
  });
  const nowMs = (): number => clock.wall() / MICROS_PER_MS;

  async function commandSessions(ids: readonly SessionId[], order: Order): Promise<Outcomes> {
    const outcomes = new Map<SessionId, CommandOutcome>();
    const running = ids.filter((id) => registry.sessions.has(id));
    for (const id of ids) outcomes.set(id, { type: "no-such-session" });
    for (const id of running) outcomes.set(id, { type: "timeout" });
    if (running.length === 0) return outcomes;
    const id = deps.newId();
    const work = {
      sessions: running,
      done: id,
      input: { kind: "command", command: { ...order, id } },
    } as const;
    for (const [session, outcome] of await workforce.order(work, ORDER_DEADLINE_MS)) {
      outcomes.set(session, outcome);
    }
    // Over meanwhile, by itself: nobody could answer.
    for (const one of running) {
      if (outcomes.get(one)?.type === "timeout" && !registry.sessions.has(one)) {
        outcomes.set(one, { type: "no-such-session" });
      }
    }
    return outcomes;
  }

  async function observe(
    session: SessionId,
    id: string,
    observer: Observer | null,
  ): Promise<CommandOutcome> {
    const work = {
      sessions: [session],
      done: id,
      input: { kind: "observe", id, observer },
    } as const;
    const outcomes = await workforce.order(work, ORDER_DEADLINE_MS);
    return outcomes.get(session) ?? { type: "no-such-session" };
  }

  function sessionsOf(person: string): readonly SessionId[] {
    return [...registry.sessions].flatMap(([id, { facts }]) =>
      facts.person.name === person ? [id] : [],
    );
  }

  function commandPerson(person: string, order: Order): Promise<Outcomes> {
    const { by, reason } = order;
    // What the core has counted is owed by sessions to come as well, until it is proved.
    if (order.do === "reauth" && by.kind === "core") {
      registry.proofsOwed.owe(person, { trigger: `${by.kind}:${by.name}`, reason });
    }
    return commandSessions(sessionsOf(person), order);
  }

  async function lockPerson(order: LockOrder): Promise<LockOutcome> {
    const { person, by, reason, untilMs, kill } = order;
    const known = registry.personLocks.of(person, nowMs());
    const already = known !== null && known.untilMs === untilMs;
    if (!already) {
      // It holds from here on, before the disk has it: nobody slips in while it is written.
      const lock = { person, by: `${by.kind}:${by.name}`, reason, sinceMs: nowMs(), untilMs };
      const noted = await registry.personLocks.lock(lock);
      if (!noted.ok) return { type: "failed", sessions: NOBODY };
      tellLocked(order, kill ? sessionsOf(person) : []);
    }
    const killed = { do: "kill", by, reason } as const;
    const sessions = kill ? await commandPerson(person, killed) : NOBODY;
    return { type: already ? "already" : "done", sessions };
  }

  function tellLocked(order: LockOrder, sessions: readonly SessionId[]): void {
    const { person, by, reason, untilMs } = order;
    const until = untilMs === null ? {} : { untilMs };
    deps.tellEvent({
      type: "person.locked",
      data: { person, by: by.kind, actor: by.name, reason, ...until, sessions },
    });
  }

  async function unlockPerson(
    person: string,
    by: CommandedBy,
    reason: string,
  ): Promise<LockOutcome> {
    if (registry.personLocks.of(person, nowMs()) === null) {
      return { type: "already", sessions: NOBODY };
    }
    const noted = await registry.personLocks.unlock(person);
    if (!noted.ok) return { type: "failed", sessions: NOBODY };
    deps.tellEvent({
      type: "person.unlocked",
      data: { person, by: by.kind, actor: by.name, reason },
    });
    return { type: "done", sessions: NOBODY };
  }

  async function watch(
    session: SessionId,
    { name }: { readonly name: string },
  ): Promise<Observation | null> {
    if (!registry.sessions.has(session)) return null;
    const open = observations.open(session);
    const { id } = open;
    const outcome = await observe(session, id, { id, name, mode: "watch" });
    if (outcome.type !== "done") {
      open.close("over");
      return null;
    }
    return {
      entries: open.entries,
      takeOver: () => observe(session, id, { id, name, mode: "control" }),
      handBack: () => observe(session, id, { id, name, mode: "watch" }),
      type(channel, bytes) {
        workforce.tell(session, { kind: "observer-typed", observer: id, channel, bytes });
      },
      leave: () => open.close("left"),
    };
  }

  /** The answer stays in this process: the session learns only what became of it. */
  async function answerChallenge(
    session: SessionId,
    { question, factor, answer, by }: HandedIn,
  ): Promise<AnswerTaken> {
    const facts = registry.sessions.get(session)?.facts;
    if (facts === undefined) return { type: "not-asked" };
    const outcome = await registry.answer<"verify-factor">(
      {
        kind: "verify-factor",
        session,
        origin: facts.origin,
        answer: { person: facts.person.name, factor, answer },
      },
      { stream: PARENT },
    );
    const id = deps.newId();
    const told = { kind: "factor-answered", id, question, outcome } as const;
    const work = {
      sessions: [session],
      done: id,
      input: { ...told, by: `${by.kind}:${by.name}` },
    };
    const taken = (await workforce.order(work, ORDER_DEADLINE_MS)).get(session);
    if (taken?.type === "done") return { type: "judged", outcome };
    return { type: taken === undefined ? "timeout" : "not-asked" };
  }

  return {
    async sessions() {
      const views = new Map(
        (await workforce.views(VIEW_DEADLINE_MS)).map((view) => [view.id, view]),
      );
      return [...registry.sessions].map(([id, running]) => live(id, running, views.get(id)));
    },
    async session(id) {
      const views = await workforce.views(VIEW_DEADLINE_MS);
      const running = registry.sessions.get(id);
      return running === undefined
        ? null
        : live(
            id,
            running,
            views.find((view) => view.id === id),
          );
    },
    async commandSession(id, order) {
      return (await commandSessions([id], order)).get(id) ?? { type: "no-such-session" };
    },
    commandSessions,
    commandPerson,
    lockPerson,
    unlockPerson,
    lockedPeople: () => registry.personLocks.all(nowMs()),
    watch,
    approvals: registry.approvals,
    answerChallenge,
    observed: (session, to, entry) => observations.observed(session, to, entry),
    sessionEnded: (session) => observations.ended(session),
  };
}

/** Questions of the parent itself: it has no stream. */
const PARENT = "";
const NOBODY: Outcomes = new Map();

/** Without a view: a session that has only just been opened, or whose process does not answer. */
function live(
  id: SessionId,
  { facts, since }: RunningSession,
  view: SessionView | undefined,
): LiveSession {
  return {
    state: "open",
    channels: [],
    counts: { channels: 0, commands: 0, blocked: 0, reauths: 0 },
    observers: [],
    ...view,
    id,
    facts,
    since,
  };
}
