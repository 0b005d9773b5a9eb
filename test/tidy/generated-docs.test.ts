// The reference is written by the code. `npm run docs` (UPDATE=1) writes it; this test compares it, so
// that every fault, event and key is documented and nothing else is.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { configurationPage } from "../../scripts/docs/configuration.js";
import { eventsPage } from "../../scripts/docs/events.js";
import { faultsPage } from "../../scripts/docs/faults.js";
import { ruleSchema } from "../../scripts/docs/rule-schema.js";
import { rulesPage, undescribedRuleWords } from "../../scripts/docs/rules.js";
import { describeApi } from "../../src/admin/describe-api.js";
import { PRIVACY } from "../../src/events/privacy.js";
import { FAULTS } from "../../src/kernel/fault.js";
import { projectFiles, readProject, ROOT } from "./project.testing.js";

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/reference/faults.md": faultsPage,
  "docs/reference/events.md": () => eventsPage(readProject("src/events/data.ts")),
  "docs/reference/configuration.md": configurationPage,
  "docs/reference/rules.md": rulesPage,
  "docs/reference/rules.schema.json": ruleSchema,
  "docs/reference/openapi.json": async () => `${JSON.stringify(await describeApi(), null, 2)}\n`,
};

describe("the reference", () => {
  for (const [path, page] of Object.entries(PAGES)) {
    it(`${path} is what the code says (npm run docs writes it anew)`, async () => {
      const text = await page();
      if (process.env["UPDATE"] === "1") {
        mkdirSync(dirname(join(ROOT, path)), { recursive: true });
        writeFileSync(join(ROOT, path), text);
      }
      expect(existsSync(join(ROOT, path)) ? readProject(path) : "").toBe(text);
    });
  }

  it("has no page that nobody writes", () => {
    const pages = projectFiles().filter((path) => path.startsWith("docs/reference/"));
    expect(pages.filter((path) => !(path in PAGES))).toEqual([]);
  });

  it("has every event of the catalog", () => {
    const headings = [...readProject("docs/reference/events.md").matchAll(/^## ([a-z.]+)$/gm)];
    expect(headings.map((match) => match[1]).sort()).toEqual(Object.keys(PRIVACY).sort());
  });

  it("describes every word of the rule language, and no other", () => {
    expect(undescribedRuleWords()).toEqual([]);
  });
});

describe("the catalog of faults", () => {
  it("has no code that nothing uses", () => {
    const sources = projectFiles()
      .filter((path) => path.startsWith("src/") && !path.startsWith("src/kernel/faults/"))
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
      .map(readProject)
      .join("\n");
    expect(Object.keys(FAULTS).filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
  });

  it("knows every code that is named anywhere", () => {
    const named = projectFiles()
      .filter((path) => /^(src|docs|README|scripts).*\.(ts|md)$/.test(path))
      .flatMap((path) => readProject(path).match(/\bCHP_[A-Z]+_[A-Z_]*[A-Z]\b/g) ?? []);
    expect([...new Set(named)].filter((name) => !(name in FAULTS))).toEqual([]);
  });
});
