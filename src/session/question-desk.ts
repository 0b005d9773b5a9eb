import { requestId, type ChannelId, type RequestId } from "../kernel/index.js";
import type { ApprovalOutcome, FactorOffer, FactorOutcome } from "../model/index.js";
import { openChallenge, type Challenge } from "./challenge.js";
import type { SessionGate } from "./gate.js";
import type { Outbox } from "./outbox.js";
import type { ChallengeResult, Question, QuestionOrder } from "./question.js";
import type { SessionSeed } from "./session.js";

/** At most one order is asked in a session; while it is, every channel is gated. */
export interface QuestionDesk {
  readonly open: boolean;
  /** The channel on whose terminal the question is drawn: its keys are the answer. */
  readonly channel: ChannelId | null;
  readonly reauths: number;
  /** Only while the gate is open: whoever asks has waited for it. */
  ask(order: QuestionOrder): void;
  typed(bytes: Uint8Array): void;
  verified(request: RequestId, outcome: FactorOutcome): void;
  decided(request: RequestId, outcome: ApprovalOutcome): void;
  offered(request: RequestId, offer: FactorOffer): void;
  timedOut(): void;
  redraw(): void;
  /** Shows a line of somebody else's on the question; false when there is none. */
  say(text: string): boolean;
  /** The session is suspended: the question waits too. */
  freeze(): void;
  thaw(): void;
  /** This channel is gone: nobody can answer on it, or nothing waits on it any more. */
  channelGone(channel: ChannelId): void;
  /** The session ends. */
  abandon(): void;
}

/** Answers that can arrive for a question while it is frozen: one, and whatever it was asked again. */
const LATE_MAX = 16;

interface Current {
  readonly order: QuestionOrder;
  readonly index: number;
  readonly challenge: Challenge;
}

export function createQuestionDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  /** A question is over; told before what follows from it. */
  readonly answered?: (question: Question, result: ChallengeResult) => void;
}): QuestionDesk {
  const { outbox, seed, gate } = deps;
  let current: Current | null = null;
  let frozen = false;
  let late: (() => void)[] = [];
  let nextRequest = 1;
  let reauths = 0;

  function put(order: QuestionOrder, index: number): void {
    const question = order.questions[index];
    if (question === undefined) return;
    if (question.type === "factor") reauths += 1;
    const challenge = openChallenge(order, question, {
      outbox,
      person: seed.facts.person,
      nextRequest: () => requestId(nextRequest++),
    });
    current = { order, index, challenge };
  }

  function conclude(result: ChallengeResult | null): void {
    if (result === null || current === null) return;
    const { order, index, challenge } = current;
    deps.answered?.(challenge.question, result);
    if (result.type === "passed" && index + 1 < order.questions.length) {
      put(order, index + 1);
      return;
    }
    current = null;
    order.surface?.uncover();
    order.then(result, challenge.question);
    gate.release("question");
  }

  /** What comes while the session stands still takes effect when it goes on. */
  function take(act: (challenge: Challenge) => ChallengeResult | null): void {
    const now = current;
    if (now === null) return;
    if (!frozen) conclude(act(now.challenge));
    else if (late.length < LATE_MAX) {
      late.push(() => {
        if (current === now) conclude(act(now.challenge));
      });
    }
  }

  function give(up: boolean): void {
    if (!up || current === null) return;
    late = [];
    conclude(current.challenge.abandon());
  }

  return {
    get open() {
      return current !== null;
    },
    get channel() {
      return current?.order.surface?.channel ?? null;
    },
    get reauths() {
      return reauths;
    },
    ask(order) {
      gate.hold("question");
      order.surface?.cover();
      put(order, 0);
    },
    typed(bytes) {
      if (!frozen) conclude(current?.challenge.typed(bytes) ?? null);
    },
    verified: (request, outcome) => take((challenge) => challenge.verified(request, outcome)),
    decided: (request, outcome) => take((challenge) => challenge.decided(request, outcome)),
    offered: (request, offer) =>
      take((challenge) => {
        challenge.offered(request, offer);
        return null;
      }),
    timedOut: () => take((challenge) => challenge.timedOut()),
    redraw() {
      if (!frozen) current?.challenge.redraw();
    },
    say(text) {
      current?.challenge.say(text);
      return current !== null;
    },
    freeze() {
      frozen = true;
      current?.challenge.freeze();
    },
    thaw() {
      frozen = false;
      current?.challenge.thaw();
      const due = late;
      late = [];
      for (const act of due) act();
    },
    channelGone(channel) {
      const order = current?.order;
      give(
        order !== undefined && (order.subject === channel || order.surface?.channel === channel),
      );
    },
    abandon: () => give(true),
  };
}
