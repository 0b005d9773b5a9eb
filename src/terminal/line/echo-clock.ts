import { MICROS_PER_MS, type Micros } from "../../kernel/index.js";

/** How long the target takes to answer a key: a running estimate, and the waits made from it. */
export interface EchoClock {
  /** `before`: when the key before it was pressed, whose answer may still be on its way. */
  keyPressed(at: Micros, afterSilence: boolean, before: Micros): void;
  targetPrinted(at: Micros): void;
  /** Quiet for so long after the last key or output, the line stands still. */
  readonly quietUs: number;
  /** A completion is drawn in steps, with thought between them: quiet for so long it is done. */
  readonly completedUs: number;
  /** A key not shown after so long was not echoed. */
  readonly hiddenAfterUs: number;
  /** What is printed sooner after a key answers something from before it. */
  readonly soonestUs: number;
  /** After so long since the last key the line is read whatever the target does. */
  readonly capUs: number;
  /** Where an echo must come, so long it is waited for: a machine can be busy with something else. */
  readonly stalledUs: number;
  /** So long an answer to a completion or a recall is waited for: without it nothing is known. */
  readonly answerUs: number;
}

const QUIET_MS_MIN = 15;
const QUIET_MS_MAX = 80;
/** fish shows a line that it can not complete in other colours, and for 100 ms not as it is. */
const COMPLETED_MS = 250;
const HIDDEN_MS_MIN = 60;
const CAP_MS = 250;
/** A target further away than half the cap needs more time than others, up to this. */
const CAP_MS_MAX = 3_000;
/** A busy machine leaves a shell waiting for so long at times. */
const STALLED_MS_MIN = 1_000;
/** Completions of big clusters and repositories take seconds. */
const ANSWER_MS_MAX = 3_000;
/** Longer silences are not echoes. */
const SAMPLE_MS_MAX = 1_000;
/** Before anything was measured the target may be anywhere: on the far side of the earth, behind a satellite. */
const UNMEASURED_QUIET_MS = 40;
const UNMEASURED_HIDDEN_MS = 1_000;
const UNMEASURED_CAP_MS = 1_200;
/** Believed at once when it grows: who waits too short takes what is echoed late for a password. */
const FALL = 0.2;
/** Echoes that are remembered for the soonest. */
const SAMPLES_KEPT = 8;
/** Of the soonest of them: a path that has become a little faster is no other path. */
const SOONEST_SHARE = 0.75;

export function createEchoClock(): EchoClock {
  return new MeasuredEcho();
}

class MeasuredEcho implements EchoClock {
  #roundTripUs: number | null = null;
  #askedAt: Micros | null = null;
  readonly #samples = new Float64Array(SAMPLES_KEPT);
  #sampled = 0;
  #soonestUs = 0;
  readonly answerUs: number;

  constructor() {
    this.answerUs = ANSWER_MS_MAX * MICROS_PER_MS;
  }

  keyPressed(at: Micros, afterSilence: boolean, before: Micros): void {
    const alone = this.#roundTripUs === null || at - before >= this.hiddenAfterUs;
    if (this.#askedAt === null && afterSilence && alone) this.#askedAt = at;
  }

  targetPrinted(at: Micros): void {
    if (this.#askedAt === null) return;
    const sample = at - this.#askedAt;
    this.#askedAt = null;
    if (sample > SAMPLE_MS_MAX * MICROS_PER_MS) return;
    this.#noteSoonest(sample);
    const known = this.#roundTripUs ?? 0;
    this.#roundTripUs = sample > known ? sample : known + (sample - known) * FALL;
  }

  get completedUs(): number {
    return COMPLETED_MS * MICROS_PER_MS;
  }

  get quietUs(): number {
    if (this.#roundTripUs === null) return UNMEASURED_QUIET_MS * MICROS_PER_MS;
    return clamp(2 * this.#roundTripUs, QUIET_MS_MIN * MICROS_PER_MS, QUIET_MS_MAX * MICROS_PER_MS);
  }

  get hiddenAfterUs(): number {
    if (this.#roundTripUs === null) return UNMEASURED_HIDDEN_MS * MICROS_PER_MS;
    return Math.max(2 * this.#roundTripUs, HIDDEN_MS_MIN * MICROS_PER_MS);
  }

  get soonestUs(): number {
    return this.#soonestUs;
  }

  get stalledUs(): number {
    return Math.max(2 * this.capUs, STALLED_MS_MIN * MICROS_PER_MS);
  }

  get capUs(): number {
    if (this.#roundTripUs === null) return UNMEASURED_CAP_MS * MICROS_PER_MS;
    return clamp(3 * this.#roundTripUs, CAP_MS * MICROS_PER_MS, CAP_MS_MAX * MICROS_PER_MS);
  }

  #noteSoonest(sample: number): void {
    this.#samples[this.#sampled % SAMPLES_KEPT] = sample;
    this.#sampled += 1;
    let least = Infinity;
    for (let i = Math.min(this.#sampled, SAMPLES_KEPT) - 1; i >= 0; i -= 1) {
      least = Math.min(least, this.#samples[i] ?? 0);
    }
    this.#soonestUs = least * SOONEST_SHARE;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
