import { err, ok, type Result } from "../kernel/index.js";
import type { ChannelKind } from "../model/index.js";
import { factorsFor } from "./outcome.js";
import type { Question } from "./question.js";
import type { SessionSeed } from "./session.js";

/** As told in events, and the key of the grace: where in the configuration it was demanded. */
export function channelTrigger(kind: ChannelKind): string {
  return `channels.${kind}`;
}

/** What channel policy asks before it opens a channel; the error is a reason for the person. */
export function channelQuestions(
  seed: SessionSeed,
  facts: {
    readonly kind: ChannelKind;
    readonly demand: "reauth" | "approve";
    readonly held: string;
    readonly surface: boolean;
    readonly stderr: boolean;
  },
): Result<readonly Question[], string> {
  if (facts.demand === "approve") {
    const { approvers, min, timeoutMs } = seed.approval;
    return ok([
      {
        type: "approval",
        asked: {
          action: facts.kind,
          held: facts.held,
          rule: channelTrigger(facts.kind),
          reason: `channel policy wants somebody else to agree to ${facts.kind}`,
          approvers,
          min,
          deadlineMs: timeoutMs,
        },
      },
    ]);
  }
  const { attempts, timeoutMs, graceMs } = seed.stepUp;
  const enrolled = seed.stepUp.factors.filter((one) => seed.facts.person.factors.includes(one));
  const relayed = seed.facts.answeredByGateway === true;
  const [factor, ...others] = factorsFor(enrolled, { ...facts, relayed });
  if (factor === undefined) {
    return err(
      enrolled.length === 0
        ? `${facts.kind} asks who you are, and you are enrolled for none of the factors it accepts`
        : `${facts.kind} asks who you are, and there is no terminal to ask on: open a session beside it`,
    );
  }
  return ok([{ type: "factor", factor, others, attempts, timeoutMs, graceMs }]);
}
