import type { WallMicros } from "../kernel/index.js";
import type {
  ChannelPolicy,
  DoubtPolicy,
  Effect,
  Factor,
  Input,
  RuleAction,
  SessionFacts,
  SessionView,
} from "../model/index.js";
import type { HitMemory, Ruleset } from "../rules/index.js";
import type { BehaviourSeed } from "./behaviour/behaviour-desk.js";
import type { IntegrationSeed } from "./integration/seed.js";

/** The machine that seats every inspector: what arrived, when -> what to do. */
export interface Session {
  /**
   * Synchronous, total, deterministic. Effects are carried out in the order given. After an effect
   * `close-session` further inputs have no effects but those of `channel-closed` and `disconnected`.
   */
  step(input: Input): readonly Effect[];
  /** How it stands now, for those who steer. */
  readonly view: () => SessionView;
}

export interface SessionSeed {
  readonly facts: SessionFacts;
  readonly channels: ChannelPolicy;
  /** Names (with `*` at the end) of environment variables that pass. */
  readonly env: readonly string[];
  readonly doubt: DoubtPolicy;
  readonly stepUp: StepUpPolicy;
  readonly approval: ApprovalPolicy;
  readonly suspension: SuspensionPolicy;
  /** `shown`: the person sees when somebody begins to look on, and when they stop. */
  readonly observation: { readonly shown: boolean };
  /** Rules that need not ask on this target for now, because the person has just answered. */
  readonly graces: readonly { readonly rule: string; readonly until: WallMicros }[];
  readonly recording: {
    readonly terminal: "asciicast" | "off";
    readonly input: "masked" | "off";
    /** Of web sessions; absent: off. */
    readonly web?: "requests" | "off";
  };
  /** Always answers the ruleset in force; asked once per command. */
  readonly rules: { readonly current: () => Ruleset };
  /**
   * What rules that count by person or target remember across sessions. A copy that the registry keeps
   * up to date: within milliseconds, not at once. Absent: such rules count within the session.
   */
  readonly sharedHits?: HitMemory;
  /** Absent: nobody watches how the person types and works. */
  readonly behaviour?: BehaviourSeed;
  /** How shells on terminals are asked to tell of themselves; absent: they are not. */
  readonly integration?: IntegrationSeed;
  /** Sequence number of the first event of this session: events of its log-in came before. */
  readonly firstSequence: number;
}

/** Defaults of reauth; a rule's action may set its own. */
export interface StepUpPolicy {
  readonly factors: readonly Factor[];
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** Blocked commands of a session after which the person is asked who they are; absent or 0: never. */
  readonly blockedCommandsMax?: number;
  readonly onFail: RuleAction["verb"];
  readonly onTimeout: RuleAction["verb"];
}

/** Defaults of approve; a rule's action may set its own. */
export interface ApprovalPolicy {
  readonly approvers: readonly string[];
  readonly min: number;
  readonly timeoutMs: number;
  readonly onFail: RuleAction["verb"];
  readonly onTimeout: RuleAction["verb"];
}

/** How long a session may stand still, and what happens then. */
export interface SuspensionPolicy {
  readonly timeoutMs: number;
  readonly onTimeout: "resume" | "kill";
}
