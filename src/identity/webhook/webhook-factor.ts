import type { Fault } from "../../kernel/index.js";
import { challengeAnswer } from "./answers.js";
import type { SignedCaller } from "./signed-call.js";

/** What the person is asked to prove, and where. */
export interface WebhookAsk {
  readonly id: string;
  readonly session: {
    readonly id: string;
    readonly person: { readonly name: string };
    readonly account: string;
    readonly target: { readonly name: string };
    readonly origin: string;
  };
  readonly trigger: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

export type WebhookOutcome =
  | { readonly type: "accepted" }
  | { readonly type: "refused"; readonly reason: "wrong" | "unavailable" };

export interface WebhookAnswers {
  readonly offered: (offer: {
    readonly text: string;
    readonly link?: string;
    readonly code?: string;
  }) => void;
  readonly settled: (outcome: WebhookOutcome) => void;
}

/**
 * A factor that somebody else asks for: a push provider, a phone, the gateway's own page. They are told of
 * the challenge by a signed call, and answer it at once or later, through the control API.
 */
export interface WebhookFactor {
  readonly name: "webhook";
  begin(ask: WebhookAsk, answers: WebhookAnswers): void;
  withdraw(id: string): void;
  /** The answer that came back; false when nobody waits for it (any more). */
  answer(id: string, accepted: boolean): boolean;
}

const UNAVAILABLE: WebhookOutcome = { type: "refused", reason: "unavailable" };
const ACCEPTED: WebhookOutcome = { type: "accepted" };
const DENIED: WebhookOutcome = { type: "refused", reason: "wrong" };

export function createWebhookFactor(
  caller: SignedCaller,
  failed: (fault: Fault | null) => void,
): WebhookFactor {
  const waiting = new Map<string, WebhookAnswers>();

  function settle(id: string, outcome: WebhookOutcome): boolean {
    const answers = waiting.get(id);
    if (answers === undefined || !waiting.delete(id)) return false;
    answers.settled(outcome);
    return true;
  }

  async function tell({ id, session, trigger, reason, deadlineMs }: WebhookAsk): Promise<void> {
    const asked = await caller.ask({
      kind: "challenge",
      id,
      session: session.id,
      person: session.person.name,
      account: session.account,
      target: session.target.name,
      origin: session.origin,
      trigger,
      reason,
      deadlineMs,
    });
    const read = asked.ok ? challengeAnswer.safeParse(asked.value) : null;
    if (read?.success !== true) {
      failed(asked.ok ? null : asked.error);
      settle(id, UNAVAILABLE);
      return;
    }
    const { offer, outcome } = read.data;
    if (outcome !== undefined) settle(id, outcome === "accepted" ? ACCEPTED : DENIED);
    else {
      const { text, link, code } = offer;
      waiting.get(id)?.offered({
        text,
        ...(link === undefined ? {} : { link }),
        ...(code === undefined ? {} : { code }),
      });
    }
  }

  return {
    name: "webhook",
    begin(ask, answers) {
      waiting.set(ask.id, answers);
      void tell(ask);
    },
    withdraw: (id) => void waiting.delete(id),
    answer: (id, accepted) => settle(id, accepted ? ACCEPTED : DENIED),
  };
}
