import { ok, type Fault, type Result } from "../../kernel/index.js";
import type { CompiledRuleset } from "../../rules/index.js";
import { readRuleFiles, type Config, type RuleFile } from "../config/index.js";
import { compileTestedRules } from "../sidecar/compile-rules.js";

export interface ReadRules {
  readonly files: readonly RuleFile[];
  readonly ruleset: CompiledRuleset;
}

/** The rules of the configuration, compiled and tested as the sidecar does it. */
export function readRules(config: Config): Result<ReadRules, readonly Fault[]> {
  const files = readRuleFiles(config.rules);
  if (!files.ok) return files;
  const ruleset = compileTestedRules(files.value, config.notifyGroups);
  return ruleset.ok ? ok({ files: files.value, ruleset: ruleset.value }) : ruleset;
}
