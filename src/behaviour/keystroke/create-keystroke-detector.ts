import { createAutomationWatch, type AutomationState } from "./automation.js";
import { createChangeWatch } from "./change-watch.js";
import { createComparison, type ComparisonState } from "./comparison.js";
import type { Crowd } from "./crowd.js";
import { createPendingTimings, type PendingState } from "./pending-timings.js";
import { createPersonRhythm } from "./person-rhythm.js";
import { closeKeystrokeProfile, openKeystrokeProfile, type KeystrokeProfile } from "./profile.js";
import { createRhythm, type Abstention, type KeyPress, type RhythmState } from "./rhythm.js";

/** Watches the typing of one session against the profile of its person. O(1) per key. */
export interface KeystrokeDetector {
  /** One key, in the order of arrival. Never a key typed with the echo off. */
  press(press: KeyPress): KeystrokeReading;
  /** What comes next does not follow the last key: a challenge, another channel, a resumed session. */
  interrupt(): void;
  /** The session ends: what waits is learnt if all of it looks like the person (or nothing is known yet). */
  settle(): void;
  /** The person proved in another way that it is them: what they typed is learnt, suspicion ends. */
  confirm(): void;
  /** They failed to, or the session was ended for suspicion: nothing of it is learnt. */
  reject(): void;
  /** The profile as learnt so far; what still waits for proof is not in it. */
  profile(): KeystrokeProfile;
  /** Everything, so that a restored detector reads on as if nothing had happened. */
  state(): KeystrokeState;
}

export interface KeystrokeReading {
  /** Evidence for a change of typist, natural log scale, 0..60. Above `CHANGE_FOUND_AT`: found. */
  readonly evidence: number;
  /** Share of hundreds of the person's own keys in which the evidence gets so high; 1 while cold. */
  readonly pValue: number;
  /** The last hundred or so keys: mean log ratio per key, higher = less like the person; null at first. */
  readonly unlike: number | null;
  /** False while the profile is too small to compare with: no conclusion is drawn. */
  readonly warm: boolean;
  readonly change: "none" | "suspected" | "found";
  /** How improbable it is that a hand types like this. */
  readonly automation: { readonly pValue: number; readonly reason: string | null };
  /** Why this key says nothing; null when it was counted. */
  readonly abstained: Abstention | null;
}

export interface KeystrokeState {
  readonly profile: KeystrokeProfile;
  readonly rhythm: RhythmState;
  readonly comparison: ComparisonState;
  readonly watch: readonly number[];
  readonly automation: AutomationState;
  readonly pending: PendingState;
}

export interface KeystrokeDeps {
  readonly person: string;
  /** How others type; with `createCrowd([])` a synthetic prior, and much less is found. */
  readonly crowd: Crowd;
}

/** Timings before a person can be told from others: some 600 keys. Colder profiles only learn. */
export const WARM_TIMINGS = 500;
/** `unlike` looks back about so many keys. */
const MEMORY_KEYS = 100;
/**
 * Evidence at which the typist has changed. Chosen so that of the people of the trials left out of
 * the choice fewer than one in twenty has a false alarm in 1,000 keys (docs/behaviour.md).
 */
export const CHANGE_FOUND_AT = 11;
/** Evidence from which typing is not learnt without another proof. */
export const CHANGE_SUSPECTED_AT = 6;
/**
 * Of a hundred keys of a person's own the evidence peaks above 3 in most, and above each further step
 * of 1.8 in a share smaller by e (people of the trials: 26 % above 5, 4.6 % above 8, 1.1 % above 11).
 */
const EVIDENCE_USUAL = 3;
const EVIDENCE_SCALE = 1.8;

/** Mean log ratio per key at the end of a session: the person must explain it better than others do. */
const LEARNT_AT_END_BELOW = 0;

export function createKeystrokeDetector(
  { person, crowd }: KeystrokeDeps,
  saved?: Partial<KeystrokeState>,
): KeystrokeDetector {
  const opened = openKeystrokeProfile(saved?.profile);
  const background = crowd.backgroundFor(person);
  const rivals = crowd.rivalsOf(person);
  const compared = { person: createPersonRhythm(opened.book, background), background, rivals };
  const rhythm = createRhythm(saved?.rhythm);
  const comparison = createComparison(compared, MEMORY_KEYS, saved?.comparison);
  const watch = createChangeWatch(rivals.length + 1, saved?.watch);
  const automation = createAutomationWatch(saved?.automation);
  const pending = createPendingTimings(opened.book, saved?.pending);

  function press(next: KeyPress): KeystrokeReading {
    const { pair, hold } = rhythm.press(next);
    const warm = opened.book.learnt >= WARM_TIMINGS;
    const timed = typeof pair === "string" ? null : pair;
    if (timed !== null) {
      automation.observe(timed);
      if (warm) comparison.add(timed);
      pending.add(timed.feature, timed.cell);
    }
    if (hold !== null) {
      if (warm) comparison.add(hold);
      pending.add(hold.feature, hold.cell);
    }
    if (timed !== null || hold !== null) {
      if (warm) {
        comparison.step();
        watch.observe(comparison.last);
      }
      pending.step(suspected());
    }
    return read(warm, typeof pair === "string" ? pair : null);
  }

  function read(warm: boolean, abstained: Abstention | null): KeystrokeReading {
    const evidence = watch.statistic;
    return {
      evidence,
      pValue: warm ? Math.min(1, Math.exp((EVIDENCE_USUAL - evidence) / EVIDENCE_SCALE)) : 1,
      unlike: comparison.score(),
      warm,
      change:
        evidence >= CHANGE_FOUND_AT
          ? "found"
          : evidence >= CHANGE_SUSPECTED_AT
            ? "suspected"
            : "none",
      automation: { pValue: automation.pValue, reason: automation.reason },
      abstained,
    };
  }

  function settle(): void {
    const cold = opened.book.learnt < WARM_TIMINGS;
    const unlike = comparison.score();
    const likeThePerson = cold || (unlike !== null && unlike < LEARNT_AT_END_BELOW);
    if (likeThePerson && !suspected()) pending.confirm();
    else pending.reject();
  }

  function suspected(): boolean {
    return watch.statistic >= CHANGE_SUSPECTED_AT || automation.pValue < 1;
  }

  function conclude(learn: boolean): void {
    if (learn) pending.confirm();
    else pending.reject();
    comparison.reset();
    watch.reset();
    automation.reset();
    rhythm.interrupt();
  }

  return {
    press,
    interrupt: () => rhythm.interrupt(),
    settle,
    confirm: () => conclude(true),
    reject: () => conclude(false),
    profile: () => closeKeystrokeProfile(opened),
    state: () => ({
      profile: closeKeystrokeProfile(opened),
      rhythm: rhythm.state(),
      comparison: comparison.state(),
      watch: watch.state(),
      automation: automation.state(),
      pending: pending.state(),
    }),
  };
}
