export {
  createContextDetector,
  type ContextDetector,
  type ContextReading,
  type OpenedFacts,
  type ProgressFacts,
  networkOf,
} from "./create-context-detector.js";
export { EMPTY_CONTEXT, RATE_WINDOW_MS, type ContextProfile } from "./context-profile.js";
export { countP, type CountHistory } from "./p-values.js";
