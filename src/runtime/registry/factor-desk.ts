import type { RequestId, SessionId } from "../../kernel/index.js";
import type {
  Factor,
  FactorOffer,
  FactorOutcome,
  InputBody,
  SessionFacts,
} from "../../model/index.js";

/**
 * A way to prove who one is that is not typed into the terminal: a page in a browser, a device. A
 * plug-in of identity/ or admin/ is one; the registry asks it and counts failures.
 */
export interface OutOfBandFactor {
  readonly name: Factor;
  /** `answers` may be called at once or much later; after `settled`, or `withdraw`, never again. */
  begin(ask: OutOfBandAsk, answers: OutOfBandAnswers): void;
  withdraw(id: string): void;
}

export interface OutOfBandAsk {
  readonly id: string;
  readonly session: SessionFacts;
  /** Rule or policy that asks, and why, for the person to see. */
  readonly trigger: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

export interface OutOfBandAnswers {
  readonly offered: (offer: FactorOffer) => void;
  readonly settled: (outcome: FactorOutcome) => void;
}

/** Challenges under way, of all sessions. */
export interface FactorDesk {
  /** Null: it is under way. */
  ask(facts: SessionFacts, ask: AskedFactor): FactorOutcome | null;
  withdraw(session: SessionId, request: RequestId): void;
  ended(session: SessionId): void;
}

export interface AskedFactor {
  readonly request: RequestId;
  readonly factor: Factor;
  readonly trigger: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

const UNDER_WAY_MAX = 10_000;

export function createFactorDesk(deps: {
  readonly factors: readonly OutOfBandFactor[];
  readonly tell: (session: SessionId, input: InputBody) => void;
  /** Counts failures; answers what the person is told. */
  readonly judged: (facts: SessionFacts, outcome: FactorOutcome) => FactorOutcome;
}): FactorDesk {
  const underWay = new Map<
    string,
    { readonly session: SessionId; readonly with: OutOfBandFactor }
  >();

  function drop(id: string): void {
    underWay.get(id)?.with.withdraw(id);
    underWay.delete(id);
  }

  return {
    ask(facts, asked) {
      const factor = deps.factors.find((one) => one.name === asked.factor);
      if (factor === undefined || underWay.size >= UNDER_WAY_MAX) return UNAVAILABLE;
      const { request, trigger, reason, deadlineMs } = asked;
      const id = keyOf(facts.id, request);
      underWay.set(id, { session: facts.id, with: factor });
      const ask: OutOfBandAsk = { id, session: facts, trigger, reason, deadlineMs };
      factor.begin(ask, {
        offered(offer) {
          if (underWay.has(id)) deps.tell(facts.id, { kind: "factor-offered", request, offer });
        },
        settled(outcome) {
          if (!underWay.delete(id)) return;
          const judged = deps.judged(facts, outcome);
          deps.tell(facts.id, { kind: "factor-verified", request, outcome: judged });
        },
      });
      return null;
    },
    withdraw: (session, request) => drop(keyOf(session, request)),
    ended(session) {
      for (const [id, one] of underWay) if (one.session === session) drop(id);
    },
  };
}

const UNAVAILABLE: FactorOutcome = { type: "refused", reason: "unavailable" };

function keyOf(session: SessionId, request: RequestId): string {
  return `${session}.${String(request)}`;
}
