import { describe, expect, it } from "vitest";
import { deliveredRules, fateOf, readSpellings, type Fate } from "./evasions.testing.js";

/** Recursively, and by other tools what the system can not do without. */
const RULES: readonly string[] = ["chp-lnx-0101", "chp-lnx-0102"];
const ruleset = deliveredRules();

/** Scenes of a kind of which not the wanted became. */
function notEnded(file: string, kind: string, wanted: readonly Fate[]): readonly string[] {
  return readSpellings(file)
    .filter((one) => one.kind === kind)
    .flatMap(({ lines }) => {
      const fate = fateOf(ruleset, lines, (rule) => RULES.includes(rule));
      return wanted.includes(fate) ? [] : [`${fate}: ${lines.join("\u23ce")}`];
    });
}

describe("what a session has learnt over several lines", () => {
  it("stops what deletes a protected path by it", () => {
    expect(notEnded("spellings-sessions.txt", "session", ["stopped"])).toEqual([]);
  });

  it("says that it can not know what came from elsewhere and is run", () => {
    expect(notEnded("spellings-sessions.txt", "unknown", ["stopped", "doubted"])).toEqual([]);
  });

  it("stops no ordinary work", () => {
    expect(notEnded("lookalikes-sessions.txt", "lookalike", ["missed", "doubted"])).toEqual([]);
  });
});
