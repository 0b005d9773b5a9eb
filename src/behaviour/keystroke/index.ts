export {
  createKeystrokeDetector,
  type KeystrokeDeps,
  type KeystrokeDetector,
  type KeystrokeReading,
  type KeystrokeState,
} from "./create-keystroke-detector.js";
export { createCrowd, type Crowd, type CrowdMember } from "./crowd.js";
export {
  closeKeystrokeProfile,
  openKeystrokeProfile,
  type KeystrokeProfile,
  type OpenProfile,
} from "./profile.js";
export type { Abstention, KeyPress } from "./rhythm.js";
export {
  createSampleScorer,
  learnSample,
  type SampleScore,
  type SampleScorer,
  type TypedSample,
} from "./sample-scorer.js";
