import { CHANGE_SUSPECTED_AT } from "./create-keystroke-detector.js";
import { createChangeWatch } from "./change-watch.js";
import { createComparison, type Compared } from "./comparison.js";
import type { Crowd } from "./crowd.js";
import { createPersonRhythm } from "./person-rhythm.js";
import { PHRASE_KEYS_MAX, PHRASE_SAMPLES_MIN, phraseSample } from "./phrase-book.js";
import { createPhraseScorer } from "./phrase-score.js";
import type { OpenProfile } from "./profile.js";
import { createRhythm, type KeyPress, type Timed } from "./rhythm.js";

/**
 * Scores texts that lie there whole (a challenge phrase, an offline trial) with the parts that the
 * streaming detector is made of.
 */
export interface SampleScorer {
  score(sample: TypedSample): SampleScore;
  /** May it be learnt without another proof? `scored` is what `score` said of the same sample. */
  accepts(sample: TypedSample, scored: SampleScore): boolean;
  /** The peak of the evidence for a change of typist within the text, as a live session sees it. */
  peakEvidence(sample: TypedSample): number;
  /** Learns the sample, whoever typed it: only for material that is known to be the person's. */
  learn(sample: TypedSample): void;
}

export interface TypedSample {
  /** Which phrase it is meant to be: the same name for each repetition; null for free text. */
  readonly phrase: string | null;
  readonly presses: readonly KeyPress[];
}

export interface SampleScore {
  /** Higher = less like the person; null when too little is known to say anything. */
  readonly score: number | null;
  readonly by: "phrase" | "free-text";
}

/**
 * Free text is accepted below this mean log ratio per key: well inside what people score on their own
 * typing, so that an impostor's text is not.
 */
const FREE_TEXT_ACCEPTED_BELOW = -0.1;
/** Shorter texts are not judged well enough to be learnt from. */
const ACCEPTED_KEYS_MIN = 50;

export function createSampleScorer(
  person: string,
  crowd: Crowd,
  profile: OpenProfile,
): SampleScorer {
  const { book, phrases } = profile;
  const background = crowd.backgroundFor(person);
  const compared: Compared = {
    person: createPersonRhythm(book, background),
    background,
    rivals: crowd.rivalsOf(person),
  };
  const phraseScorer = createPhraseScorer(person, phrases, crowd.phrases);

  function score(sample: TypedSample): SampleScore {
    const { phrase, presses } = sample;
    if (phrase !== null && phrases.samples(phrase).length >= PHRASE_SAMPLES_MIN) {
      const timed = phraseSample(presses);
      const unlike = timed === null ? null : phraseScorer.score(phrase, timed);
      if (unlike !== null) return { score: unlike, by: "phrase" };
    }
    return scoreFreeText(presses);
  }

  function scoreFreeText(presses: readonly KeyPress[]): SampleScore {
    const comparison = createComparison(compared, Infinity);
    eachTiming(presses, (timings) => {
      for (const timed of timings) comparison.add(timed);
      comparison.step();
    });
    return { score: comparison.score(), by: "free-text" };
  }

  function accepts(sample: TypedSample, { score: unlike, by }: SampleScore): boolean {
    if (unlike === null) return false;
    if (by === "phrase") {
      return sample.phrase !== null && unlike < phraseScorer.gate(sample.phrase);
    }
    return (
      unlike < FREE_TEXT_ACCEPTED_BELOW &&
      sample.presses.length >= ACCEPTED_KEYS_MIN &&
      peakEvidence(sample) < CHANGE_SUSPECTED_AT
    );
  }

  function peakEvidence({ presses }: TypedSample): number {
    const comparison = createComparison(compared, Infinity);
    const watch = createChangeWatch(compared.rivals.length + 1);
    let peak = 0;
    eachTiming(presses, (timings) => {
      for (const timed of timings) comparison.add(timed);
      comparison.step();
      peak = Math.max(peak, watch.observe(comparison.last));
    });
    return peak;
  }

  return {
    score,
    accepts,
    peakEvidence,
    learn: (sample) => learnSample(profile, sample),
  };
}

/** Adds a text to a profile. Phrases are kept as such, and every text teaches how pairs are typed. */
export function learnSample({ book, phrases }: OpenProfile, sample: TypedSample): void {
  if (sample.phrase !== null && sample.presses.length <= PHRASE_KEYS_MAX) {
    const timed = phraseSample(sample.presses);
    if (timed !== null) phrases.learn(sample.phrase, timed);
  }
  eachTiming(sample.presses, (timings) => {
    for (const { feature, cell } of timings) book.learn(feature, cell);
  });
}

/** Calls `visit` for each key that has a timing. */
function eachTiming(
  presses: readonly KeyPress[],
  visit: (timings: readonly Timed[]) => void,
): void {
  const rhythm = createRhythm();
  for (const press of presses) {
    const { pair, hold } = rhythm.press(press);
    const timings = [...(typeof pair === "string" ? [] : [pair]), ...(hold === null ? [] : [hold])];
    if (timings.length === 0) continue;
    visit(timings);
  }
}
