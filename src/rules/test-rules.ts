import { err, ok, wallMicros, type Fault, type Place, type Result } from "../kernel/index.js";
import type { RuleHit, RuleVerb } from "../model/index.js";
import { analyseLine, learnFromLine, type ShellKnowledge } from "../shell/index.js";
import { collectRules, type RuleFile } from "./compile/collect.js";
import { createJudge } from "./compile/judge.js";
import type { CompiledRule } from "./compile/rule.js";
import { judgedCommand } from "./explain.js";
import type { TestContext, TestSource } from "./read/source.js";
import type { RuleSubject } from "./ruleset.js";
import { effectiveVerbs, strictestVerb } from "./verdict.js";

/** What came of the tests that stand inside the rules. */
export interface RuleTestReport {
  readonly passed: number;
  readonly failures: readonly RuleTestFailure[];
  /** Rules without a test, or without one that expects no hit: nobody knows what they let through. */
  readonly untested: readonly string[];
}

export interface RuleTestFailure {
  readonly rule: string;
  readonly at: Place;
  readonly test: string;
  readonly expected: string;
  readonly got: string;
  readonly evidence?: string;
}

/** Noon of a working day; tests that care set their own. */
const TEST_TIME = wallMicros(Date.UTC(2026, 0, 7, 12) * 1000);

/**
 * Runs every test of every rule against that rule alone, so that a test says something about its rule
 * and not about its neighbours. The lines of one test are typed into one session.
 */
export function testRules(sources: readonly RuleFile[]): Result<RuleTestReport, readonly Fault[]> {
  const { rules, faults } = collectRules(sources);
  if (faults.length > 0) return err(faults);
  let passed = 0;
  const failures: RuleTestFailure[] = [];
  for (const rule of rules) {
    for (const test of rule.source.tests) {
      const failure = runTest(rule, test);
      if (failure === null) passed += 1;
      else failures.push(failure);
    }
  }
  const untested = rules.filter((rule) => !isCovered(rule)).map((rule) => rule.ref.id);
  return ok({ passed, failures, untested });
}

function isCovered({ source }: CompiledRule): boolean {
  const expects = source.tests.map((test) => test.expect);
  return expects.includes(false) && expects.some((expect) => expect !== false);
}

function runTest(rule: CompiledRule, test: TestSource): RuleTestFailure | null {
  const judge = createJudge([asTested(rule)], []);
  const { context } = test;
  const subject = subjectOf(context);
  let knowledge: ShellKnowledge = {
    ...(context.cwd === undefined ? {} : { cwd: context.cwd }),
    ...(context.home === undefined ? {} : { home: context.home }),
  };
  const wall = context.time === undefined ? TEST_TIME : wallMicros(context.time);
  const channelKind = context.channel ?? "shell";
  let count = 0;
  let last: RuleHit | undefined;
  for (let round = 0; round < (context.repeat ?? 1); round++) {
    for (const line of test.lines) {
      const analysis = analyseLine(line, knowledge);
      const command = judgedCommand(analysis, { wall, channelKind, knowledge });
      last = judge(command, subject, "certain")[0];
      if (last !== undefined) count += 1;
      knowledge = learnFromLine(knowledge, analysis);
    }
  }
  const got = last === undefined ? false : strictestVerb(effectiveVerbs(last.actions, count));
  if (agrees(test.expect, got)) return null;
  const failure = {
    rule: rule.ref.id,
    at: test.at,
    test: test.name ?? test.lines.join(" ; "),
    expected: describeExpect(test.expect),
    got: describeExpect(got),
  };
  return last === undefined ? failure : { ...failure, evidence: last.evidence };
}

/** Shadow and switched-off rules are tested as if they were in force; an allow rule as if it restricted. */
function asTested(rule: CompiledRule): CompiledRule {
  return { ...rule, mode: "enforce", effect: "restrict", expires: Number.POSITIVE_INFINITY };
}

function agrees(expect: TestSource["expect"], got: RuleVerb | false): boolean {
  return typeof expect === "boolean" ? expect === (got !== false) : expect === got;
}

function describeExpect(expect: boolean | RuleVerb): string {
  if (typeof expect === "boolean") return expect ? "a hit" : "no hit";
  return expect;
}

function subjectOf(context: TestContext): RuleSubject {
  const target = context.target ?? "target";
  return {
    person: {
      name: context.person ?? "alice",
      groups: context.groups ?? [],
      phrase: "",
      factors: [],
    },
    account: context.account ?? "root",
    target: {
      name: target,
      address: context.address ?? "192.0.2.1:22",
      labels: context.labels ?? {},
      embedded: false,
    },
    protocol: "ssh",
    origin: context.origin ?? "127.0.0.1",
  };
}
