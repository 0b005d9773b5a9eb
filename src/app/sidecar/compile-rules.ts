import { createHash } from "node:crypto";
import type { Fault, Result } from "../../kernel/index.js";
import { compileRules, type Ruleset } from "../../rules/index.js";
import type { RuleFile } from "../config/index.js";

/** All rule files as one set, or every fault in them at its place. */
export function compileRuleFiles(
  files: readonly RuleFile[],
  options: { readonly checked?: boolean } = {},
): Result<Ruleset, readonly Fault[]> {
  return compileRules(files, {
    ...options,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  });
}
