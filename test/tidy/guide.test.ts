// What the guides show works: every rule file in them compiles and passes its own tests.
import { describe, expect, it } from "vitest";

import { testRules } from "../../src/rules/index.js";
import { projectFiles, readProject } from "./project.testing.js";

const blocks = projectFiles()
  .filter((path) => path.startsWith("docs/guide/") || path === "README.md")
  .flatMap((path) =>
    [...readProject(path).matchAll(/```yaml\n([\s\S]*?)```/g)]
      .map((match) => match[1] ?? "")
      .filter((text) => text.includes("kind: RulePack"))
      .map((text) => ({ path, text })),
  );

describe("rule files in the guides", () => {
  it("are there", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(2);
  });

  it.each(blocks)("in $path: compile, and their tests pass", ({ path, text }) => {
    expect(testRules([{ file: path, text }])).toMatchObject({ ok: true, value: { failures: [] } });
  });
});
