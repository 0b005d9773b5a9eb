import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeFault, err, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CompiledRuleset } from "../../rules/index.js";
import { readRuleFiles, rulePaths, type Config, type RuleFile } from "../config/index.js";
import { compileTestedRules } from "./compile-rules.js";

/** The rules in force, and where they come from. */
export interface RulesBook {
  readonly current: LoadedRules;
  /** Reads and compiles again; on a fault the last good set stays in force. */
  reload(): Result<LoadedRules, readonly Fault[]>;
  /** Calls `changed` when a rule file was changed, added or removed, after it has come to rest. */
  watch(changed: () => void): void;
  close(): void;
}

export interface LoadedRules {
  readonly files: readonly RuleFile[];
  readonly ruleset: CompiledRuleset;
}

/** Looking costs a few stat calls; notifications of the system get lost on network file systems. */
const LOOK_INTERVAL_MS = 1_000;

export function openRulesBook(
  rules: Config["rules"],
  groups: readonly string[] = [],
): Result<RulesBook, readonly Fault[]> {
  const first = load(rules, groups);
  if (!first.ok) return first;
  let current = first.value;
  let timer: NodeJS.Timeout | null = null;
  return ok({
    get current() {
      return current;
    },
    reload() {
      const loaded = load(rules, groups);
      if (loaded.ok) current = loaded.value;
      return loaded;
    },
    watch(changed) {
      let known = signature(rules, current);
      let moving = known;
      timer = setInterval(() => {
        const now = signature(rules, current);
        // Seen twice the same: an editor or a deployment that writes several files has finished.
        if (now !== known && now === moving) {
          known = now;
          changed();
        }
        moving = now;
      }, LOOK_INTERVAL_MS);
      timer.unref();
    },
    close() {
      if (timer !== null) clearInterval(timer);
    },
  });
}

function load(
  rules: Config["rules"],
  groups: readonly string[],
): Result<LoadedRules, readonly Fault[]> {
  const files = readRuleFiles(rules);
  if (!files.ok) return files;
  const compiled = compileTestedRules(files.value, groups);
  return compiled.ok ? ok({ files: files.value, ruleset: compiled.value }) : err(compiled.error);
}

/** Changes when a rule file does, or the file of a list: nothing else that lies beside them matters. */
function signature(rules: Config["rules"], { ruleset }: LoadedRules): string {
  const lists = ruleset.listFiles.map(({ path, from }) => resolve(dirname(from), path));
  return [...rulePaths(rules), ...lists]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${path}:${stat?.mtimeMs ?? "absent"}:${stat?.size ?? 0}`;
    })
    .join("\n");
}

export function describeFaults(faults: readonly Fault[]): readonly string[] {
  return faults.map(describeFault);
}
