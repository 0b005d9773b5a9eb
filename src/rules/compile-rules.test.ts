import { describe, expect, it } from "vitest";
import { describeFault } from "../kernel/index.js";
import { compileRules } from "./index.js";
import { compileForTest, faultsOf, hitIds, packOf, sha256 } from "./rules.testing.js";

const GOOD = packOf(`  - id: no-rm
    name: No rm
    match: { command: { exec: rm } }
    action: block`);

function told(...texts: readonly string[]): readonly string[] {
  return faultsOf(...texts).map(describeFault);
}

/** One rule with one more line. */
function ruleWith(line: string): string {
  return packOf(`  - id: some-rule
    name: Some rule
    match: { command: { exec: rm } }
    action: block
    ${line}`);
}

/** One rule with another match. */
function matching(match: string): string {
  return packOf(`  - id: some-rule
    name: Some rule
    match: ${match}
    action: block`);
}

describe("a rule file that can not be read is refused at its place", () => {
  it.each([
    ["not YAML", "a: [", /^rules-0\.yaml:1:\d+ CHP_RULES_YAML/],
    ["empty", "", /^rules-0\.yaml:1:1 CHP_RULES_SHAPE the file is empty/],
    ["a key twice", "kind: RulePack\nkind: RulePack\n", /^rules-0\.yaml:2:1 CHP_RULES_YAML/],
    ["another version", GOOD.replace("chaperone/v1", "chaperone/v2"), /:1:13 .*apiVersion/],
    ["an unknown kind", GOOD.replace("RulePack", "RulesPack"), /:2:7 .*did you mean "RulePack"/],
    [
      "an unknown key",
      GOOD.replace("    action", "    acton"),
      /:9:5 .*"acton".*did you mean "action"/,
    ],
    ["no id", GOOD.replace("id: no-rm", "description: x"), /:6:5 .*a rule needs "id"/],
    ["a bad id", GOOD.replace("no-rm", "No Rm"), /:6:9 .*id "No Rm"/],
    ["an unknown verb", GOOD.replace("block", "blok"), /:9:13 .*did you mean "block"/],
    ["a number for a text", ruleWith("tags: 7"), /:10:11 .*tags must be a list/],
    ["an empty match", matching("{}"), /:8:12 .*match is empty/],
    ["an empty command", matching("{ command: {} }"), /:8:23 .*command is empty/],
    ["an unknown matcher", matching("{ command: { exce: rm } }"), /:8:25 .*did you mean "exec"/],
    [
      "a missing list",
      matching("{ command: { exec: { list: shels } } }"),
      /:8:39 CHP_RULES_REFERENCE/,
    ],
    [
      "a bad duration",
      ruleWith("exceptions: [{ reason: long enough, owner: me, expires: soon }]"),
      /:10:61 .*expires/,
    ],
    [
      "a short reason",
      ruleWith("exceptions: [{ reason: short, owner: me, expires: 2027-01-01 }]"),
      /:10:28 .*at least 8/,
    ],
    [
      "no owner",
      ruleWith("exceptions: [{ reason: long enough, expires: 2027-01-01 }]"),
      /needs "owner"/,
    ],
    ["a day that is none", ruleWith("expires: 2027-02-30"), /:10:14 .*date/],
    ["a bad window", ruleWith('scope: { time: { windows: ["mon 8-18"] } }'), /:10:32 .*mon-fri/],
    [
      "no such zone",
      ruleWith('scope: { time: { windows: ["mon 08:00-18:00"], timezone: Mars/Base } }'),
      /unknown timezone/,
    ],
    [
      "a channel that is nearly one",
      ruleWith("scope: { channels: [sell] }"),
      /:10:25 .*did you mean "shell"/,
    ],
    [
      "a factor that is nearly one",
      GOOD.replace("block", "{ do: reauth, factors: [totpp] }"),
      /unknown factor "totpp"; did you mean "totp"/,
    ],
    [
      "a counter of what is nearly something",
      ruleWith("threshold: { count: 3, by: [sesion] }"),
      /did you mean "session"/,
    ],
    ["a bad network", ruleWith("scope: { origin: { cidr: 10.0.0.0/99 } }"), /:10:30 .*network/],
    ["a test without an expectation", ruleWith("tests: [{ line: ls }]"), /needs "expect"/],
    ["a YAML alias", `x: &a 1\ny: *a\n${GOOD}`, /unknown key "x"/],
  ])("%s", (_name, text, message) => {
    const faults = told(text);
    expect(
      faults.some((one) => message.test(one)),
      faults.join("\n"),
    ).toBe(true);
  });
});

