// The schema for editors and the reader of rule files say the same. The reader is the judge.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { ruleSchema } from "../../scripts/docs/rule-schema.js";
import { compileRules } from "../../src/rules/index.js";
import { seed } from "../../src/testing/index.js";

const validate = new Ajv2020({ allErrors: false, strictTypes: false }).compile(
  JSON.parse(ruleSchema()) as object,
);

const PACKS = ["config/rules", "config/rules/linux"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(folder, name)),
);

function readerAccepts(value: unknown): boolean {
  const text = stringify(value, { aliasDuplicateObjects: false });
  const compiled = compileRules([{ file: "x.yaml", text }], { sha256: () => "" });
  if (compiled.ok) return true;
  // What a name refers to (a list, a rule) is beyond any schema.
  return compiled.error.every(
    ({ code }) => code === "CHP_RULES_REFERENCE" || code === "CHP_RULES_REGEX",
  );
}

const pack = (rule: unknown): unknown => ({
  apiVersion: "chaperone/v1",
  kind: "RulePack",
  metadata: { name: "some-pack", version: "1.0.0" },
  rules: [rule],
});

describe("the JSON Schema of rule files", () => {
  it.each(PACKS)("accepts %s, which names it for editors", (path) => {
    const text = readFileSync(path, "utf8");
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=(\.\.\/)+docs\/reference\/rules\.schema\.json$/m,
    );
  });

  it("refuses an unknown word wherever one stands", () => {
    const value = parse(readFileSync("config/rules/linux/evasion.yaml", "utf8")) as object;
    const places = mappingsOf(value);
    const refused = places.filter((place) => {
      place["nobodyKnows"] = 1;
      const good = validate(value);
      delete place["nobodyKnows"];
      return !good;
    });
    expect(refused.length).toBe(places.length);
  });

  it("accepts whatever the reader accepts", () => {
    let accepted = 0;
    fc.assert(
      fc.property(ruleLike, (rule) => {
        const value = pack(rule);
        if (!readerAccepts(value)) return;
        accepted += 1;
        expect(validate(value), `${JSON.stringify(validate.errors)} ${JSON.stringify(rule)}`).toBe(
          true,
        );
      }),
      { numRuns: 400, seed },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

/** Mappings whose words are fixed: not the free ones (env, opts, labels, lists). */
function mappingsOf(value: unknown, key = ""): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((one) => mappingsOf(one, key));
  if (typeof value !== "object" || value === null) return [];
  const own = value as Record<string, unknown>; // parsed YAML
  const inner = Object.entries(own).flatMap(([name, one]) => mappingsOf(one, name));
  return FREE.has(key) ? inner : [own, ...inner];
}

const FREE = new Set(["env", "opts", "labels", "lists", "message", "position"]);

const word = fc.constantFrom<unknown>(
  "rm",
  "/etc/**",
  "-rf",
  "",
  7,
  true,
  null,
  "block",
  ">= 3",
  "10.0.0.0/8",
);
const pattern = fc.oneof(
  word,
  fc.dictionary(
    fc.constantFrom("glob", "regex", "path", "num", "cidr", "host", "case", "list", "odd"),
    word,
    { maxKeys: 2 },
  ),
);
const patterns = fc.oneof(pattern, fc.array(pattern, { maxLength: 2 }));
const quant = fc.oneof(
  patterns,
  fc.dictionary(fc.constantFrom("any", "all", "none", "count"), patterns, { maxKeys: 2 }),
);
const scope = fc.record(
  {
    persons: patterns,
    groups: word,
    channels: fc.constantFrom("shell", ["exec", "agent"], "odd"),
    ticket: fc.constantFrom("present", "maybe"),
    sessionRisk: fc.constantFrom(">= 60", 60, "high"),
    context: fc.constantFrom("program", ["shell", "unknown"], "x"),
    time: fc.record(
      { windows: fc.constant(["mon 08:00-09:00"]), outside: word },
      { requiredKeys: [] },
    ),
    targets: fc.oneof(
      word,
      fc.record({ names: word, labels: fc.constant({ a: "b" }) }, { requiredKeys: [] }),
    ),
  },
  { requiredKeys: [] },
);
const counter = fc.record(
  {
    count: fc.constantFrom<unknown>(1, 3, 0, "3"),
    within: fc.constantFrom("5m", "soon"),
    by: fc.constantFrom("session", ["person"], "me"),
    distinct: fc.constantFrom("arg", "odd"),
  },
  { requiredKeys: [] },
);
const command = fc.record(
  {
    exec: patterns,
    args: quant,
    raw: quant,
    flags: patterns,
    argv: patterns,
    env: fc.dictionary(fc.constantFrom("A", "B"), patterns, { maxKeys: 2 }),
    position: fc.dictionary(fc.constantFrom("0", "1"), patterns, { maxKeys: 2 }),
    context: fc.constantFrom("top", "odd"),
    unparsed: word,
    redirect: fc.record({ op: word, target: patterns }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const match = fc.oneof(
  fc.record({ command }),
  fc.array(fc.record({ command }), { minLength: 1, maxLength: 2 }),
  fc.record({
    transfer: fc.record(
      {
        direction: fc.constantFrom("upload", "any", "x"),
        size: fc.constantFrom<unknown>("> 1MB", 5, "big"),
        path: patterns,
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    forward: fc.record(
      {
        kind: fc.constantFrom("local", ["agent", "x11"], "dynamic"),
        port: fc.constantFrom<unknown>(22, "8000-9000", ["1", 2], "x"),
        host: patterns,
      },
      { requiredKeys: [] },
    ),
  }),
);
const action = fc.oneof(
  fc.constantFrom<unknown>("block", "alert", "odd", ["alert", "kill"], []),
  fc.record(
    {
      do: fc.constantFrom("reauth", "kill"),
      after: counter,
      attempts: fc.constantFrom(1, 11),
      grace: fc.constantFrom("5m", "x"),
      approvers: word,
    },
    { requiredKeys: ["do"] },
  ),
);
const GOOD = { id: "rule-a", name: "A", match: { command: { exec: "rm" } }, action: "block" };
const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.constantFrom<unknown>("A rule", 7),
  match,
  action,
  scope,
  threshold: counter,
  criticality: fc.constantFrom("high", "odd"),
  maturity: fc.constantFrom("sandbox", "odd"),
  tags: fc.constantFrom<unknown>(["attack.t1"], ["A B"], "x"),
  message: fc.constantFrom<unknown>("no", { en: "no", "pt-BR": "não" }, 7),
  expires: fc.constantFrom("2027-01-01", "soon"),
  tests: fc.constantFrom<unknown>([], [{ line: "rm", expect: true }], [{ expect: "block" }]),
};
/** A good rule with one part of it made up: enough of them are good. */
const ruleLike = fc.oneof(
  ...Object.entries(FIELDS).map(([field, made]) =>
    made.map((value) => ({ ...GOOD, [field]: value })),
  ),
);
