import { createHash } from "node:crypto";
import { ok, type Fault, type Result } from "../../kernel/index.js";
import { compileRules, type CompiledRuleset } from "../../rules/index.js";
import { readRuleFiles, type Config, type RuleFile } from "../config/index.js";

export interface ReadRules {
  readonly files: readonly RuleFile[];
  readonly ruleset: CompiledRuleset;
}

/** The rules of the configuration, compiled as the sidecar does it. */
export function readRules(config: Config): Result<ReadRules, readonly Fault[]> {
  const files = readRuleFiles(config.rules);
  if (!files.ok) return files;
  const ruleset = compileRules(files.value, { sha256 });
  return ruleset.ok ? ok({ files: files.value, ruleset: ruleset.value }) : ruleset;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
