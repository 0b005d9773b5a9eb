import type { Analysis, Factor, LineVerb, RuleHit, SessionVerb } from "../model/index.js";
import type { HitMark } from "../rules/index.js";

/** What the sidecar thinks of one command, strictest reading of all candidates. */
export interface Judgement {
  /** Analysis of the most likely reading. */
  readonly analysis: Analysis;
  readonly hits: readonly RuleHit[];
  readonly line: LineVerb;
  readonly session: SessionVerb;
  readonly alert: boolean;
  /** Rule id or policy name behind the strictest demand; "" when nothing was demanded. */
  readonly trigger: string;
  /** For the person: why. */
  readonly reason: string;
  readonly stepUp: StepUpOrder;
  /** The person has to prove who they are: a rule or a doubt demands it, and no grace holds. */
  readonly asksFactor: boolean;
  /** Others who have to agree, one order for each circle of them. */
  readonly approvals: readonly ApprovalOrder[];
  /** A reauth is demanded, and one given before still holds. */
  readonly graced: boolean;
  /** The person is kept out beyond this session. */
  readonly lockPerson: boolean;
  /** Doubts that policy had to decide: `uncertain`, `unparsed`, `unknowable`, `fault`. */
  readonly doubts: readonly string[];
  /** What counters and sequences of rules have to remember once the command is told. */
  readonly marks: readonly HitMark[];
}

/** After a failed question the line never runs: only what happens to the session may differ. */
export type FailedOutcome = "block" | "suspend" | "kill";

export interface StepUpOrder {
  /** Accepted by the rules, enrolled by the person, best first; empty: nothing can be asked. */
  readonly factors: readonly Factor[];
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly onFail: FailedOutcome;
  readonly onTimeout: FailedOutcome;
}

export interface ApprovalOrder {
  readonly rule: string;
  readonly reason: string;
  /** `group:soc`, `role:admin`, names; empty: anybody with the right to decide. */
  readonly approvers: readonly string[];
  readonly min: number;
  readonly timeoutMs: number;
  readonly onFail: FailedOutcome;
  readonly onTimeout: FailedOutcome;
}
