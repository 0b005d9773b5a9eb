import {
  MICROS_PER_MS,
  wallMicros,
  type RequestId,
  type SessionId,
  type WallMicros,
} from "../../kernel/index.js";
import type { ApprovalAsked, InputBody, SessionFacts } from "../../model/index.js";
import type { Clock } from "../clock/index.js";

/** What waits for a second pair of eyes. */
export interface Approvals {
  list(): readonly PendingApproval[];
  /** Called when something was asked, decided or withdrawn. Answers how to stop being told. */
  changed(listener: () => void): () => void;
  decide(id: string, decision: ApprovalDecision): DecisionOutcome;
}

export interface PendingApproval {
  readonly id: string;
  readonly session: SessionId;
  readonly person: string;
  readonly account: string;
  readonly target: string;
  readonly origin: string;
  /** What waits: `command`, or the kind of the channel. */
  readonly action: string;
  /** The line or the request; absent when it was typed unseen. */
  readonly held?: string;
  readonly rule: string;
  readonly reason: string;
  /** `group:soc`, `role:admin`, names; empty: anybody with the right to decide. */
  readonly approvers: readonly string[];
  /** How many have to agree, and who has. */
  readonly min: number;
  readonly approvedBy: readonly string[];
  readonly askedAt: WallMicros;
  readonly deadline: WallMicros;
}

export interface ApprovalDecision {
  readonly approve: boolean;
  readonly by: Decider;
  readonly reason: string;
}

/** Who decides. `person`: their name in the directory, when they are in it. */
export interface Decider {
  readonly name: string;
  readonly person?: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

export type DecisionOutcome =
  | { readonly type: "decided" }
  /** Counted; more have to agree. */
  | { readonly type: "counted"; readonly missing: number }
  | {
      readonly type: "refused";
      readonly why: "unknown" | "own-request" | "not-an-approver" | "twice";
    };

/** The desk in the registry: `ask`, `withdraw` and `ended` are the sessions' side. */
export interface ApprovalDesk extends Approvals {
  /** False when too much waits already. */
  ask(facts: SessionFacts, request: RequestId, asked: ApprovalAsked): boolean;
  withdraw(session: SessionId, request: RequestId): void;
  /** The session is over: nothing of it waits any more. */
  ended(session: SessionId): void;
}

/** One a session can wait for at a time; more than this nobody decides in time. */
const PENDING_MAX = 10_000;

interface Pending {
  readonly facts: SessionFacts;
  readonly request: RequestId;
  readonly asked: ApprovalAsked;
  readonly askedAt: WallMicros;
  readonly approvedBy: Map<string, Decider>;
}

export function createApprovalDesk(deps: {
  readonly clock: Clock;
  readonly tell: (session: SessionId, input: InputBody) => void;
}): ApprovalDesk {
  const pending = new Map<string, Pending>();
  const listeners = new Set<() => void>();

  function notify(): void {
    for (const listener of [...listeners]) listener();
  }

  function drop(which: (one: Pending) => boolean): void {
    let dropped = false;
    for (const [id, one] of pending) if (which(one)) dropped = pending.delete(id);
    if (dropped) notify();
  }

  function settle(id: string, one: Pending, outcome: DecidedOutcome): DecisionOutcome {
    pending.delete(id);
    deps.tell(one.facts.id, { kind: "approval-decided", request: one.request, outcome });
    notify();
    return { type: "decided" };
  }

  return {
    ask(facts, request, asked) {
      if (pending.size >= PENDING_MAX) return false;
      pending.set(keyOf(facts.id, request), {
        facts,
        request,
        asked,
        askedAt: deps.clock.wall(),
        approvedBy: new Map(),
      });
      notify();
      return true;
    },
    withdraw: (session, request) =>
      drop((one) => one.facts.id === session && one.request === request),
    ended: (session) => drop((one) => one.facts.id === session),
    list: () => [...pending].map(([id, one]) => viewOf(id, one)),
    changed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    decide(id, { approve, by, reason }) {
      const one = pending.get(id);
      if (one === undefined) return { type: "refused", why: "unknown" };
      const why = refusalOf(one, by);
      if (why !== null) return { type: "refused", why };
      if (!approve) return settle(id, one, { type: "denied", by: by.name, reason });
      one.approvedBy.set(identityOf(by), by);
      const missing = one.asked.min - one.approvedBy.size;
      if (missing > 0) {
        notify();
        return { type: "counted", missing };
      }
      const names = [...one.approvedBy.values()].map((decider) => decider.name);
      return settle(id, one, { type: "approved", by: names.join(", ") });
    },
  };
}

type DecidedOutcome = Extract<InputBody, { readonly kind: "approval-decided" }>["outcome"];

/** Four eyes: never the person's own, and the same pair does not count twice. */
function refusalOf(
  one: Pending,
  by: Decider,
): Extract<DecisionOutcome, { type: "refused" }>["why"] | null {
  const own = one.facts.person.name;
  if (by.person === own || by.name === own) return "own-request";
  if (!mayDecide(one.asked.approvers, by)) return "not-an-approver";
  return one.approvedBy.has(identityOf(by)) ? "twice" : null;
}

function identityOf({ person, name }: Decider): string {
  return person === undefined ? `name:${name}` : `person:${person}`;
}

/** `group:soc`, `role:admin`, `person:maria` or a bare name. */
export function mayDecide(approvers: readonly string[], by: Decider): boolean {
  if (approvers.length === 0) return true;
  return approvers.some((approver) => {
    if (approver.startsWith("group:")) return by.groups.includes(approver.slice("group:".length));
    if (approver.startsWith("role:")) return by.roles.includes(approver.slice("role:".length));
    const name = approver.startsWith("person:") ? approver.slice("person:".length) : approver;
    return name === by.person || name === by.name;
  });
}

function keyOf(session: SessionId, request: RequestId): string {
  return `${session}.${String(request)}`;
}

function viewOf(id: string, { facts, asked, askedAt, approvedBy }: Pending): PendingApproval {
  const { deadlineMs, ...words } = asked;
  return {
    ...words,
    id,
    session: facts.id,
    person: facts.person.name,
    account: facts.account,
    target: facts.target.name,
    origin: facts.origin,
    approvedBy: [...approvedBy.values()].map((decider) => decider.name),
    askedAt,
    deadline: wallMicros(askedAt + deadlineMs * MICROS_PER_MS),
  };
}
