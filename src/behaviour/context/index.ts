export {
  createContextDetector,
  type ContextDetector,
  type ContextReading,
  type OpenedFacts,
  type ProgressFacts,
} from "./create-context-detector.js";
export { EMPTY_CONTEXT, RATE_WINDOW_MS, type ContextProfile } from "./context-profile.js";
