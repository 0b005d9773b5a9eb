import type { Micros } from "../../kernel/index.js";
import { ANOMALY_DETECTORS } from "../../model/index.js";

/** What can speak for somebody else in the person's place; names of `anomaly.detected`, and three more. */
export const RISK_DETECTORS = [
  ...ANOMALY_DETECTORS,
  /** A re-authentication that was not passed. */
  "reauth",
  /** Rules with a score that were hit. */
  "rules",
  /** A scoring core that gives a score without saying of what. */
  "core",
] as const;
export type RiskDetector = (typeof RISK_DETECTORS)[number];

/** A calibrated statement: of the person's own behaviour a share `pValue` looks at least so odd. */
export interface RiskSignal {
  readonly detector: RiskDetector;
  readonly at: Micros;
  /** 0..1; 1 = nothing odd. A cold detector says 1. */
  readonly pValue: number;
  /** In words for an analyst; no typed text. */
  readonly reason: string;
  /**
   * `core`: the scoring core says it, which knows the person's sessions on every sidecar. Of where, when
   * and as whom its word stands for the sidecar's own: two looks at one thing are no two signs.
   */
  readonly from?: "core";
}

/**
 * The most that one detector can bring to the score (0..1), whatever it says: a person is more than
 * one habit. Keystrokes alone may ask who is there, not end a session; where and when alone notify.
 */
export const WEIGHT_MAX: Readonly<Record<RiskDetector, number>> = {
  keystroke: 0.65,
  automation: 0.5,
  sequence: 0.62,
  time: 0.3,
  origin: 0.4,
  target: 0.35,
  credential: 0.35,
  duration: 0.25,
  count: 0.3,
  rate: 0.35,
  volume: 0.35,
  "peer-group": 0.3,
  reauth: 0.7,
  rules: 0.6,
  core: 0.5,
};

/** Seen at the beginning and true for the whole session: it does not fade, a passed proof answers it. */
export const CONTEXT_DETECTORS: ReadonlySet<RiskDetector> = new Set<RiskDetector>([
  "time",
  "origin",
  "target",
  "credential",
  "duration",
  "count",
  "peer-group",
]);
