import { describe, expect, it } from "vitest";
import { testRules } from "./index.js";
import { faultsOf, packOf } from "./rules.testing.js";

function failuresOf(scope: string, tests: string, extra = ""): readonly string[] {
  const text = packOf(
    `  - { id: rule-a, name: A, scope: ${scope}, match: { command: { exec: rm } }, action: block, tests: [${tests}] }`,
    extra,
  );
  const report = testRules([{ file: "rules.yaml", text }]);
  if (!report.ok) throw new Error(report.error.map((one) => one.message).join("\n"));
  return report.value.failures.map(({ test, expected, got }) => `${test}: ${expected}, ${got}`);
}

const HIT_AND_MISS = "{ line: rm x, expect: block }, { line: ls, expect: false }";

describe("what a test does not say", () => {
  it.each([
    "{ groups: [dba] }",
    '{ groups: ["db-*"], persons: ["svc-?"] }',
    "{ targets: { labels: { env: prod }, cidr: 10.0.0.0/8 } }",
    '{ targets: { names: ["db-*"], criticality: high } }',
    '{ targets: { cidr: "2001:db8::/32" } }',
    "{ origin: { cidr: 10.20.0.0/16 } }",
    '{ time: { windows: ["mon-fri 08:00-18:00"], outside: true, timezone: America/Sao_Paulo } }',
    '{ time: { windows: ["sun 02:00-02:30"] } }',
    "{ ticket: present }",
    "{ ticket: absent }",
    '{ sessionRisk: ">= 60" }',
    '{ sessionRisk: "< 20" }',
    "{ credentials: { names: [postgres] } }",
    "{ protocols: [rdp] }",
    "{ channels: [exec] }",
    "{ context: program, programs: [psql] }",
    "{ not: { accounts: [root], persons: [alice] } }",
    "{ groups: [dba], not: { origin: { cidr: 127.0.0.0/8 } } }",
  ])("is what suits the scope %s", (scope) => {
    expect(failuresOf(scope, HIT_AND_MISS)).toEqual([]);
  });

  it("is not what it does say", () => {
    expect(
      failuresOf(
        "{ groups: [dba], persons: [alice] }",
        "{ line: rm x, expect: false, context: { groups: [] } }, { line: rm x, expect: false, context: { person: bob } }",
      ),
    ).toEqual([]);
  });

  it("suits the scope of the rule, of the file and of its defaults at once, wherever it stands", () => {
    const both = "defaults: { scope: { persons: [carol] } }";
    const tests = `${HIT_AND_MISS}, { line: rm x, expect: false, context: { person: bob } }`;
    expect(failuresOf("{ groups: [dba] }", tests, both)).toEqual([]);
    const text = `${packOf(
      `  - { id: rule-a, name: A, match: { command: { exec: rm } }, action: block, tests: [${tests}, { line: rm x, expect: false, context: { groups: [] } }] }`,
      both,
    )}\nscope: { groups: [dba] }\n`;
    const report = testRules([{ file: "rules.yaml", text }]);
    expect(report.ok && report.value.failures).toEqual([]);
  });

  it("never suits scopes that contradict each other", () => {
    expect(
      failuresOf("{ ticket: absent, not: { ticket: absent } }", "{ line: rm x, expect: block }"),
    ).toEqual(["rm x: block, no hit"]);
  });
});

describe("a scope that no session can meet", () => {
  it.each(["{ protocols: [sftp] }", "{ protocols: [db] }"])("is refused: %s", (scope) => {
    const faults = faultsOf(
      packOf(
        `  - { id: rule-a, name: A, scope: ${scope}, match: { command: { exec: rm } }, action: block }`,
      ),
    );
    expect(faults.map(({ code }) => code)).toEqual(["CHP_RULES_SHAPE"]);
  });
});
