import type { Caller, ChallengeBook, ChallengesPort } from "../../admin/index.js";
import type { WebhookFactor } from "../../identity/index.js";
import { err, fault, ok, Secret, sessionId } from "../../kernel/index.js";
import { FACTORS, TYPED_FACTORS, type FactorOutcome } from "../../model/index.js";
import type { Steering } from "../../runtime/index.js";

export interface ChallengesDeps {
  readonly book: ChallengeBook;
  readonly steering: Pick<Steering, "answerChallenge">;
  /** Absent where none is configured. */
  readonly webhookFactor?: WebhookFactor;
}

/** Challenges for the control API: who is asked, and answers of those who speak with the person. */
export function createChallengesPort({
  book,
  steering,
  webhookFactor,
}: ChallengesDeps): ChallengesPort {
  async function typed(id: string, text: string, by: Caller) {
    const asked = book.list().find((one) => one.id === id);
    const factor = FACTORS.find((one) => one === asked?.factor);
    if (asked === undefined || factor === undefined) return err(NONE);
    if (!TYPED_FACTORS.includes(factor)) {
      return err(fault("CHP_ADMIN_CONFLICT", `${factor} is not typed: it is answered elsewhere`));
    }
    const answer = new Secret(Buffer.from(text));
    const taken = await steering
      .answerChallenge(sessionId(asked.session), {
        ...{ question: asked.question, factor, answer },
        by: { kind: "gateway", name: by.name },
      })
      .finally(() => answer.wipe());
    switch (taken.type) {
      case "judged":
        return ok({ id, ...viewOf(taken.outcome) });
      case "not-asked":
        return err(NONE);
      case "timeout":
        return err(fault("CHP_ADMIN_BUSY", "the session's process did not answer"));
    }
  }

  return {
    list: () => book.list(),
    async answer({ id, by, ...what }) {
      if ("answer" in what) return await typed(id, what.answer, by);
      const { outcome } = what;
      const taken = webhookFactor?.answer(id, outcome === "accepted") ?? false;
      return taken ? ok({ id, outcome }) : err(NONE);
    },
  };
}

const NONE = fault(
  "CHP_ADMIN_NOT_FOUND",
  "there is no such challenge, or nobody waits for it any more",
);

function viewOf(outcome: FactorOutcome) {
  return outcome.type === "accepted"
    ? ({ outcome: "accepted" } as const)
    : ({ outcome: "refused", reason: outcome.reason } as const);
}
