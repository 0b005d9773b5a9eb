import {
  createCommandCounts,
  createCommandCrowd,
  createSequenceDetector,
  SEQUENCE_SHAPE,
  type SequenceShape,
} from "../../../behaviour/index.js";
import type { SequenceTarget } from "./trials.js";

export interface SequenceScoring {
  /** False freezes the profiles as trained. */
  readonly update: boolean;
  /** Only so many commands of each block; null = all. */
  readonly keys: number | null;
  /** Absent: as shipped. */
  readonly shape?: SequenceShape;
}

export interface ScoredBlock {
  readonly target: string;
  readonly block: number;
  /** Evidence for somebody else after the block's last command. */
  readonly score: number;
}

/** Commands after which training is taken in: as a live session would. */
const TRAINED_TOGETHER = 100;

/**
 * Scores every block in order; a block is learnt after it was scored, if the detector accepts it.
 * The crowd is what the targets were trained with, frozen.
 */
export function* scoreSequences(
  targets: readonly SequenceTarget[],
  scoring: SequenceScoring,
): Generator<ScoredBlock> {
  const members = targets.map(({ id, groups, train }) => {
    const counts = createCommandCounts();
    let before: string | null = null;
    for (const command of train) {
      counts.learn(command, before);
      before = command;
    }
    return { person: id, groups, counts };
  });
  const crowd = createCommandCrowd(members);
  for (const { id, groups, train, blocks } of targets) {
    // A block is the chunk that is learnt or not.
    const { shape = SEQUENCE_SHAPE } = scoring;
    const options = { chunkCommands: Infinity, shape };
    const detector = createSequenceDetector({ person: id, groups, crowd }, options);
    for (const [index, command] of train.entries()) {
      detector.command(command);
      if ((index + 1) % TRAINED_TOGETHER === 0) detector.confirm();
    }
    detector.confirm();
    for (const [block, commands] of blocks.entries()) {
      let evidence = 0;
      detector.begin();
      for (const command of commands.slice(0, scoring.keys ?? undefined)) {
        evidence = detector.command(command).evidence;
      }
      if (scoring.update) detector.settle();
      yield { target: id, block, score: evidence };
    }
  }
}
