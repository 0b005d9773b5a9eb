import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { err, fault, type Fault, type Result } from "../../kernel/index.js";
import {
  compileRules,
  restoreRules,
  testRules,
  type CheckedRules,
  type CompiledRuleset,
  type RuleTestFailure,
  type Ruleset,
} from "../../rules/index.js";
// Not by its door: session processes restore rules too, and read no configuration.
import { readRuleText, type RuleFile } from "../config/rule-files.js";

/** All rule files as one set, or every fault in them at its place. */
export function compileRuleFiles(
  files: readonly RuleFile[],
): Result<CompiledRuleset, readonly Fault[]> {
  return compileRules(files, {
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    readText: readRuleText,
  });
}

/**
 * As `compileRuleFiles`, and the tests inside rules that are not part of the package have to pass: a
 * set that does not do what its authors expect is not loaded. `groups` are those that can be notified.
 */
export function compileTestedRules(
  files: readonly RuleFile[],
  groups: readonly string[],
): Result<CompiledRuleset, readonly Fault[]> {
  const compiled = compileRuleFiles(files);
  if (!compiled.ok) return compiled;
  const unknown = notifyNobody(compiled.value, groups);
  if (unknown.length > 0) return err(unknown);
  const own = new Set(files.filter((file) => file.builtin !== true).map((file) => file.file));
  if (own.size === 0) return compiled;
  const report = testRules(files, { readText: readRuleText, only: (file) => own.has(file) });
  if (!report.ok) return report;
  const { failures } = report.value;
  return failures.length === 0 ? compiled : err(failures.map(testFault));
}

/** A rule that notifies a group that nobody is in would be a promise that is not kept. */
export function notifyNobody(
  { rules }: Pick<CompiledRuleset, "rules">,
  groups: readonly string[],
): readonly Fault[] {
  return rules.flatMap(({ id, file, line, mode, notify }) =>
    (mode === "off" ? [] : notify)
      .filter((group) => !groups.includes(group))
      .map((group) => {
        const message = `${id}: \`notify.groups\` of the configuration has no "${group}"`;
        return fault("CHP_RULES_REFERENCE", message, { file, line, column: 1 });
      }),
  );
}

function testFault({ rule, at, test, expected, got }: RuleTestFailure): Fault {
  return fault("CHP_RULES_TEST", `${rule}: expected ${expected}, got ${got}: ${test}`, at);
}

/** A compiled set on its way to the session processes, which need not read its files again. */
export type PackedRules = Uint8Array;

export function packRules(ruleset: CompiledRuleset): PackedRules {
  return serialize(ruleset.checked);
}

export function unpackRules(packed: PackedRules): Ruleset {
  return restoreRules(deserialize(packed) as CheckedRules); // packed by the parent, of the same release
}
