import type {
  ChannelPolicy,
  DoubtPolicy,
  Effect,
  Factor,
  Input,
  RuleAction,
  SessionFacts,
} from "../model/index.js";
import type { Ruleset } from "../rules/index.js";

/** The machine that seats every inspector: what arrived, when -> what to do. */
export interface Session {
  /**
   * Synchronous, total, deterministic. Effects are carried out in the order given. After an effect
   * `close-session` further inputs have no effects but those of `channel-closed` and `disconnected`.
   */
  step(input: Input): readonly Effect[];
}

export interface SessionSeed {
  readonly facts: SessionFacts;
  readonly channels: ChannelPolicy;
  /** Names (with `*` at the end) of environment variables that pass. */
  readonly env: readonly string[];
  readonly doubt: DoubtPolicy;
  readonly stepUp: StepUpPolicy;
  readonly recording: { readonly terminal: "asciicast" | "off"; readonly input: "masked" | "off" };
  /** Always answers the ruleset in force; asked once per command. */
  readonly rules: { readonly current: () => Ruleset };
  /** Sequence number of the first event of this session: events of its log-in came before. */
  readonly firstSequence: number;
}

/** Defaults of reauth; a rule's action may set its own. */
export interface StepUpPolicy {
  readonly factors: readonly Factor[];
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly onFail: RuleAction["verb"];
  readonly onTimeout: RuleAction["verb"];
}
