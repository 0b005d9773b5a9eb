import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { MAYBE, YES } from "../matchers/certainty.js";
import { viewLine, type InvocationView } from "../matchers/view.js";
import { commandFor, compileForTest, someSubject } from "../rules.testing.js";
import { collectRules } from "./collect.js";

const LONG = process.env["CHAPERONE_LONG"] === "1";
const word = fc.constantFrom(
  "rm",
  "sh",
  "cat",
  "curl",
  "etc",
  "/etc",
  "/etc/passwd",
  "/e*",
  "/srv/*",
  "~",
  "~/x",
  "../etc",
  "x=/etc/y",
  "-rf",
  "--force",
  "-o",
  "secret",
  "Secret-7",
  "http://evil.example/x",
  "10.0.0.7",
  "7",
  ".ssh/id_rsa",
  "$x",
  "'a b'",
  "$(date)",
  "*.log",
  "/proc/self/root/etc",
  "--file=/etc/x",
  "{a,b}",
  "root",
);
const plain = fc.constantFrom(
  "rm",
  "cat",
  "etc",
  "/etc/**",
  "/etc",
  "**/.ssh/*",
  "~/**",
  "/srv/?pp/**",
  "sec*",
  "*.log",
  "secret",
  "7",
  "*",
  "/",
  "root",
  "?m",
  "./x",
  "passwd",
  "[rs]m",
);
const pattern = fc.oneof(
  plain.map((one) => JSON.stringify(one)),
  fc.constantFrom(
    '{ regex: "^sec[a-z]+" }',
    '{ regex: "(?i)SECRET" }',
    '{ contains: "ecre" }',
    '{ startswith: "/et" }',
    '{ endswith: "wd", case: false }',
    "{ list: protected }",
    '{ regex: "^.*x" }',
    '{ num: ">= 5" }',
    "{ cidr: 10.0.0.0/8 }",
    '{ glob: "*://evil*" }',
    '{ equals: "-rf" }',
    '{ path: "/etc/**" }',
  ),
);
const quant = fc.oneof(
  pattern,
  fc
    .tuple(fc.constantFrom("any", "all", "none"), fc.array(pattern, { minLength: 1, maxLength: 2 }))
    .map(([key, list]) => `{ ${key}: [${list.join(", ")}] }`),
);
const leaf: fc.Arbitrary<string> = fc.oneof(
  quant.map((one) => `args: ${one}`),
  pattern.map((one) => `exec: ${one}`),
  pattern.map((one) => `path: ${one}`),
  quant.map((one) => `raw: ${one}`),
  quant.map((one) => `normalized: ${one}`),
  pattern.map((one) => `stdin: ${one}`),
  pattern.map((one) => `via: ${one}`),
  pattern.map((one) => `runas: ${one}`),
  pattern.map((one) => `cwd: ${one}`),
  pattern.map((one) => `env: { SOME: ${one} }`),
  pattern.map((one) => `redirect: { op: write, target: ${one} }`),
  pattern.map((one) => `deletes: { recursive: true, path: ${one} }`),
  pattern.map((one) => `pipeTo: { args: ${one} }`),
  pattern.map((one) => `pipeFrom: { exec: ${one} }`),
  pattern.map((one) => `opts: { file: ${one} }`),
  pattern.map((one) => `position: { 1: ${one} }`),
  fc.constantFrom('argv: ["{rm|cat}", "{etc|secret}", "..."]', "flags: [force]", "unparsed: false"),
);
const command = fc
  .uniqueArray(leaf, { minLength: 1, maxLength: 2, selector: (one) => one.split(":")[0] })
  .map((keys) => `{ command: { ${keys.join(", ")} } }`);
const match = fc.oneof(
  command,
  fc.tuple(command, command).map(([a, b]) => `[${a}, ${b}]`),
  fc.tuple(command, command).map(([a, b]) => `{ all: [${a}, ${b}] }`),
  fc.tuple(command, command).map(([a, b]) => `{ all: [${a}, { not: ${b} }] }`),
  command.map((one) => `{ not: ${one} }`),
);
const simple = fc
  .tuple(
    fc.constantFrom("", "", "sudo ", "SOME=/etc/x ", "SOME=$y ", "env "),
    fc.array(word, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "", " > /etc/x", " < $y", " <<< secret"),
  )
  .map(([before, words, behind]) => before + words.join(" ") + behind);
const line = fc.oneof(
  fc
    .tuple(simple, fc.constantFrom("; ", " | ", " && "), simple)
    .map(([a, joint, b]) => a + joint + b),
  simple,
  fc.constantFrom("# a secret", "", "cat 'open", "ln -s / x; rm -rf x/etc"),
);

describe("rules that are found by an index", () => {
  it("are those that asking every rule about every invocation finds", () => {
    fc.assert(
      fc.property(
        fc.array(match, { minLength: 1, maxLength: 8 }),
        fc.array(fc.tuple(line, fc.constantFrom(undefined, "/", "/srv/app")), {
          minLength: 1,
          maxLength: 5,
        }),
        (matches, lines) => {
          const text = [
            "apiVersion: chaperone/v1\nkind: RulePack\nmetadata: { name: some, version: 1.0.0 }",
            "lists: { protected: [/etc/**, rm, secret] }\nrules:",
            ...matches.map(
              (one, i) => `- { id: rule-${i}, name: R, match: ${one}, action: alert }`,
            ),
          ].join("\n");
          const ruleset = compileForTest(text);
          const { rules } = collectRules([{ file: "x.yaml", text }]);
          for (const [typed, cwd] of lines) {
            const moment = commandFor(typed, cwd === undefined ? {} : { cwd, home: "/home/a" });
            const { analysis } = moment;
            const views = viewLine(moment).views;
            // What is only supposed to run is possible at most.
            const supposed = viewLine({
              ...moment,
              analysis: { ...analysis, invocations: analysis.supposed ?? [] },
            }).views;
            const asks = (wanted: number): readonly [InvocationView, readonly number[]][] => [
              ...views.map((view): [InvocationView, number[]] => [view, [wanted]]),
              ...(wanted === MAYBE ? supposed : []).map((view): [InvocationView, number[]] => [
                view,
                [YES, MAYBE],
              ]),
            ];
            const answering = (wanted: number): readonly string[] =>
              rules
                .filter(({ match: tree }) =>
                  (tree.alternatives ?? [tree]).some((one) =>
                    asks(wanted).some(
                      ([view, answers]) =>
                        (one.execs === null ||
                          one.execs.includes(view.invocation.exec ?? "\u0000")) &&
                        answers.includes(one.test(view, {})),
                    ),
                  ),
                )
                .map((rule) => rule.ref.id);
            if (views.length === 0) continue;
            const ids = (hits: readonly { rule: { id: string } }[]): readonly string[] =>
              hits.map((hit) => hit.rule.id).sort();
            const told = `${text}\n${typed}`;
            const certain = ids(
              ruleset
                .judge(moment, someSubject())
                .filter((hit) => !hit.evidence.startsWith("unparsed")),
            );
            expect(certain, told).toEqual([...answering(YES)].sort());
            expect(ids(ruleset.doubts(moment, someSubject())), told).toEqual(
              [...answering(MAYBE)].sort(),
            );
          }
        },
      ),
      { numRuns: LONG ? 3_000 : 120, seed },
    );
  });
});
