import { MICROS_PER_MS, type Micros } from "../../kernel/index.js";
import { DEFAULT_RISK_POLICY, RISK_STEPS, type RiskPolicy, type RiskStep } from "./risk-policy.js";
import { CONTEXT_DETECTORS, WEIGHT_MAX, type RiskDetector, type RiskSignal } from "./signal.js";

/**
 * The risk of one session now: calibrated p-values of independent detectors, combined with decay, and
 * the step that the policy has for it. Deterministic; O(detectors) per signal.
 *
 * Each p-value below 0.05 becomes a weight 1 - (p / 0.05)^(1/4), at most `WEIGHT_MAX` of its detector;
 * the score is 100 x (1 - product of (1 - weight)). That is Zaykin's truncated product of p-values
 * (2002), tempered, with each factor floored: one signal alone, however sure, climbs only so far.
 */
export interface RiskLadder {
  /** Tell every reading whose p-value is below 1 or whose detector spoke before. */
  observe(signal: RiskSignal): RiskReading;
  /** Time passed: decay only. Ask when a reading is wanted without a signal. */
  read(at: Micros): RiskReading;
  /** The person proved who they are: all signals are answered, context keeps quiet for `graceMs`. */
  answered(at: Micros): RiskReading;
  state(): RiskState;
}

export interface RiskReading {
  /** 0..100, whole. */
  readonly score: number;
  /** Score of the reading before. */
  readonly previous: number;
  /** The step the session stands on; null below the first. */
  readonly step: RiskStep | null;
  /** The step newly taken with this reading: act on it once. Null when nothing is to be done. */
  readonly due: RiskStep | null;
  /** What brings points, most first: `why (detector, p = ..., points)`. */
  readonly reasons: readonly RiskReason[];
}

export interface RiskReason {
  readonly detector: RiskDetector;
  readonly pValue: number;
  /** What it brings by itself, 0..100. */
  readonly points: number;
  readonly reason: string;
}

export interface RiskState {
  readonly signals: readonly (RiskSignal & { readonly weight: number })[];
  readonly step: RiskStep | null;
  readonly score: number;
  readonly quietUntil: number;
  readonly settled: readonly RiskDetector[];
}

/** A p-value above it is everyday life and counts nothing. */
export const COUNTED_BELOW = 0.05;
/** How steeply a smaller p-value counts: a tenth of the p-value leaves 56 % of the doubt. */
export const TEMPER = 0.25;
/** Less is forgotten. */
const WEIGHT_MIN = 0.005;
/** Smaller p-values are beyond any calibration. */
const P_MIN = 1e-6;

interface Held {
  readonly signal: RiskSignal;
  /** At `signal.at`; it fades from there. */
  readonly weight: number;
}

export function createRiskLadder(
  policy: RiskPolicy = DEFAULT_RISK_POLICY,
  saved?: RiskState,
): RiskLadder {
  const held = new Map<RiskDetector, Held>();
  /** Of these the scoring core has spoken: what the sidecar alone finds counts no more. */
  const settled = new Set<RiskDetector>(saved?.settled ?? []);
  let step = saved?.step ?? null;
  let score = saved?.score ?? 0;
  let quietUntil = saved?.quietUntil ?? -Infinity;
  for (const { weight, ...signal } of saved?.signals ?? []) {
    held.set(signal.detector, { signal, weight });
  }

  function observe(signal: RiskSignal): RiskReading {
    const weight = weightOf(signal);
    const before = held.get(signal.detector);
    const context = CONTEXT_DETECTORS.has(signal.detector);
    const quiet = context && signal.at < quietUntil;
    if (context && signal.from === "core") {
      settled.add(signal.detector);
      held.delete(signal.detector);
      if (!quiet && weight >= WEIGHT_MIN) held.set(signal.detector, { signal, weight });
      return read(signal.at);
    }
    if (settled.has(signal.detector)) return read(signal.at);
    // The strongest statement of a detector stands until it has faded below the newest.
    if (!quiet && weight >= (before === undefined ? WEIGHT_MIN : faded(before, signal.at))) {
      held.set(signal.detector, { signal, weight });
    }
    return read(signal.at);
  }

  function read(at: Micros): RiskReading {
    let doubt = 1;
    const reasons: RiskReason[] = [];
    for (const [detector, one] of held) {
      const weight = faded(one, at);
      if (weight < WEIGHT_MIN) {
        held.delete(detector);
        continue;
      }
      doubt *= 1 - weight;
      const { pValue, reason, from } = one.signal;
      const points = Math.round(100 * weight);
      reasons.push({
        detector,
        pValue,
        points,
        reason: from === "core" ? `core: ${reason}` : reason,
      });
    }
    reasons.sort((a, b) => b.points - a.points);
    return climb(Math.round(100 * (1 - doubt)), reasons);
  }

  function climb(now: number, reasons: readonly RiskReason[]): RiskReading {
    const previous = score;
    score = now;
    const reached = stepAt(policy, now);
    const due = rank(reached) > rank(step) ? reached : null;
    if (due !== null) step = due;
    else if (rank(reached) < rank(step)) step = stepAt(policy, now + policy.hysteresis, step);
    return { score, previous, step, due, reasons };
  }

  function faded({ signal, weight }: Held, at: Micros): number {
    if (CONTEXT_DETECTORS.has(signal.detector)) return weight;
    // A clock that jumps back does not make a signal stronger.
    const ageMs = Math.max(0, (at - signal.at) / MICROS_PER_MS);
    return weight * 2 ** (-ageMs / policy.halfLifeMs);
  }

  return {
    observe,
    read,
    answered(at) {
      held.clear();
      quietUntil = at + policy.graceMs * MICROS_PER_MS;
      step = null;
      return read(at);
    },
    state: () => ({
      signals: [...held.values()].map(({ signal, weight }) => ({ ...signal, weight })),
      step,
      score,
      quietUntil,
      settled: [...settled],
    }),
  };
}

function weightOf({ detector, pValue }: RiskSignal): number {
  const p = pValue > P_MIN ? pValue : P_MIN;
  if (!(p < COUNTED_BELOW)) return 0;
  return Math.min(WEIGHT_MAX[detector], 1 - (p / COUNTED_BELOW) ** TEMPER);
}

/** The p-value that brings so many points (0..100) by itself: what has only a score is weighed with it. */
export function pValueOfPoints(points: number): number {
  return COUNTED_BELOW * (1 - Math.min(99, Math.max(0, points)) / 100) ** (1 / TEMPER);
}

/** The highest step of the policy at this score, at most `most`. */
function stepAt(
  policy: RiskPolicy,
  score: number,
  most: RiskStep | null = "kill",
): RiskStep | null {
  let found: RiskStep | null = null;
  for (const one of RISK_STEPS) {
    const from = policy.steps[one];
    if (from !== null && score >= from && rank(one) <= rank(most)) found = one;
  }
  return found;
}

function rank(step: RiskStep | null): number {
  return step === null ? -1 : RISK_STEPS.indexOf(step);
}
