import { describe, expect, it } from "vitest";
import { testRules } from "./index.js";
import { faultsOf, packOf } from "./rules.testing.js";

const ruleOn = (anomaly: string, tests = ""): string =>
  packOf(
    `  - { id: rule-a, name: A, match: { anomaly: ${anomaly} }, action: reauth${tests === "" ? "" : `, tests: [${tests}]`} }`,
  );

describe("a rule about anomalies", () => {
  it("holds for its detectors, from its score on, and for warm ones where it says so", () => {
    const text = ruleOn(
      '{ detector: [keystroke, sequence], score: ">=0.99", warm: true }',
      [
        "{ event: { type: anomaly, detector: keystroke, score: 0.995 }, expect: reauth }",
        "{ event: { type: anomaly, detector: sequence, score: 0.99 }, expect: reauth }",
        "{ event: { type: anomaly, detector: origin, score: 1 }, expect: false }",
        "{ event: { type: anomaly, detector: keystroke, score: 0.98 }, expect: false }",
        "{ event: { type: anomaly, detector: keystroke, warm: false }, expect: false }",
        "{ line: id, expect: false }",
      ].join(", "),
    );
    expect(testRules([{ file: "a.yaml", text }])).toMatchObject({
      ok: true,
      value: { passed: 6, failures: [] },
    });
  });

  it("takes the names that example packs have", () => {
    expect(faultsOf(ruleOn("{ detector: [command_sequence, peer_group, automation] }"))).toEqual(
      [],
    );
  });

  it("names a detector that there is", () => {
    const why = (anomaly: string): string => JSON.stringify(faultsOf(ruleOn(anomaly)));
    expect(why("{ detector: keystrokes }")).toContain("keystroke");
    expect(why('{ score: ">=0.9" }')).toContain("names no detector");
    expect(why("{ detector: keystroke, level: 3 }")).toContain("level");
  });
});
