export { commandWord } from "./command-word.js";
export {
  createCommandCounts,
  type CommandCounts,
  type CommandCountsState,
} from "./command-counts.js";
export { createCommandCrowd, type CommandCrowd, type CommandCrowdMember } from "./command-crowd.js";
export {
  createSequenceDetector,
  type SequenceDeps,
  type SequenceDetector,
  type SequenceOptions,
  type SequenceProfile,
  type SequenceReading,
  type SequenceState,
  type SurprisingCommand,
} from "./create-sequence-detector.js";
export { SEQUENCE_SHAPE, type SequenceShape } from "./sequence-shape.js";
