import {
  err,
  MICROS_PER_MS,
  ok,
  wallMicros,
  type Fault,
  type Place,
  type Result,
} from "../kernel/index.js";
import type { RuleHit, RuleVerb } from "../model/index.js";
import {
  analyseDesktopLine,
  analyseLine,
  learnFromLine,
  type ShellKnowledge,
} from "../shell/index.js";
import { collectWritten, type RuleFile } from "./compile/collect.js";
import { createCorrelate } from "./compile/correlate.js";
import { createActivityJudge } from "./compile/judge-activity.js";
import { createJudge } from "./compile/judge.js";
import type { CompiledRule } from "./compile/rule.js";
import { judgedCommand } from "./explain.js";
import type { TestContext, TestSource } from "./read/source.js";
import { suitingContexts } from "./suiting.js";
import { createHitMemory } from "./hit-memory.js";
import type { ReadText } from "./read/list.js";
import type { CompiledRuleset, RuledMoment, RuleSubject } from "./ruleset.js";
import { strictestVerb } from "./verdict.js";

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

export interface RuleTestOptions {
  readonly readText?: ReadText;
  /** Files whose rules are tested; the others only serve (lists, rules that sequences name). */
  readonly only?: (file: string) => boolean;
}

/** Noon of a working day; tests that care set their own. */
const TEST_TIME = wallMicros(Date.UTC(2026, 0, 7, 12) * 1000);

/**
 * Runs every test of every rule against that rule alone, so that a test says something about its rule
 * and not about its neighbours, nor about overrides: these change what happens, and no test with it. The lines of one test are typed into one session.
 */
export function testRules(
  sources: readonly RuleFile[],
  { readText, only = () => true }: RuleTestOptions = {},
): Result<RuleTestReport, readonly Fault[]> {
  const { rules, faults } = collectWritten(sources, readText);
  if (faults.length > 0) return err(faults);
  let passed = 0;
  const failures: RuleTestFailure[] = [];
  for (const rule of rules) {
    if (!only(rule.source.at.file)) continue;
    for (const test of rule.source.tests) {
      const failure = runTest(rule, test, rules);
      if (failure === null) passed += 1;
      else failures.push(failure);
    }
  }
  const untested = rules
    .filter((rule) => only(rule.source.at.file) && !isCovered(rule))
    .map((rule) => rule.ref.id);
  return ok({ passed, failures, untested });
}

function isCovered({ source }: CompiledRule): boolean {
  const expects = source.tests.map((test) => test.expect);
  return expects.includes(false) && expects.some((expect) => expect !== false);
}

function runTest(rule: CompiledRule, test: TestSource, rules: readonly CompiledRule[]) {
  const steps = rule.source.sequence?.rules.map((one) => one.text) ?? [];
  const tested = [rule, ...rules.filter((one) => steps.includes(one.ref.id))].map(asTested);
  const placed = { ...test, context: contextOf(rule, test) };
  const deps = { ruleset: rulesetFor(tested), subject: subjectOf(placed) };
  const hits = test.activity === undefined ? typedHits(placed, deps) : doneHits(placed, deps);
  const last = hits.find((hit) => hit.rule.id === rule.ref.id);
  const got = last === undefined ? false : strictestVerb(last.actions.map(({ verb }) => verb));
  if (agrees(test.expect, got)) return null;
  const failure: RuleTestFailure = {
    rule: rule.ref.id,
    at: test.at,
    test: test.name ?? (test.activity === undefined ? test.lines.join(" ; ") : "event"),
    expected: describeExpect(test.expect),
    got: describeExpect(got),
  };
  return last === undefined ? failure : { ...failure, evidence: last.evidence };
}

