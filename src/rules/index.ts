export * from "./ruleset.js";
export { compileRules, restoreRules, type CompileDeps } from "./compile/ruleset.js";
export type { RuleFile } from "./compile/collect.js";
export {
  resolveVerdict,
  effectiveVerbs,
  isEnforcing,
  strictestVerb,
  type ResolvedVerdict,
  type VerdictContext,
} from "./verdict.js";
export {
  explainLine,
  type ExplainContext,
  type ExplainedHit,
  type Explanation,
} from "./explain.js";
export { testRules, type RuleTestFailure, type RuleTestReport } from "./test-rules.js";
