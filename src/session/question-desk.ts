import { requestId, type ChannelId, type RequestId } from "../kernel/index.js";
import type { FactorOutcome } from "../model/index.js";
import { openChallenge, type Challenge, type ChallengeResult, type Question } from "./challenge.js";
import type { Judgement } from "./judgement.js";
import type { Outbox } from "./outbox.js";
import type { SessionSeed } from "./session.js";

/** At most one question to the person is open in a session; while it is, every channel is gated. */
export interface QuestionDesk {
  readonly open: boolean;
  /** The channel on whose terminal the question is drawn. */
  readonly channel: ChannelId | null;
  readonly reauths: number;
  ask(order: QuestionOrder): void;
  typed(bytes: Uint8Array): void;
  verified(request: RequestId, outcome: FactorOutcome): void;
  timedOut(channel: ChannelId | null): void;
  redraw(columns: number): void;
  /** The terminal on which the question stood is gone, or the session ends: nobody can answer. */
  abandon(): void;
  /** Does the deed now, or when no question is open any more; false when too much waits already. */
  whenClosed(deed: () => void): boolean;
}

export interface QuestionOrder {
  readonly channel: ChannelId;
  readonly judgement: Judgement;
  readonly question: "confirm" | "factor";
  readonly held?: string;
  readonly columns: number;
  readonly then: (result: ChallengeResult) => void;
}

/** Requests that arrive while a question is open wait for its end; more than this are refused. */
const WAITING_DEEDS_MAX = 64;

export function createQuestionDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  /** From now on nothing may reach the target. */
  readonly onOpened: () => void;
  /** The session's gate opened: what waited on channels may go on. */
  readonly onClosed: () => void;
}): QuestionDesk {
  const { outbox, seed } = deps;
  let current: { readonly challenge: Challenge; readonly then: QuestionOrder["then"] } | null =
    null;
  let waiting: (() => void)[] = [];
  let nextRequest = 1;
  let reauths = 0;

  function conclude(result: ChallengeResult | null): void {
    if (result === null || current === null) return;
    const { then } = current;
    current = null;
    then(result);
    release();
  }

  /** A deed may ask the next question: then the rest goes on waiting. */
  function release(): void {
    if (isOpen()) return;
    deps.onClosed();
    const deeds = waiting;
    waiting = [];
    for (const deed of deeds) {
      if (isOpen()) waiting.push(deed);
      else deed();
    }
  }

  // Asked through a function: a deed or a resumed channel may have asked the next question.
  function isOpen(): boolean {
    return current !== null;
  }

  return {
    get open() {
      return current !== null;
    },
    get channel() {
      return current?.challenge.order.channel ?? null;
    },
    get reauths() {
      return reauths;
    },
    ask(order) {
      const question = questionOf(order);
      if (question.type === "factor") reauths += 1;
      const { judgement } = order;
      deps.onOpened();
      const challenge = openChallenge(
        {
          channel: order.channel,
          question,
          trigger: judgement.trigger,
          reason: judgement.reason,
          columns: order.columns,
          ...(order.held === undefined ? {} : { held: order.held }),
        },
        {
          outbox,
          person: seed.facts.person,
          timeoutMs: judgement.stepUp.timeoutMs,
          nextRequest: () => requestId(nextRequest++),
        },
      );
      current = { challenge, then: order.then };
    },
    typed: (bytes) => conclude(current?.challenge.typed(bytes) ?? null),
    verified: (request, outcome) => conclude(current?.challenge.verified(request, outcome) ?? null),
    timedOut(channel) {
      if (current?.challenge.order.channel === channel) conclude(current.challenge.timedOut());
    },
    redraw: (columns) => current?.challenge.redraw(columns),
    abandon() {
      if (current === null) return;
      current.challenge.abandon();
      current = null;
      release();
    },
    whenClosed(deed) {
      if (current === null) deed();
      else if (waiting.length >= WAITING_DEEDS_MAX) return false;
      else waiting.push(deed);
      return true;
    },
  };
}

function questionOf(order: QuestionOrder): Question {
  const { factor, attempts, graceMs } = order.judgement.stepUp;
  if (order.question === "confirm" || factor === null) return { type: "confirm" };
  return { type: "factor", factor, attempts, graceMs };
}
