import {
  createRiskLadder,
  pValueOfPoints,
  type RiskLadder,
  type RiskReading,
  type RiskReason,
  type RiskStep,
  type WatchReading,
} from "../../behaviour/index.js";
import { unreachable } from "../../kernel/index.js";
import type { CoreSignal } from "../../model/index.js";
import type { Outbox } from "../outbox.js";
import type { AnomalyVerdict } from "./anomaly-rules.js";
import type { BehaviourSeed } from "./behaviour-desk.js";

/** What a step of the ladder does to the session. */
export interface RiskDeeds {
  /**
   * Asks for a factor, now or when it is this question's turn and `wanted` still holds. `later`: there
   * is no terminal to ask on yet. `never`: the person has nothing to prove themselves with here.
   */
  askProof(reason: string, wanted: () => boolean): "asked" | "later" | "never";
  warn(text: string): void;
  suspend(reason: string): void;
  kill(reason: string): void;
}

/** Below it a p-value is everyday life. */
const TOLD_BELOW = 0.05;
/** An anomaly is told again when it is so many times less probable. */
const TOLD_AGAIN_FACTOR = 10;
/** A move of the score that is told without a step. */
const MOVE_TOLD = 10;
/** Of a question that was not passed: everybody mistypes a code three times now and then. */
const NOT_PROVED_P = 0.0005;

const UNLIKE_YOU = "What happens here does not look like your other sessions.";
const TOO_UNLIKE = "What happens here does not look like the person whose session this is.";

/** The ladder of one session: tells what is odd, what the risk is, and takes the steps. */
export class RiskDesk {
  readonly #seed: BehaviourSeed;
  readonly #outbox: Outbox;
  readonly #deeds: RiskDeeds;
  /** What rules say of something that was told. */
  readonly #rules: (reading: WatchReading, risk: number) => AnomalyVerdict;
  readonly #ladder: RiskLadder;
  readonly #told = new Map<string, number>();
  #toldScore = 0;
  #toldStep: RiskStep | null = null;
  #score = 0;
  /** A proof is wanted and not given; `owed`: it could not be asked for yet. */
  #wanted: "no" | "asked" | "owed" = "no";

  constructor(deps: {
    readonly seed: BehaviourSeed;
    readonly outbox: Outbox;
    readonly deeds: RiskDeeds;
    readonly rules: (reading: WatchReading, risk: number) => AnomalyVerdict;
  }) {
    this.#seed = deps.seed;
    this.#outbox = deps.outbox;
    this.#deeds = deps.deeds;
    this.#rules = deps.rules;
    this.#ladder = createRiskLadder(deps.seed.policy);
  }

  get score(): number {
    return this.#score;
  }

  observe(readings: readonly WatchReading[]): void {
    for (const reading of readings) {
      const told = this.#tellAnomaly(reading);
      this.#take(this.#ladder.observe(reading));
      if (told) this.#obey(this.#rules(reading, this.#score));
    }
  }

  /** What the scoring core says: its anomalies are told and ruled as our own, in its name. */
  judged(signals: readonly CoreSignal[]): void {
    const { at } = this.#outbox;
    for (const { detector, pValue, raised, reason } of signals) {
      const signal = { detector, at, pValue, reason, from: "core", warm: true } as const;
      const told = raised && detector !== "core" && this.#tellAnomaly(signal);
      this.#take(this.#ladder.observe(signal));
      if (told) this.#obey(this.#rules(signal, this.#score));
    }
  }

