export * from "./ruleset.js";
export { compileRules, type CompileDeps } from "./compile/ruleset.js";
export type { RuleFile } from "./compile/collect.js";
export {
  resolveVerdict,
  effectiveVerbs,
  strictestVerb,
  type ResolvedVerdict,
  type VerdictContext,
} from "./verdict.js";
