import type { Micros } from "../../kernel/index.js";
import { ANOMALY_DETECTORS } from "../../model/index.js";

/** What can speak for somebody else in the person's place; names of `anomaly.detected`, and two more. */
export const RISK_DETECTORS = [
  ...ANOMALY_DETECTORS,
  /** A re-authentication that was not passed. */
  "reauth",
  /** Rules with a score that were hit. */
  "rules",
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
