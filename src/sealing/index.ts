export {
  exportEvidence,
  isEvidence,
  verifyEvidence,
  type Evidence,
  type EvidenceReport,
} from "./evidence.js";
export type { LoggedText } from "./private-fields.js";
export { isRotationOrdered, orderRotation, withdrawRotation } from "./rotation-order.js";
export { openSealedLog, type Seal, type SealedLog, type SealedLogOptions } from "./sealed-log.js";
export { eraseSessionKeys, sessionsOf, type Erasure } from "./session-keys.js";
export { verifyLog, type LocatedFlaw, type LogReport, type VerifyOptions } from "./verify-log.js";
