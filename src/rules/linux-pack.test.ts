import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { describeFault } from "../kernel/index.js";
import type { RuleHit } from "../model/index.js";
import { analyseLine, learnFromLine, type ShellKnowledge } from "../shell/index.js";
import { createHitMemory, testRules, type CompiledRuleset } from "./index.js";
import { commandFor, compileForTest, someSubject } from "./rules.testing.js";

const PACK = [
  "config/rules/linux.yaml",
  ...readdirSync("config/rules/linux").map((name) => join("config/rules/linux", name)),
].map((file) => ({ file, text: readFileSync(file, "utf8") }));
const compilePack = (): CompiledRuleset => compileForTest(...PACK.map(({ text }) => text));
const LOUD = ["medium", "high", "critical"];
/** Corpora are no part of the project: they are looked for beside it, and never executed. */
const DATA = resolve(process.env["CHAPERONE_DATA"] ?? "../shared/data", "rules-src");
const ATOMIC = join(DATA, "atomic/atomic-linux-dev.json");
const TLDR = join(DATA, "tldr/tldr-commands-dev.CC-BY-4.0.json.gz");

/** Shares of attacks with a hit at medium or above and with any, and of ordinary commands at medium. */
const ATTACKS_LOUD_MIN = 0.85;
const ATTACKS_SEEN_MIN = 0.95;
const LONG = process.env["CHAPERONE_LONG"] === "1";
/** A sample of a quarter may be off by as much again. */
const FALSE_ALARMS_MAX = LONG ? 0.005 : 0.009;

describe("the starting pack for Linux", () => {
  it("passes the tests inside its rules, each with a hit and a near miss", () => {
    const report = testRules(PACK);
    if (!report.ok) throw new Error(report.error.map(describeFault).join("\n"));
    expect(report.value.failures).toEqual([]);
    expect(report.value.untested).toEqual([]);
    expect(report.value.passed).toBeGreaterThan(300);
  });

  it.skipIf(!existsSync(ATOMIC))("sees most of the attacks of a public corpus", () => {
    const ruleset = compilePack();
    const tests = (JSON.parse(readFileSync(ATOMIC, "utf8")) as AtomicTest[]).filter((test) =>
      ["sh", "bash"].includes(test.executor),
    );
    const judged = tests.map((test) => ({ test, hits: hitsOfScript(ruleset, fill(test)) }));
    const missed = judged.filter(({ hits }) => hits.length === 0).map(({ test }) => test);
    const quiet = judged.filter(({ hits }) => !hits.some(isLoud)).map(({ test }) => test);
    const seen = 1 - missed.length / tests.length;
    const loud = 1 - quiet.length / tests.length;
    console.info(
      `attacks: ${(loud * 100).toFixed(1)} % at medium or above, ${(seen * 100).toFixed(1)} % at all`,
    );
    expect(seen, missed.map((test) => test.name).join("\n")).toBeGreaterThanOrEqual(
      ATTACKS_SEEN_MIN,
    );
    expect(loud, quiet.map((test) => test.name).join("\n")).toBeGreaterThanOrEqual(
      ATTACKS_LOUD_MIN,
    );
  });

  it.skipIf(!existsSync(TLDR))("leaves the commands of everyday manuals alone", () => {
    const ruleset = compilePack();
    const all = JSON.parse(gunzipSync(readFileSync(TLDR)).toString()) as string[][];
    // Every fourth in daily runs: pages have several commands each, so all of them are still seen.
    const commands = all.filter((_, i) => LONG || i % 4 === 0);
    const alarms = new Map<string, string[]>();
    let loud = 0;
    for (const [, , command = ""] of commands) {
      const hits = openJudge(ruleset)(command, {}).filter(isLoud);
      if (hits.length > 0) loud += 1;
      for (const hit of hits)
        alarms.set(hit.rule.id, [...(alarms.get(hit.rule.id) ?? []), command]);
    }
    console.info(
      `false alarms: ${loud} of ${commands.length} (${((loud / commands.length) * 100).toFixed(2)} %)`,
    );
    expect(loud / commands.length, [...alarms].join("\n")).toBeLessThanOrEqual(FALSE_ALARMS_MAX);
  });
});

function isLoud(hit: RuleHit): boolean {
  return LOUD.includes(hit.rule.criticality);
}

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

/** Everything that is typed into one session, in its order. */
function openJudge(
  ruleset: CompiledRuleset,
): (line: string, known: ShellKnowledge) => readonly RuleHit[] {
  const memory = createHitMemory();
  const session = someSubject();
  return (line, knowledge) => {
    const moment = commandFor(line, knowledge);
    const { hits, marks } = ruleset.correlate(ruleset.judge(moment, session), {
      memory,
      session,
      moment,
    });
    for (const mark of marks) memory.add(mark);
    return hits;
  };
}

/** Line by line, as a person would type it; a command that goes on takes the next line with it. */
function hitsOfScript(ruleset: CompiledRuleset, script: string): readonly RuleHit[] {
  let knowledge: ShellKnowledge = {};
  const judge = openJudge(ruleset);
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
    hits.push(...judge(command, knowledge));
    knowledge = learnFromLine(knowledge, analysis);
  }
  if (pending !== "") hits.push(...judge(pending, knowledge));
  return hits;
}