/** Who does it where: as the test says, and for the rest as the scope of its rule wants it. */
function contextOf(rule: CompiledRule, test: TestSource): TestContext {
  const contexts = suitingContexts(test.context, rule.source.scopes, TEST_TIME);
  const usual = test.activity === undefined ? undefined : CHANNEL_OF[test.activity.kind];
  const suits = (context: TestContext): boolean =>
    rule.scope.holds(subjectOf({ ...test, context }), momentOf(context, 0, usual));
  return contexts.find(suits) ?? test.context;
}

interface Tested {
  readonly ruleset: Pick<CompiledRuleset, "judge" | "judgeActivity" | "correlate">;
  readonly subject: RuleSubject;
}

function rulesetFor(rules: readonly CompiledRule[]): Tested["ruleset"] {
  const judge = createJudge(rules, []);
  return {
    judge: (command, subject) => judge(command, subject, "certain"),
    judgeActivity: createActivityJudge(rules),
    correlate: createCorrelate(rules),
  };
}

/** Hits of the last line; the lines of one test are typed into one session, one after the other. */
function typedHits({ context, lines }: TestSource, { ruleset, subject }: Tested) {
  const memory = createHitMemory();
  let knowledge: ShellKnowledge = {
    ...(context.cwd === undefined ? {} : { cwd: context.cwd }),
    ...(context.home === undefined ? {} : { home: context.home }),
  };
  let hits: readonly RuleHit[] = [];
  const typed = Array.from({ length: context.repeat ?? 1 }, () => lines).flat();
  typed.forEach((line, index) => {
    // On a desktop nobody can see which shell reads a line, so every reading is judged.
    const analysis =
      context.channel === "desktop" ? analyseDesktopLine(line) : analyseLine(line, knowledge);
    const moment = momentOf(context, index);
    const command = judgedCommand(analysis, { ...moment, knowledge, moment });
    const found = ruleset.judge(command, subject);
    const correlated = ruleset.correlate(found, { memory, session: subject, moment });
    hits = correlated.hits;
    for (const mark of correlated.marks) memory.add(mark);
    knowledge = learnFromLine(knowledge, analysis);
  });
  return hits;
}

function doneHits({ activity, context }: TestSource, { ruleset, subject }: Tested) {
  const memory = createHitMemory();
  let hits: readonly RuleHit[] = [];
  for (let index = 0; index < (context.repeat ?? 1); index++) {
    if (activity === undefined) break;
    const moment = momentOf(context, index, CHANNEL_OF[activity.kind]);
    const found = ruleset.judgeActivity(activity, moment, subject);
    const correlated = ruleset.correlate(found, { memory, session: subject, moment });
    hits = correlated.hits;
    for (const mark of correlated.marks) memory.add(mark);
  }
  return hits;
}

const CHANNEL_OF = {
  transfer: "sftp",
  forward: "localForward",
  http: "web",
  clipboard: "desktop",
  anomaly: "shell",
} as const;

function momentOf(
  { time, everyMs = 0, channel, context, program, risk }: TestContext,
  index: number,
  fallback: RuledMoment["channelKind"] = "shell",
): RuledMoment {
  return {
    wall: wallMicros((time ?? TEST_TIME) + index * everyMs * MICROS_PER_MS),
    channelKind: channel ?? fallback,
    ...(context === undefined ? {} : { context }),
    ...(program === undefined ? {} : { program }),
    ...(risk === undefined ? {} : { risk }),
  };
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

function subjectOf({ context, activity }: TestSource): RuleSubject {
  const target = context.target ?? "target";
  return {
    person: {
      name: context.person ?? "alice",
      groups: context.groups ?? [],
      phrase: "",
      factors: [],
      ...(context.language === undefined ? {} : { language: context.language }),
    },
    ...(context.ticket === undefined ? {} : { ticket: context.ticket }),
    account: context.account ?? "root",
    target: {
      name: target,
      address: context.address ?? "192.0.2.1:22",
      labels: context.labels ?? {},
      embedded: false,
    },
    protocol: context.protocol ?? (activity?.kind === "http" ? "web" : "ssh"),
    origin: context.origin ?? "127.0.0.1",
  };
}
