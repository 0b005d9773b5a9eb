import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../config/index.js";
import { openRulesBook, type RulesBook } from "./rules-book.js";
import { eventually } from "../../runtime/testing/eventually.testing.js";

const pack = (id: string): string => `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: ${id}
    name: a rule
    criticality: high
    match: { command: { exec: rm } }
    action: block
`;

describe("the rules in force", () => {
  let dir = "";
  let book: RulesBook | null = null;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-rules-"));
    mkdirSync(join(dir, "rules"));
    writeFileSync(join(dir, "rules", "one.yaml"), pack("one"));
  });
  afterEach(() => {
    book?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const sources = (): Config["rules"] => [
    {
      type: "files",
      pattern: join(dir, "rules", "*.yaml"),
      at: { file: "chaperone.yaml", line: 1, column: 1 },
    },
  ];
  function open(): RulesBook {
    const opened = openRulesBook(sources());
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    book = opened.value;
    return opened.value;
  }

  it("are the last good set, when a change does not compile", () => {
    const rules = open();
    const before = rules.current.ruleset.digest;
    writeFileSync(join(dir, "rules", "two.yaml"), "rules: [ {");
    expect(rules.reload().ok).toBe(false);
    expect(rules.current.ruleset.digest).toBe(before);
    writeFileSync(join(dir, "rules", "two.yaml"), pack("two"));
    expect(rules.reload().ok).toBe(true);
    expect(rules.current.ruleset.size).toBe(2);
    expect(rules.current.ruleset.digest).not.toBe(before);
  });

  it("do not begin with a set that does not compile", () => {
    writeFileSync(join(dir, "rules", "two.yaml"), "rules: [ {");
    expect(openRulesBook(sources())).toMatchObject({ ok: false });
  });

  it("are looked at again when a file was changed, added or removed", async () => {
    const rules = open();
    let changes = 0;
    rules.watch(() => (changes += 1));
    writeFileSync(join(dir, "rules", "two.yaml"), pack("two"));
    await eventually(() => changes).toBe(1);
    rmSync(join(dir, "rules", "one.yaml"));
    await eventually(() => changes).toBe(2);
  });

  it("are left alone by what else lies beside them: a log, that of this program above all", async () => {
    const rules = open();
    let changes = 0;
    rules.watch(() => {
      changes += 1;
      writeFileSync(join(dir, "rules", "sidecar.log"), `reloaded ${changes} times\n`);
    });
    writeFileSync(join(dir, "rules", "sidecar.log"), "started\n");
    writeFileSync(join(dir, "rules", "two.yaml"), pack("two"));
    await eventually(() => changes).toBe(1);
    rmSync(join(dir, "rules", "one.yaml"));
    await eventually(() => changes).toBe(2);
  });
});
