export {
  createInspectedSession,
  type Frame,
  type InspectedMessage,
  type InspectedSession,
} from "./inspected-session.js";
export type { Unit, UnitVerdict } from "./unit-desk.js";
export { createObservedSession, type ObservedSession } from "./observed-session.js";
