import {
  SESSION_SCALE,
  type Factor,
  type LineVerb,
  type RuleAction,
  type RuleHit,
} from "../model/index.js";
import type { ResolvedVerdict } from "../rules/index.js";
import type { ApprovalOrder, FailedOutcome, StepUpOrder } from "./judgement.js";
import type { ApprovalPolicy, StepUpPolicy } from "./session.js";

/** What has to be answered before something that was judged may go on. */
export interface Demands {
  readonly stepUp: StepUpOrder;
  /** The person has to prove who they are: a rule or a doubt demands it, and no grace holds. */
  readonly asksFactor: boolean;
  /** Others who have to agree, one order for each circle of them. */
  readonly approvals: readonly ApprovalOrder[];
  /** A reauth is demanded, and one given before still holds. */
  readonly graced: boolean;
}

export interface DemandFacts {
  readonly line: LineVerb;
  readonly reasons: ResolvedVerdict["reasons"];
  /** Policy about doubt asks who it is. */
  readonly doubted: boolean;
  readonly hasGrace: (hit: RuleHit) => boolean;
  readonly stepUp: StepUpPolicy;
  readonly approval: ApprovalPolicy;
  readonly enrolled: readonly Factor[];
}

/** Reauth and approve are both asked when both hit (architecture law 11); what is blocked asks nothing. */
export function demandsOf(facts: DemandFacts): Demands {
  const of = (verb: RuleAction["verb"]): readonly RuleHit[] =>
    facts.reasons.filter(({ verbs }) => verbs.includes(verb)).map(({ hit }) => hit);
  const reauth = of("reauth");
  const asks = facts.line === "reauth" || facts.line === "approve";
  const graced = asks && !facts.doubted && reauth.length > 0 && reauth.every(facts.hasGrace);
  return {
    stepUp: stepUpOrder(reauth, facts.stepUp, facts.enrolled),
    asksFactor: asks && !graced && (facts.doubted || reauth.length > 0),
    approvals: facts.line === "approve" ? approvalOrders(of("approve"), facts.approval) : [],
    graced,
  };
}

function stepUpOrder(
  hits: readonly RuleHit[],
  policy: StepUpPolicy,
  enrolled: readonly Factor[],
): StepUpOrder {
  const actions = hits.flatMap((hit) => hit.actions.filter((a) => a.verb === "reauth"));
  const accepted = actions.find((a) => a.factors !== undefined)?.factors ?? policy.factors;
  return {
    factors: accepted.filter((factor) => enrolled.includes(factor)),
    attempts: least(actions, (a) => a.attempts, policy.attempts),
    timeoutMs: least(actions, (a) => a.timeoutMs, policy.timeoutMs),
    graceMs: least(actions, (a) => a.graceMs, policy.graceMs),
    onFail: strictestOutcome(
      actions.map((a) => a.onFail ?? policy.onFail),
      policy.onFail,
    ),
    onTimeout: strictestOutcome(
      actions.map((a) => a.onTimeout ?? policy.onTimeout),
      policy.onTimeout,
    ),
  };
}

/** Two rules that ask the same circle are one question; two circles are both asked. */
function approvalOrders(
  hits: readonly RuleHit[],
  policy: ApprovalPolicy,
): readonly ApprovalOrder[] {
  const orders = new Map<string, ApprovalOrder>();
  for (const hit of hits) {
    for (const action of hit.actions) {
      if (action.verb !== "approve") continue;
      const approvers = action.approvers ?? policy.approvers;
      const order: ApprovalOrder = {
        rule: hit.rule.id,
        reason: hit.message ?? hit.rule.name,
        approvers,
        min: action.min ?? policy.min,
        timeoutMs: action.timeoutMs ?? policy.timeoutMs,
        onFail: strictestOutcome([action.onFail ?? policy.onFail], policy.onFail),
        onTimeout: strictestOutcome([action.onTimeout ?? policy.onTimeout], policy.onTimeout),
      };
      const key = [...approvers].sort().join("\n");
      const known = orders.get(key);
      orders.set(key, known === undefined ? order : stricterOf(known, order));
    }
  }
  return [...orders.values()];
}

function stricterOf(a: ApprovalOrder, b: ApprovalOrder): ApprovalOrder {
  return {
    ...a,
    min: Math.max(a.min, b.min),
    timeoutMs: Math.min(a.timeoutMs, b.timeoutMs),
    onFail: strictestOutcome([a.onFail, b.onFail], a.onFail),
    onTimeout: strictestOutcome([a.onTimeout, b.onTimeout], a.onTimeout),
  };
}

function least(
  actions: readonly RuleAction[],
  pick: (a: RuleAction) => number | undefined,
  fallback: number,
): number {
  return actions.length === 0 ? fallback : Math.min(...actions.map((a) => pick(a) ?? fallback));
}

function strictestOutcome(
  verbs: readonly RuleAction["verb"][],
  fallback: RuleAction["verb"],
): FailedOutcome {
  const all = verbs.length === 0 ? [fallback] : verbs;
  if (all.some((verb) => verb === "kill" || verb === "lock-user")) return "kill";
  return all.some((verb) => (SESSION_SCALE as readonly string[]).includes(verb))
    ? "suspend"
    : "block";
}
