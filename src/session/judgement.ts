import type {
  Analysis,
  Factor,
  LineVerb,
  RuleAction,
  RuleHit,
  SessionVerb,
} from "../model/index.js";

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
  /** A reauth is demanded, and one given before still holds. */
  readonly graced: boolean;
  /** Doubts that policy had to decide: `uncertain`, `unparsed`, `unknowable`, `fault`. */
  readonly doubts: readonly string[];
}

export interface StepUpOrder {
  /** Null: the person is enrolled for none of the demanded factors. */
  readonly factor: Factor | null;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly onFail: RuleAction["verb"];
  readonly onTimeout: RuleAction["verb"];
}
