import {
  closeKeystrokeProfile,
  createCrowd,
  createSampleScorer,
  learnSample,
  openKeystrokeProfile,
  type KeyPress,
  type KeystrokeProfile,
  type TypedSample,
} from "../../../behaviour/index.js";
import { micros, MICROS_PER_MS } from "../../../kernel/index.js";
import type { KeystrokeTrials, TrialId, TypedKeys } from "./trials.js";

export interface KeystrokeScoring {
  /** False freezes the profiles as enrolled. */
  readonly update: boolean;
  /** Only so many keys of each sample; null = all. */
  readonly keys: number | null;
  /** The peak of the change watch instead of the score of the whole sample. */
  readonly stream: boolean;
}

export interface ScoredSample {
  readonly target: string;
  readonly sample: TrialId;
  /** Higher = less like the person. 0 when nothing can be said. */
  readonly score: number;
}

/**
 * Scores every listed sample, in order. The crowd is what the targets were enrolled with, frozen: a
 * score depends on no test but those before it of the same target.
 */
export function* scoreKeystrokes(
  { samples, targets }: KeystrokeTrials,
  scoring: KeystrokeScoring,
): Generator<ScoredSample> {
  const enrolled = new Map<string, KeystrokeProfile>();
  for (const { id, enrol } of targets) {
    const profile = openKeystrokeProfile();
    for (const keys of enrol) learnSample(profile, typedSample(keys));
    enrolled.set(id, closeKeystrokeProfile(profile));
  }
  const crowd = createCrowd(
    [...enrolled].map(([person, profile]) => ({ person, ...openKeystrokeProfile(profile) })),
  );
  for (const { id, tests } of targets) {
    const scorer = createSampleScorer(id, crowd, openKeystrokeProfile(enrolled.get(id)));
    for (const test of tests) {
      const keys = samples.get(String(test));
      if (keys === undefined) continue;
      const sample = typedSample(keys, scoring.keys);
      const scored = scorer.score(sample);
      const told = scoring.stream ? scorer.peakEvidence(sample) : (scored.score ?? 0);
      if (scoring.update && scorer.accepts(sample, scored)) scorer.learn(sample);
      yield { target: id, sample: test, score: told };
    }
  }
}

/** A text of few keys may be a phrase; which one, its keys say. */
function typedSample(keys: TypedKeys, limit: number | null = null): TypedSample {
  const count = limit === null ? keys.k.length : Math.min(limit, keys.k.length);
  const presses: KeyPress[] = [];
  for (let i = 0; i < count; i += 1) {
    const up = keys.up?.[i] ?? null;
    presses.push({
      key: keys.k[i] ?? "",
      at: micros((keys.t[i] ?? 0) * MICROS_PER_MS),
      up: up === null ? null : micros(up * MICROS_PER_MS),
    });
  }
  return { phrase: keys.k.slice(0, count).join(" "), presses };
}
