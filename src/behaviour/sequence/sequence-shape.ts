/** What was chosen among a few values for the sequence detector (docs/behaviour.md says how). */
export interface SequenceShape {
  /** Natural log; above it a command is odd, and how odd it is tells nothing more. */
  readonly surpriseMax: number;
  /** What a command still counts after the next one. */
  readonly fade: number;
  /** Share of the evidence that a session leaves to the next. */
  readonly carriedOver: number;
  /** Standard deviations above what is usual that are still learnt, for a hundred commands. */
  readonly deviations: number;
}

/** A command counts half after some two hundred: a session of a day still forgets. */
export const SEQUENCE_SHAPE: SequenceShape = {
  surpriseMax: 6,
  fade: 0.997,
  carriedOver: 0.4,
  deviations: 3.5,
};
