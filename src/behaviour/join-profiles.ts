import type { BehaviourProfile } from "./behaviour-profile.js";
import type { SequenceProfile } from "./sequence/index.js";

/**
 * What is stored of a person, and what a session brings: a part that the session does not bring stays.
 * `concurrent`: another session of the person has taught meanwhile what this one does not know. Counts
 * can not be added twice, so of each part the one that has learnt more is kept, and of two with as
 * much the later one. The greater suspicion stays whichever it is: a second session that stands by idly does
 * not wash what happens in the first.
 */
export function joinProfiles(
  stored: BehaviourProfile,
  brought: BehaviourProfile,
  concurrent: boolean,
): BehaviourProfile {
  return {
    ...stored,
    ...brought,
    ...(concurrent ? fullest(stored, brought) : {}),
  };
}

function fullest(stored: BehaviourProfile, brought: BehaviourProfile): Partial<BehaviourProfile> {
  const keystroke = larger(stored.keystroke, brought.keystroke, (one) => one.timings.learnt);
  const sequence = larger(stored.sequence, brought.sequence, ({ counts }) =>
    counts.commands.reduce((sum, [, count]) => sum + count, 0),
  );
  const context = larger(stored.context, brought.context, (one) => one.sessions);
  return {
    ...(keystroke === undefined ? {} : { keystroke }),
    ...(sequence === undefined ? {} : { sequence: moreSuspected(sequence, stored, brought) }),
    ...(context === undefined ? {} : { context }),
  };
}

function moreSuspected(
  kept: SequenceProfile,
  stored: BehaviourProfile,
  brought: BehaviourProfile,
): SequenceProfile {
  let most = kept;
  for (const { sequence } of [stored, brought]) {
    if (sequence !== undefined && sequence.evidence > most.evidence) most = sequence;
  }
  const { counts, usual } = kept;
  return { ...most, counts, usual };
}

function larger<T>(
  stored: T | undefined,
  brought: T | undefined,
  size: (one: T) => number,
): T | undefined {
  if (stored === undefined || brought === undefined) return brought ?? stored;
  return size(stored) > size(brought) ? stored : brought;
}
