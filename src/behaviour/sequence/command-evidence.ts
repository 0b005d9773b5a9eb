import type { CommandBackground } from "./command-crowd.js";
import type { CommandCounts } from "./command-counts.js";
import type { SequenceShape } from "./sequence-shape.js";

/**
 * How much better "somebody else" explains a command than the person's habits do: half from the
 * command alone (naive Bayes), half from what it follows (bigram). Natural log, higher = less like
 * the person. Habits are what the person ran ever and, more than that, what they ran lately: people
 * take up new work. What the person never ran gets the share of novelties among what they run (Witten &
 * Bell 1991), spread as the peers run it: a new command costs the same however rare it is.
 */
export function commandEvidence(
  { counts, background, latelyWeight }: Habits,
  command: string,
  before: string | null,
): Evidence {
  const anybody = background.probability(command);
  const novelty = (counts.kinds + 1) / (counts.total + counts.kinds + 1);
  const ever = counts.total === 0 ? 0 : counts.of(command) / counts.total;
  const share = (1 - latelyWeight) * ever + latelyWeight * (counts.lately(command) ?? ever);
  const own = (1 - novelty) * share + novelty * background.peerProbability(command, anybody);
  const alone = Math.log(anybody / own);
  if (before === null) return { alone, after: 0 };
  const ownAfter =
    (counts.following(before, command) + ALONE_WEIGHT * own) /
    (counts.followed(before) + ALONE_WEIGHT);
  const anybodyAfter = background.probabilityAfter(before, command, anybody);
  return { alone, after: Math.log(anybodyAfter / ownAfter) };
}

export interface Habits {
  readonly counts: CommandCounts;
  readonly background: CommandBackground;
  /** Of what was run lately, against what was run ever: 0..1. */
  readonly latelyWeight: number;
}

export interface Evidence {
  readonly alone: number;
  readonly after: number;
}

/** A command's overall share counts as so many observations of what follows another. */
const ALONE_WEIGHT = 0.5;

/** How often the command, and it after the one before, were there already in this stretch. */
export interface Repeated {
  readonly alone: number;
  readonly after: number;
}

/**
 * The evidence as it counts. One command, however odd, says only so much; and a command in a loop says
 * what it says mostly the first time (Rennie et al. 2003 damp counts of words for the same reason).
 */
export function toldEvidence(
  { alone, after }: Evidence,
  repeated: Repeated,
  { surpriseMax, tiresAlone, tiresAfter }: SequenceShape,
): number {
  const first = Math.min(alone, surpriseMax) * (1 + repeated.alone) ** -tiresAlone;
  const second = Math.min(after, surpriseMax) * (1 + repeated.after) ** -tiresAfter;
  return (first + second) / 2;
}
