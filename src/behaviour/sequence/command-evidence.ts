import type { CommandBackground } from "./command-crowd.js";
import type { CommandCounts } from "./command-counts.js";

/**
 * How much better "somebody else" explains a command than the person's habits do: half from the
 * command alone (naive Bayes), half from what it follows (bigram). Natural log, higher = less like
 * the person. What the person never ran gets the share of novelties among what they run (Witten &
 * Bell 1991), spread as the peers run it: a new command costs the same however rare it is.
 */
export function commandEvidence(
  { counts, background }: Habits,
  command: string,
  before: string | null,
): Evidence {
  const anybody = background.probability(command);
  const novelty = (counts.kinds + 1) / (counts.total + counts.kinds + 1);
  const share = counts.total === 0 ? 0 : counts.of(command) / counts.total;
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
}

export interface Evidence {
  readonly alone: number;
  readonly after: number;
}

/** A command's overall share counts as one observation of what follows another. */
const ALONE_WEIGHT = 1;

/** The evidence as it is learnt by: nothing is capped. */
export function wholeEvidence({ alone, after }: Evidence): number {
  return (alone + after) / 2;
}

/** The evidence as it is told: one command, however odd, says only so much. */
export function cappedEvidence({ alone, after }: Evidence, surpriseMax: number): number {
  return (Math.min(alone, surpriseMax) + Math.min(after, surpriseMax)) / 2;
}
