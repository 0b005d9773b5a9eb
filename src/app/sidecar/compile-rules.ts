import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import type { Fault, Result } from "../../kernel/index.js";
import {
  compileRules,
  restoreRules,
  type CheckedRules,
  type CompiledRuleset,
  type Ruleset,
} from "../../rules/index.js";
import type { RuleFile } from "../config/index.js";

/** All rule files as one set, or every fault in them at its place. */
export function compileRuleFiles(
  files: readonly RuleFile[],
): Result<CompiledRuleset, readonly Fault[]> {
  return compileRules(files, {
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  });
}

/** A compiled set on its way to the session processes, which need not read its files again. */
export type PackedRules = Uint8Array;

export function packRules(ruleset: CompiledRuleset): PackedRules {
  return serialize(ruleset.checked);
}

export function unpackRules(packed: PackedRules): Ruleset {
  return restoreRules(deserialize(packed) as CheckedRules); // packed by the parent, of the same release
}
