import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PatternSource } from "../read/source.js";
import { isSimplePath, pathLeads } from "./http-lead.js";
import { compilePattern } from "./pattern.js";

const NOWHERE = { cwd: undefined, home: undefined };

function sourceOf(text: string, caseSensitive = true): PatternSource {
  const at = { file: "rules.yaml", line: 1, column: 1 };
  return { kind: "plain", values: [{ text, at }], caseSensitive };
}

const compiled = (source: PatternSource) =>
  compilePattern(source, { lists: new Map(), faults: [], checked: false, use: "path" });

describe("the plain beginning of a rule's path", () => {
  it("never rules out a path that the rule means", () => {
    const part = fc.constantFrom(
      "a",
      "b",
      "ab",
      "..",
      ".",
      "",
      "*",
      "**",
      "a*",
      "[ab]",
      "?",
      "@(a|b)",
    );
    const pattern = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
    const path = fc
      .array(fc.constantFrom("a", "A", "b", "ab", "aB", "", "a=b", "*", "."), { maxLength: 4 })
      .map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(pattern, path, fc.boolean(), (text, asked, caseSensitive) => {
        const source = sourceOf(text, caseSensitive);
        const leads = pathLeads([source]);
        if (leads === null || !isSimplePath(asked)) return;
        if (compiled(source).matches(asked, NOWHERE)) {
          expect(leads.some((lead) => asked.startsWith(lead))).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is not told where capitals do not count", () => {
    expect(pathLeads([sourceOf("/Admin/**", false)])).toBeNull();
  });

  it.each([
    ["/admin/**", ["/admin"]],
    ["/admin/", ["/admin"]],
    ["/a*b", ["/a"]],
    ["/**", null],
    ["**/x", null],
    ["/a/../b", null],
    ["/a/.", null],
  ])("of %s is %j", (text, leads) => {
    expect(pathLeads([sourceOf(text)])).toEqual(leads);
  });
});
