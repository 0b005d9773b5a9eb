import type { FaultView, RulesPort, ShadowBook } from "../../admin/index.js";
import { wallMicros, MICROS_PER_MS, type Fault, type Result } from "../../kernel/index.js";
import { testRules } from "../../rules/index.js";
import { compileRuleFiles } from "../sidecar/compile-rules.js";
import type { LoadedRules } from "../sidecar/rules-book.js";

export interface RulesDeps {
  readonly current: () => LoadedRules;
  readonly reload: () => Result<LoadedRules, readonly Fault[]>;
  readonly shadow: ShadowBook;
  readonly wallMs: () => number;
}

/** Faults are told in full up to here; a file that is no rule file at all has thousands. */
const FAULTS_TOLD_MAX = 200;

export function createRulesPort(deps: RulesDeps): RulesPort {
  return {
    inForce() {
      const { files, ruleset } = deps.current();
      return {
        digest: ruleset.digest,
        files: files.map((one) => one.file),
        rules: ruleset.rules.map(({ id, name, file, line, mode }) => ({
          id,
          name,
          file,
          line,
          mode,
        })),
        warnings: [...ruleset.warnings(wallMicros(deps.wallMs() * MICROS_PER_MS))],
      };
    },
    validate(files) {
      const compiled = compileRuleFiles(files);
      if (!compiled.ok) return { valid: false, faults: viewsOf(compiled.error), failedTests: [] };
      const { digest, size } = compiled.value;
      const tested = testRules(files);
      if (!tested.ok) return { valid: false, faults: viewsOf(tested.error), failedTests: [] };
      const failedTests = tested.value.failures.slice(0, FAULTS_TOLD_MAX).map((failure) => ({
        rule: failure.rule,
        message: `${failure.at.file}:${failure.at.line} ${failure.test}: expected ${failure.expected}, got ${failure.got}`,
      }));
      return { valid: failedTests.length === 0, digest, rules: size, faults: [], failedTests };
    },
    reload() {
      const loaded = deps.reload();
      const { digest, size } = deps.current().ruleset;
      return loaded.ok
        ? { loaded: true, digest, rules: size, faults: [] }
        : { loaded: false, digest, rules: size, faults: viewsOf(loaded.error) };
    },
    shadow: () => deps.shadow.report(),
  };
}

function viewsOf(faults: readonly Fault[]): FaultView[] {
  return faults.slice(0, FAULTS_TOLD_MAX).map(({ code, message, at }) => ({
    code,
    message,
    ...(at === undefined ? {} : { file: at.file, line: at.line, column: at.column }),
  }));
}
