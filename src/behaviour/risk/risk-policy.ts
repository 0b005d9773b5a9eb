/** What happens as the risk of a session rises, mildest first (`risk:` in the configuration). */
export const RISK_STEPS = ["notify", "warn", "reauth", "suspend", "kill"] as const;
export type RiskStep = (typeof RISK_STEPS)[number];

export interface RiskPolicy {
  /** Score 0..100 from which a step is taken; null = never. */
  readonly steps: Readonly<Record<RiskStep, number | null>>;
  /** A step is left only when the score falls so far below it. */
  readonly hysteresis: number;
  /** A signal that is not seen again counts half after so long, ms. */
  readonly halfLifeMs: number;
  /** After a passed re-authentication signals of the session's context do not count for so long, ms. */
  readonly graceMs: number;
}

/**
 * One odd signal alone notifies or asks who is there; to suspend takes two that are independent, or a
 * failed answer. Killing is for administrators to choose.
 */
export const DEFAULT_RISK_POLICY: RiskPolicy = {
  steps: { notify: 30, warn: 45, reauth: 60, suspend: 80, kill: null },
  hysteresis: 10,
  halfLifeMs: 600_000,
  graceMs: 1_800_000,
};
