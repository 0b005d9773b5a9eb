export {
  createRiskLadder,
  pValueOfPoints,
  type RiskLadder,
  type RiskReading,
  type RiskReason,
  type RiskState,
} from "./create-risk-ladder.js";
export { DEFAULT_RISK_POLICY, RISK_STEPS, type RiskPolicy, type RiskStep } from "./risk-policy.js";
export { RISK_DETECTORS, type RiskDetector, type RiskSignal } from "./signal.js";
export { scoreAtFalseAlarms } from "./false-alarms.js";
