import type { Analysis, RuleHit } from "../model/index.js";
import type { RuledMoment, RuleSubject, Ruleset } from "../rules/index.js";
import { movesUnknown, transfersOf } from "./transfers.js";

/** What rules say of files that an exec request moves, by the words of the line alone. */
export interface MovedFiles {
  readonly hits: readonly RuleHit[];
  /** Rules that could hit if what is moved were seen. */
  readonly possible: readonly RuleHit[];
  /** Files are moved that the line does not name, and rules about files are in force. */
  readonly unnamed: boolean;
}

export function judgeMoved(
  analysis: Analysis,
  { ruleset, moment, subject }: { ruleset: Ruleset; moment: RuledMoment; subject: RuleSubject },
): MovedFiles {
  const moved = transfersOf(analysis);
  return {
    hits: moved.flatMap((one) => ruleset.judgeActivity(one, moment, subject)),
    // What scp moves is looked at once it moves; of rsync nothing more will be known.
    possible: moved
      .filter(({ via }) => via === "rsync")
      .flatMap((one) => ruleset.activityDoubts(one, moment, subject)),
    unnamed: movesUnknown(analysis) && ruleset.rulesTransfers(subject),
  };
}
