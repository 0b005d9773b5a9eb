export * from "./ruleset.js";
export { createHitMemory, joinMemories, type HitMark, type HitMemory } from "./hit-memory.js";
export type { ReadText } from "./read/list.js";
export { MATURITIES, type Maturity } from "./read/source.js";
export { compileRules, restoreRules, type CompileDeps } from "./compile/ruleset.js";
export type { RuleFile } from "./compile/collect.js";
export { resolveVerdict, isEnforcing, strictestVerb, type ResolvedVerdict } from "./verdict.js";
export type { SigmaFile } from "./importers/sigma/documents.js";
export {
  importSigma,
  type SigmaImport,
  type SigmaOptions,
} from "./importers/sigma/import-sigma.js";
export {
  explainLine,
  type ExplainContext,
  type ExplainedHit,
  type Explanation,
} from "./explain.js";
export {
  testRules,
  type RuleTestFailure,
  type RuleTestOptions,
  type RuleTestReport,
} from "./test-rules.js";
