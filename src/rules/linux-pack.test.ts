import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { describeFault } from "../kernel/index.js";
import type { RuleHit } from "../model/index.js";
import { analyseLine, learnFromLine, type ShellKnowledge } from "../shell/index.js";
import { testRules, type CompiledRuleset } from "./index.js";
import { commandFor, compileForTest, someSubject } from "./rules.testing.js";

const PACK = "config/rules/linux.yaml";
const text = readFileSync(PACK, "utf8");
/** Corpora are no part of the project: they are looked for beside it, and never executed. */
const DATA = resolve(process.env["CHAPERONE_DATA"] ?? "../shared/data", "rules-src");
const ATOMIC = join(DATA, "atomic/atomic-linux-dev.json");
const TLDR = join(DATA, "tldr/tldr-commands-dev.CC-BY-4.0.json.gz");

/** Share of attack tests with any hit, and of ordinary commands with a hit at medium or above. */
const ATTACKS_SEEN_MIN = 0.6;
const FALSE_ALARMS_MAX = 0.005;

describe("the starting pack for Linux", () => {
  it("passes the tests inside its rules, each with a hit and a near miss", () => {
    const report = testRules([{ file: PACK, text }]);
    if (!report.ok) throw new Error(report.error.map(describeFault).join("\n"));
    expect(report.value.failures).toEqual([]);
    expect(report.value.untested).toEqual([]);
    expect(report.value.passed).toBeGreaterThan(100);
  });

  it.skipIf(!existsSync(ATOMIC))("sees most of the attacks of a public corpus", () => {
    const ruleset = compileForTest(text);
    const tests = (JSON.parse(readFileSync(ATOMIC, "utf8")) as AtomicTest[]).filter((test) =>
      ["sh", "bash"].includes(test.executor),
    );
    const missed = tests.filter((test) => hitsOfScript(ruleset, fill(test)).length === 0);
    const seen = 1 - missed.length / tests.length;
    console.info(`attacks seen: ${(seen * 100).toFixed(1)} % of ${tests.length}`);
    if (process.env["CHAPERONE_SHOW"] !== undefined)
      for (const test of missed) console.info(test.technique, test.name, "\n", fill(test));
    expect(seen, missed.map((test) => test.name).join("\n")).toBeGreaterThanOrEqual(
      ATTACKS_SEEN_MIN,
    );
  });

  it.skipIf(!existsSync(TLDR))("leaves the commands of everyday manuals alone", () => {
    const ruleset = compileForTest(text);
    const commands = JSON.parse(gunzipSync(readFileSync(TLDR)).toString()) as string[][];
    const alarms = new Map<string, string[]>();
    let loud = 0;
    for (const [, , command = ""] of commands) {
      const hits = judge(ruleset, command, {}).filter((hit) =>
        ["medium", "high", "critical"].includes(hit.rule.criticality),
      );
      if (hits.length > 0) loud += 1;
      for (const hit of hits)
        alarms.set(hit.rule.id, [...(alarms.get(hit.rule.id) ?? []), command]);
    }
    console.info(
      `false alarms: ${loud} of ${commands.length} (${((loud / commands.length) * 100).toFixed(2)} %)`,
    );
    if (process.env["CHAPERONE_SHOW"] !== undefined)
      for (const [id, lines] of alarms)
        console.info(id, lines.length, "\n   ", lines.join("\n    "));
    expect(loud / commands.length).toBeLessThanOrEqual(FALSE_ALARMS_MAX);
  });
});

interface AtomicTest {
  readonly technique: string;
  readonly name: string;
  readonly executor: string;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
}

function fill(test: AtomicTest): string {
  return test.command.replace(/#\{(\w+)\}/g, (whole, name: string) => test.args[name] ?? whole);
}

function judge(
  ruleset: CompiledRuleset,
  line: string,
  knowledge: ShellKnowledge,
): readonly RuleHit[] {
  return ruleset.judge(commandFor(line, knowledge), someSubject());
}

/** Line by line, as a person would type it; a command that goes on takes the next line with it. */
function hitsOfScript(ruleset: CompiledRuleset, script: string): readonly RuleHit[] {
  let knowledge: ShellKnowledge = {};
  const hits: RuleHit[] = [];
  let pending = "";
  for (const line of script.split("\n")) {
    const command = pending === "" ? line : `${pending}\n${line}`;
    const analysis = analyseLine(command, knowledge);
    if (!analysis.complete) {
      pending = command;
      continue;
    }
    pending = "";
    hits.push(...judge(ruleset, command, knowledge));
    knowledge = learnFromLine(knowledge, analysis);
  }
  if (pending !== "") hits.push(...judge(ruleset, pending, knowledge));
  return hits;
}
