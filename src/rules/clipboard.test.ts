import { describe, expect, it } from "vitest";
import type { ClipboardActivity } from "../model/index.js";
import { testRules, type CompiledRuleset, type RuledMoment } from "./index.js";
import { compileForTest, faultsOf, NOON, packOf, someSubject } from "./rules.testing.js";

const MOMENT: RuledMoment = { channelKind: "desktop", wall: NOON };

function only(match: string): CompiledRuleset {
  return compileForTest(
    packOf(`  - { id: rule-a, name: A, match: ${match}, action: block, message: "Not {arg}." }`),
  );
}

const clipboard = (more: Partial<ClipboardActivity> = {}): ClipboardActivity => ({
  kind: "clipboard",
  direction: "upload",
  mimetype: "text/plain",
  ...more,
});
const hits = (ruleset: CompiledRuleset, activity: ClipboardActivity): number =>
  ruleset.judgeActivity(activity, MOMENT, someSubject()).length;
const doubts = (ruleset: CompiledRuleset, activity: ClipboardActivity): number =>
  ruleset.activityDoubts(activity, MOMENT, someSubject()).length;

describe("a rule about clipboards", () => {
  it("looks at direction and type", () => {
    const rule = only("{ clipboard: { direction: download, mimetype: 'image/*' } }");
    expect(hits(rule, clipboard({ direction: "download", mimetype: "image/png" }))).toBe(1);
    expect(hits(rule, clipboard({ direction: "upload", mimetype: "image/png" }))).toBe(0);
    expect(hits(rule, clipboard({ direction: "download" }))).toBe(0);
  });

  it("looks at size and digest once they are known, and is in doubt before", () => {
    const rule = only("{ clipboard: { size: '> 1KB' } }");
    expect([hits(rule, clipboard()), doubts(rule, clipboard())]).toEqual([0, 1]);
    expect(hits(rule, clipboard({ bytes: 1_024 }))).toBe(0);
    expect(hits(rule, clipboard({ bytes: 1_025 }))).toBe(1);
    const digest = only("{ clipboard: { sha256: 'ab*' } }");
    expect(hits(digest, clipboard({ sha256: "abcd", bytes: 1 }))).toBe(1);
    expect(hits(digest, clipboard({ sha256: "dcba", bytes: 1 }))).toBe(0);
  });

  it("looks at the text, line breaks and all", () => {
    const rule = only("{ clipboard: { content: { regex: 'BEGIN [A-Z ]*PRIVATE KEY' } } }");
    const text = "hello\n-----BEGIN RSA PRIVATE KEY-----\n";
    expect(hits(rule, clipboard({ text, bytes: text.length }))).toBe(1);
    expect(hits(rule, clipboard({ text: "hello", bytes: 5 }))).toBe(0);
    expect(doubts(rule, clipboard())).toBe(1);
    expect(hits(rule, clipboard({ mimetype: "image/png", bytes: 5 }))).toBe(0);
  });

  it("says what was to pass, never what it holds", () => {
    const rule = only("{ clipboard: { content: { regex: secret } } }");
    const [hit] = rule.judgeActivity(
      clipboard({ text: "my secret", bytes: 9 }),
      MOMENT,
      someSubject(),
    );
    expect(hit?.message).toBe("Not upload of the clipboard (text/plain, 9 bytes).");
    expect(JSON.stringify(hit)).not.toContain("my secret");
  });

  it("holds for no command, file or request", () => {
    const rule = only("{ clipboard: { direction: any } }");
    const file = { kind: "transfer", direction: "upload", via: "scp", path: "/x" } as const;
    expect(rule.judgeActivity(file, MOMENT, someSubject())).toEqual([]);
    expect(hits(rule, clipboard())).toBe(1);
  });

  it("is tested inside its file", () => {
    const pack = packOf(`
  - id: no-large-copies
    name: A
    match: { clipboard: { direction: download, size: '> 10' } }
    action: block
    tests:
      - { event: { type: clipboard, direction: download, bytes: 11, content: x, sha256: aa }, expect: true }
      - { event: { type: clipboard, mimetype: text/html, bytes: 11 }, expect: false }
`);
    const report = testRules([{ file: "a.yaml", text: pack }]);
    expect(report.ok && report.value).toMatchObject({ passed: 2, failures: [], untested: [] });
  });

  it.each([
    ["a key that is unknown", "{ clipboard: { colour: red } }"],
    ["nothing at all", "{ clipboard: {} }"],
    ["a direction that is none", "{ clipboard: { direction: sideways } }"],
  ])("is refused with %s", (_name, match) => {
    expect(
      faultsOf(packOf(`  - { id: rule-a, name: A, match: ${match}, action: block }`)),
    ).not.toEqual([]);
  });
});
