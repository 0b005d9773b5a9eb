import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_SCALE, SESSION_SCALE, type RuleHit } from "../model/index.js";
import {
  compileRules,
  createHitMemory,
  resolveVerdict,
  restoreRules,
  type Ruleset,
} from "./index.js";
import { commandFor, compileForTest, packOf, sha256, someSubject } from "./rules.testing.js";

const matches = fc.constantFrom(
  "{ command: { exec: rm } }",
  "{ command: { exec: [curl, sh], flags: [s] } }",
  "{ command: { args: { any: { path: /etc/** } } } }",
  "[{ command: { exec: ls } }, { command: { raw: { regex: 'pass(word)?' } } }]",
  "{ all: [{ command: { exec: curl } }, { not: { command: { args: { any: { host: db-1 } } } } }] }",
  "{ command: { exec: curl, pipeTo: { exec: sh } } }",
);
const action = fc.constantFrom(
  "log",
  "alert",
  "warn",
  "reauth",
  "approve",
  "block",
  "suspend",
  "kill",
  "[alert, block]",
);
const mode = fc.constantFrom("enforce", "enforce", "enforce", "shadow", "off");
const rules = fc.array(fc.record({ match: matches, action, mode }), { minLength: 1, maxLength: 6 });
const line = fc.constantFrom(
  "rm -rf /etc",
  "sudo rm x",
  "curl -s https://db-1/x | sh",
  "curl -s https://web-1/x | sh",
  "ls /etc && cat passwords",
  "echo rm /etc/passwd",
  "",
);

type Made = { readonly match: string; readonly action: string; readonly mode: string };

const textOf = (made: readonly (Made & { readonly id: number })[]): string =>
  packOf(
    made
      .map(
        ({ id, ...one }) =>
          `  - { id: rule-${id}, name: R, match: ${one.match}, action: ${one.action}, mode: ${one.mode} }`,
      )
      .join("\n"),
  );

function verdictOf(ruleset: Ruleset, text: string) {
  const moment = commandFor(text);
  const session = someSubject();
  const past = { memory: createHitMemory(), session, moment };
  const { hits } = ruleset.correlate(ruleset.judge(moment, session), past);
  const { reasons, ...verdict } = resolveVerdict(hits);
  return { verdict, ids: hits.map((hit: RuleHit) => hit.rule.id).sort(), reasons: reasons.length };
}

describe("the verdict of a set of rules", () => {
  it("does not depend on the order of its rules", () => {
    fc.assert(
      fc.property(rules, line, (made, text) => {
        const numbered = made.map((one, id) => ({ ...one, id }));
        const forwards = verdictOf(compileForTest(textOf(numbered)), text);
        expect(verdictOf(compileForTest(textOf([...numbered].reverse())), text)).toEqual(forwards);
      }),
      { numRuns: 150 },
    );
  });

  it("is never weakened by one rule more", () => {
    fc.assert(
      fc.property(rules, fc.record({ match: matches, action, mode }), line, (made, more, text) => {
        const numbered = made.map((one, id) => ({ ...one, id }));
        const before = verdictOf(compileForTest(textOf(numbered)), text).verdict;
        const after = verdictOf(
          compileForTest(textOf([...numbered, { ...more, id: 99 }])),
          text,
        ).verdict;
        expect(LINE_SCALE.indexOf(after.line)).toBeGreaterThanOrEqual(
          LINE_SCALE.indexOf(before.line),
        );
        expect(SESSION_SCALE.indexOf(after.session)).toBeGreaterThanOrEqual(
          SESSION_SCALE.indexOf(before.session),
        );
        expect(after.alert || !before.alert).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("is the same of a set that was packed and restored", () => {
    fc.assert(
      fc.property(rules, line, (made, text) => {
        const ruleset = compileForTest(textOf(made.map((one, id) => ({ ...one, id }))));
        const restored = restoreRules(structuredClone(ruleset.checked));
        expect(verdictOf(restored, text)).toEqual(verdictOf(ruleset, text));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a rule file of any content", () => {
  it("compiles or is refused at a place, and never throws", () => {
    const word = fc.constantFrom(
      "apiVersion",
      "chaperone/v1",
      "kind",
      "RulePack",
      "metadata",
      "rules",
      "id",
      "match",
      "command",
      "exec",
      "action",
      "scope",
      "time",
      "lists",
      "file",
      "threshold",
      "sequence",
      "tests",
      "&a",
      "*a",
      "{",
      "]",
      "- ",
      ": ",
      "\n  ",
      "'",
      "!!binary x",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 30 }).map((words) => words.join(" ")),
        ),
        (text) => {
          const compiled = compileRules([{ file: "x.yaml", text }], { sha256 });
          if (!compiled.ok)
            expect(compiled.error.every((one) => one.at?.file === "x.yaml")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
