import { requestId, type ChannelId, type RequestId } from "../kernel/index.js";
import type { ApprovalOutcome, FactorOffer, FactorOutcome } from "../model/index.js";
import type { BehaviourDesk } from "./behaviour/behaviour-desk.js";
import { openChallenge, type Challenge } from "./challenge.js";
import type { SessionGate } from "./gate.js";
import type { Outbox } from "./outbox.js";
import type { ChallengeResult, QuestionOrder } from "./question.js";
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
  /** Handed in by `by` for the person; false when nothing that is typed is asked under this number. */
  answered(question: number, outcome: FactorOutcome, by: string): boolean;
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

/** For who hands in an answer that nobody waits for. */
export const NOT_ASKED = { type: "refused", reason: "this is not asked any more" } as const;

/** Answers that can arrive for a question while it is frozen: one, and whatever it was asked again. */
const LATE_MAX = 16;

interface Current {
  readonly order: QuestionOrder;
  readonly index: number;
  readonly challenge: Challenge;
}

interface QuestionDeskDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  /** A question is over; told before what follows from it. */
  readonly behaviour?: Pick<BehaviourDesk, "answered">;
  /** Marks the recordings of the session's terminals. */
  readonly marked?: (label: string) => void;
}

export function createQuestionDesk(deps: QuestionDeskDeps): QuestionDesk {
  return new SessionQuestions(deps);
}

class SessionQuestions implements QuestionDesk {
  readonly #deps: QuestionDeskDeps;
  readonly #outbox: Outbox;
  readonly #seed: SessionSeed;
  readonly #gate: SessionGate;
  #current: Current | null = null;
  #frozen = false;
  #late: (() => void)[] = [];
  #nextRequest = 1;
  #lastNumber = 0;
  #reauths = 0;

  constructor(deps: QuestionDeskDeps) {
    this.#deps = deps;
    const { outbox, seed, gate } = deps;
    this.#outbox = outbox;
    this.#seed = seed;
    this.#gate = gate;
  }

  get open(): boolean {
    return this.#current !== null;
  }

  get channel(): ChannelId | null {
    return this.#current?.order.surface?.channel ?? null;
  }

  get reauths(): number {
    return this.#reauths;
  }

  ask(order: QuestionOrder): void {
    this.#gate.hold("question");
    order.surface?.cover();
    this.#put(order, 0);
  }

  typed(bytes: Uint8Array): void {
    if (!this.#frozen) this.#conclude(this.#current?.challenge.typed(bytes) ?? null);
  }

  verified(request: RequestId, outcome: FactorOutcome): void {
    this.#take((challenge) => challenge.verified(request, outcome));
  }

  answered(question: number, outcome: FactorOutcome, by: string): boolean {
    if (this.#current?.challenge.number !== question) return false;
    if (!this.#current.challenge.takesTyped) return false;
    this.#take((challenge) =>
      challenge.number === question ? challenge.answered(outcome, by) : null,
    );
    return true;
  }

  decided(request: RequestId, outcome: ApprovalOutcome): void {
    this.#take((challenge) => challenge.decided(request, outcome));
  }

  offered(request: RequestId, offer: FactorOffer): void {
    this.#take((challenge) => {
      challenge.offered(request, offer);
      return null;
    });
  }

  timedOut(): void {
    this.#take((challenge) => challenge.timedOut());
  }

  redraw(): void {
    if (!this.#frozen) this.#current?.challenge.redraw();
  }

  say(text: string): boolean {
    this.#current?.challenge.say(text);
    return this.#current !== null;
  }

  freeze(): void {
    this.#frozen = true;
    this.#current?.challenge.freeze();
  }

  thaw(): void {
    this.#frozen = false;
    this.#current?.challenge.thaw();
    const due = this.#late;
    this.#late = [];
    for (const act of due) act();
  }

  channelGone(channel: ChannelId): void {
    const order = this.#current?.order;
    this.#give(
      order !== undefined && (order.subject === channel || order.surface?.channel === channel),
    );
  }

  abandon(): void {
    this.#give(true);
  }

  #put(order: QuestionOrder, index: number): void {
    const question = order.questions[index];
    if (question === undefined) return;
    if (question.type === "factor") this.#reauths += 1;
    const challenge = openChallenge(order, question, {
      outbox: this.#outbox,
      person: this.#seed.facts.person,
      nextRequest: () => requestId(this.#nextRequest++),
      nextNumber: () => ++this.#lastNumber,
    });
    this.#current = { order, index, challenge };
    this.#mark(order, "asked");
  }

  #conclude(result: ChallengeResult | null): void {
    if (result === null || this.#current === null) return;
    const { order, index, challenge } = this.#current;
    this.#deps.behaviour?.answered(challenge.question, result);
    this.#mark(order, result.type === "passed" ? "reauthenticated" : "unanswered");
    if (result.type === "passed" && index + 1 < order.questions.length) {
      this.#put(order, index + 1);
      return;
    }
    this.#current = null;
    order.surface?.uncover();
    order.then(result, challenge.question);
    this.#gate.release("question");
  }

  /** A command has its own mark, with the decision about it. */
  #mark({ subject, trigger }: QuestionOrder, what: string): void {
    if (subject === null) this.#deps.marked?.(`session ${what} ${trigger}`);
  }

  /** What comes while the session stands still takes effect when it goes on. */
  #take(act: (challenge: Challenge) => ChallengeResult | null): void {
    const now = this.#current;
    if (now === null) return;
    if (!this.#frozen) this.#conclude(act(now.challenge));
    else if (this.#late.length < LATE_MAX) {
      this.#late.push(() => {
        if (this.#current === now) this.#conclude(act(now.challenge));
      });
    }
  }

  #give(up: boolean): void {
    if (!up || this.#current === null) return;
    this.#late = [];
    this.#conclude(this.#current.challenge.abandon());
  }
}