describe("a regular expression that is not linear is refused at its place", () => {
  it.each([
    ["lookahead", "a(?=b)", 41],
    ["negative lookahead", "ab(?!c)", 42],
    ["lookbehind", "(?<=a)b", 40],
    ["backreference", String.raw`(a)\1`, 43],
    ["unclosed group", "a(b", undefined],
    ["bad repetition", "a**", undefined],
    ["unclosed set", "[a", undefined],
  ])("%s", (_name, regex, column) => {
    const [fault] = faultsOf(matching(`{ command: { raw: { regex: '${regex}' } } }`));
    expect(fault).toMatchObject({ code: "CHP_RULES_REGEX", at: { line: 8 } });
    if (column !== undefined) expect(fault?.at?.column).toBe(column);
  });

  it("catastrophic for others, harmless here", () => {
    const ruleset = compileForTest(matching("{ command: { raw: { regex: '(a+)+$' } } }"));
    expect(ruleset.size).toBe(1);
  });
});

describe("what this version does not evaluate is refused, never ignored", () => {
  it.each([
    ...["sql", "window", "keys", "output", "session"].map((kind) =>
      matching(`{ ${kind}: { x: y } }`),
    ),
    ruleWith("scope: { roles: [x] }"),
    ruleWith("scope: { credentials: { privileged: true } }"),
    GOOD.replace("block", "{ do: reauth, factors: [radius] }"),
    `${GOOD}\nincludes: [{ file: x.yaml }]`,
  ])("%#", (text) => {
    expect(faultsOf(text).map((one) => one.code)).toContain("CHP_RULES_UNSUPPORTED");
  });
});

describe("several files are one set", () => {
  const lists = (name: string): string =>
    `apiVersion: chaperone/v1\nkind: Lists\nmetadata: { name: some-lists, version: 1.0.0 }\nlists: { ${name}: [sh, bash] }`;

  it("lists of one file serve the rules of another", () => {
    const rules = matching("{ command: { exec: { list: shells } } }");
    expect(compileForTest(rules, lists("shells")).size).toBe(1);
    expect(told(rules, lists("shelfs"))[0]).toContain('did you mean "shelfs"');
  });

  it("an id stands for one rule, a name for one list", () => {
    expect(told(GOOD, GOOD)[0]).toMatch(/^rules-1\.yaml:6:5 .*used already at rules-0\.yaml:6/);
    expect(told(lists("shells"), lists("shells"))[0]).toContain("defined twice");
  });

  it("a list of one's own may be called like one of a builtin pack, and each means its own", () => {
    const pack = (id: string, values: string): string =>
      `${matching("{ command: { exec: { list: tools } } }").replaceAll("some-rule", id)}\nlists: { tools: [${values}] }\n`;
    const compiled = compileRules(
      [
        { file: "own.yaml", text: pack("own-rule", "mine") },
        { file: "pack.yaml", text: pack("pack-rule", "theirs"), maturities: ["stable"] },
      ],
      { sha256 },
    );
    if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("\n"));
    expect(hitIds(compiled.value, "mine; true")).toEqual(["own-rule"]);
    expect(hitIds(compiled.value, "theirs; true")).toEqual(["pack-rule"]);
  });

  it("all faults of all files are told at once, and nothing is compiled", () => {
    const bad = GOOD.replace("block", "blok").replace("exec", "exce");
    expect(told(bad, bad.replaceAll("no-rm", "other")).length).toBeGreaterThanOrEqual(4);
  });

  it("an override needs a rule, a reason and an owner", () => {
    const override = (line: string): string =>
      `apiVersion: chaperone/v1\nkind: Overrides\nmetadata: { name: local, version: 1.0.0 }\noverrides: [ ${line} ]`;
    const good = "{ rule: no-rm, mode: off, reason: not used here, owner: maria }";
    expect(compileForTest(GOOD, override(good)).rules[0]?.mode).toBe("off");
    expect(told(GOOD, override(good.replace("no-rm", "no-mr")))[0]).toContain(
      'did you mean "no-rm"',
    );
    expect(told(GOOD, override("{ rule: no-rm, mode: off }")).join()).toContain("reason");
  });
});

describe("the digest names the set", () => {
  const digest = (...texts: readonly string[]): string => compileForTest(...texts).digest;
  const other = GOOD.replaceAll("no-rm", "other");

  it("and stays the same over reloads, line ends and the order of files", () => {
    expect(digest(GOOD)).toBe(digest(GOOD));
    expect(digest(GOOD)).toBe(digest(GOOD.replaceAll("\n", "\r\n")));
    expect(digest(GOOD, other)).toBe(digest(other, GOOD));
    expect(digest(GOOD)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("and changes with any rule", () => {
    expect(digest(GOOD)).not.toBe(digest(GOOD.replace("block", "kill")));
  });
});

describe("no rules", () => {
  it("are a ruleset that allows", () => {
    const compiled = compileRules([], { sha256 });
    expect(compiled.ok && compiled.value.size).toBe(0);
  });
});
