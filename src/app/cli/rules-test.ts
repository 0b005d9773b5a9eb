import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeError, describePlace, escapeControls } from "../../kernel/index.js";
import { testRules, type RuleTestFailure } from "../../rules/index.js";
import { readRuleText, type RuleFile } from "../config/rule-files.js";
import type { Command } from "./command.js";
import { shortPath, tellFaults, type Style } from "./console.js";
import { EXIT } from "./exit-code.js";

export const rulesTestCommand: Command = {
  words: ["rules", "test"],
  positionals: "FILE...",
  summary: "runs the tests inside rule files",
  options: {},
  notes: [
    "Exit 1 on any failure. All files are read as one set: lists of one serve the rules of another.",
  ],
  examples: ["chaperone rules test config/rules/*.yaml config/rules/linux/*.yaml"],
  run(call) {
    const { console, positionals } = call;
    if (positionals.length === 0) {
      console.err("chaperone rules test: say at least one FILE");
      return Promise.resolve(EXIT.usage);
    }
    const files: RuleFile[] = [];
    for (const path of positionals) {
      try {
        files.push({ file: resolve(path), text: readFileSync(path, "utf8"), builtin: false });
      } catch (error) {
        const why = describeError(error);
        console.err(`chaperone rules test: ${why}`);
        return Promise.resolve(EXIT.couldNotRun);
      }
    }
    const report = testRules(files, { readText: readRuleText });
    if (!report.ok) {
      tellFaults(console, report.error);
      return Promise.resolve(EXIT.bad);
    }
    const { passed, failures, untested } = report.value;
    for (const failure of failures) console.err(describeFailure(failure, console.errStyle));
    if (untested.length > 0) {
      console.err(
        `${console.errStyle.warn("warning")} without a test that hits and one that does not: ${few(untested)}`,
      );
    }
    console.out(`${passed + failures.length} tests, ${passed} passed, ${failures.length} failed`);
    return Promise.resolve(failures.length === 0 ? EXIT.fine : EXIT.bad);
  },
};

/** Of an imported pack no rule has tests: a few names say which pack that is. */
const NAMED_MAX = 10;

function few(ids: readonly string[]): string {
  const more = ids.length - NAMED_MAX;
  return more <= 0 ? ids.join(", ") : `${ids.slice(0, NAMED_MAX).join(", ")} and ${more} more`;
}

function describeFailure(failure: RuleTestFailure, style: Style): string {
  const where = describePlace({ ...failure.at, file: shortPath(failure.at.file) });
  const because = failure.evidence === undefined ? "" : ` (${failure.evidence})`;
  return `${where} ${style.bad("failed")} ${failure.rule}: expected ${failure.expected}, got ${failure.got}: ${escapeControls(failure.test + because)}`;
}
