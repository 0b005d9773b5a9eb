import type { RuleHit } from "../../model/index.js";
import type { Ruleset } from "../../rules/index.js";

/**
 * The same rules, none of which acts: what is over can not be held. Hits tell what they would have
 * done.
 */
export function inShadow(
  ruleset: Ruleset,
  /** Told of what hits, as it would have acted. */
  observed: (hits: readonly RuleHit[]) => void = () => undefined,
): Ruleset {
  return {
    digest: ruleset.digest,
    size: ruleset.size,
    enforces: () => false,
    judge: (command, session) => ruleset.judge(command, session).map(shadow),
    doubts: () => [],
    rulesTransfers: () => false,
    transferNeeds: (session) => ruleset.transferNeeds(session),
    activityDoubts: () => [],
    awaitsAnswer: (activity) => ruleset.awaitsAnswer(activity),
    answerHits: (activity, moment, session) => ruleset.answerHits(activity, moment, session),
    judgeActivity: (activity, moment, session) =>
      ruleset.judgeActivity(activity, moment, session).map(shadow),
    correlate(hits, past) {
      const { hits: correlated, marks } = ruleset.correlate(hits, past);
      observed(correlated);
      return { hits: correlated.map(shadow), marks };
    },
  };
}

function shadow(hit: RuleHit): RuleHit {
  return hit.mode === "shadow" ? hit : { ...hit, mode: "shadow" };
}
