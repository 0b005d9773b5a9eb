/** What was chosen among a few values for the sequence detector (docs/behaviour.md says how). */
export interface SequenceShape {
  /** Natural log; above it a command is odd, and how odd it is tells nothing more. */
  readonly surpriseMax: number;
  /** What a command still counts after the next one. */
  readonly fade: number;
  /** Share of the evidence that a session of a hundred commands leaves to the next. */
  readonly carriedOver: number;
  /** Standard deviations above what is usual that are still learnt, for a hundred commands. */
  readonly deviations: number;
  /** Evidence from which nothing is learnt without another proof, however usual the stretch is. */
  readonly learntBelow: number;
  /** Weight (0..1) of what the person ran lately against what they ran ever. */
  readonly lately: number;
  /** A command that comes the (n+1)th time in a stretch counts (n+1) to the power of minus this. */
  readonly tiresAlone: number;
  /** The same of two commands, one after the other. */
  readonly tiresAfter: number;
}

/** A command counts half after some two hundred: a session of a day still forgets. */
export const SEQUENCE_SHAPE: SequenceShape = {
  surpriseMax: 4.5,
  fade: 0.997,
  carriedOver: 0.25,
  deviations: 3.5,
  learntBelow: 30,
  lately: 0.6,
  tiresAlone: 0.2,
  tiresAfter: 0.6,
};