  /** A rule about anomalies demands it, whatever the ladder says. */
  #obey({ demand, trigger, reason }: AnomalyVerdict): void {
    if (demand === "none") return;
    this.#outbox.emit({
      type: "action.taken",
      data: {
        session: this.#outbox.session,
        action: demand,
        target: "session",
        reason: trigger,
        rule: trigger,
        outcome: OUTCOME[demand],
      },
    });
    this.#carryOut(demand, reason);
  }

  /** Rules that held, by the highest of their scores. */
  ruled(score: number, reason: string): void {
    const pValue = pValueOfPoints(score);
    const { at } = this.#outbox;
    this.#take(this.#ladder.observe({ detector: "rules", at, pValue, reason }));
  }

  /** Time has passed. */
  faded(): void {
    this.#take(this.#ladder.read(this.#outbox.at));
  }

  proved(): void {
    this.#wanted = "no";
    this.#told.clear();
    this.#take(this.#ladder.answered(this.#outbox.at));
  }

  notProved(reason: string): void {
    const { at } = this.#outbox;
    this.#take(this.#ladder.observe({ detector: "reauth", at, pValue: NOT_PROVED_P, reason }));
  }

  /** There may be a terminal now. `last`: what starts can not be asked on, and must not start. */
  askOwed(last: boolean): void {
    if (this.#wanted !== "owed") return;
    this.#askProof();
    if (last && this.#stillOwed()) this.#suspend();
  }

  #stillOwed(): boolean {
    return this.#wanted === "owed";
  }

  #askProof(): void {
    // Set before: a question that can be asked at once looks at it.
    this.#wanted = "asked";
    const asked = this.#deeds.askProof(UNLIKE_YOU, () => this.#wanted === "asked");
    if (asked === "later") this.#wanted = "owed";
    // Nothing degrades to allowed: who can not be asked stands still.
    if (asked === "never") this.#suspend();
  }

  #suspend(): void {
    this.#wanted = "no";
    this.#deeds.suspend(TOO_UNLIKE);
  }

  #tellAnomaly({ detector, pValue, warm, reason, from }: WatchReading): boolean {
    if (pValue >= TOLD_BELOW) return false;
    // What the core finds is told in its own name, also where the sidecar found as much alone.
    const who = from === "core" ? `core: ${detector}` : detector;
    const before = this.#told.get(who);
    if (before !== undefined && pValue * TOLD_AGAIN_FACTOR > before) return false;
    this.#told.set(who, pValue);
    this.#outbox.emit({
      type: "anomaly.detected",
      data: {
        session: this.#outbox.session,
        detector,
        score: rounded(1 - pValue),
        pValue: rounded(pValue),
        warm,
        reasons: [from === "core" ? `core: ${reason}` : reason],
      },
    });
    return true;
  }

  #take(reading: RiskReading): void {
    const { score, step, due, reasons } = reading;
    this.#score = score;
    if (due !== null || step !== this.#toldStep || Math.abs(score - this.#toldScore) >= MOVE_TOLD) {
      const previous = this.#toldScore;
      this.#toldScore = score;
      this.#toldStep = step;
      this.#outbox.emit({
        type: "risk.changed",
        data: {
          session: this.#outbox.session,
          score,
          previous,
          ...(step === null ? {} : { step }),
          reasons: reasons.map(described),
        },
      });
    }
    if (due !== null) this.#act(due, reasons);
  }

  #act(step: RiskStep, reasons: readonly RiskReason[]): void {
    const shadow = this.#seed.mode === "shadow";
    this.#outbox.emit({
      type: "action.taken",
      data: {
        session: this.#outbox.session,
        action: ACTION[step],
        target: "session",
        reason: `risk ${String(this.#score)}: ${reasons.map((one) => one.detector).join(", ")}`,
        outcome: shadow ? "shadow" : OUTCOME[step],
        by: "risk:ladder",
      },
    });
    if (!shadow) this.#carryOut(step, step === "warn" ? UNLIKE_YOU : TOO_UNLIKE);
  }

  #carryOut(step: RiskStep, reason: string): void {
    switch (step) {
      case "notify":
        return;
      case "warn":
        this.#deeds.warn(reason);
        return;
      case "reauth":
        this.#askProof();
        return;
      case "suspend":
        this.#deeds.suspend(reason);
        return;
      case "kill":
        this.#deeds.kill(reason);
        return;
      default:
        unreachable(step);
    }
  }
}

/** The verbs of rules, so that whoever counts actions counts these too. */
const ACTION: Readonly<Record<RiskStep, string>> = {
  notify: "alert",
  warn: "warn",
  reauth: "reauth",
  suspend: "suspend",
  kill: "kill",
};

const OUTCOME: Readonly<Record<RiskStep, string>> = {
  notify: "told",
  warn: "told",
  reauth: "asked",
  suspend: "held",
  kill: "ended",
};

function described({ reason, detector, pValue, points }: RiskReason): string {
  return `${reason} (${detector}, p = ${pValue.toPrecision(2)}, ${String(points)} points)`;
}

/** Six digits behind the point: the detectors are not calibrated beyond. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
