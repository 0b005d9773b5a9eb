import { describe, expect, it } from "vitest";
import { MICROS_PER_MS, wallMicros } from "../kernel/index.js";
import {
  createHitMemory,
  joinMemories,
  strictestVerb,
  type CompiledRuleset,
  type HitMemory,
  type RuleSubject,
} from "./index.js";
import {
  commandFor,
  compileForTest,
  faultsOf,
  NOON,
  packOf,
  someSubject,
} from "./rules.testing.js";

const MINUTE_MS = 60_000;

/** Types lines one after the other; answers, a line, the rules that hit with their strictest verb. */
function typed(
  ruleset: CompiledRuleset,
  lines: readonly (readonly [line: string, minute: number])[],
  {
    memory = createHitMemory(),
    session = someSubject(),
  }: { memory?: HitMemory; session?: RuleSubject } = {},
): readonly string[] {
  return lines.map(([line, minute]) => {
    const wall = wallMicros(NOON + minute * MINUTE_MS * MICROS_PER_MS);
    const command = commandFor(line, {}, { wall });
    const { hits, marks } = ruleset.correlate(ruleset.judge(command, session), {
      memory,
      session,
      moment: command,
    });
    for (const mark of marks) memory.add(mark);
    return hits
      .map((hit) => `${hit.rule.id}:${strictestVerb(hit.actions.map(({ verb }) => verb))}`)
      .join(" ");
  });
}

const rule = (id: string, exec: string, more: string, action = "block"): string =>
  `  - { id: ${id}, name: ${id}, match: { command: { exec: ${exec} } }, action: ${action}, ${more} }`;

describe("a threshold", () => {
  const three = compileForTest(
    packOf(rule("rule-a", "nmap", "threshold: { count: 3, within: 5m, by: [session] }")),
  );

  it("lets the rule hold from the n-th time on, within the window", () => {
    expect(
      typed(three, [
        ["nmap a", 0],
        ["nmap b", 1],
        ["nmap c", 2],
        ["nmap d", 3],
      ]),
    ).toEqual(["", "", "rule-a:block", "rule-a:block"]);
    expect(
      typed(three, [
        ["nmap a", 0],
        ["nmap b", 4],
        ["nmap c", 6],
        ["ls", 7],
      ]),
    ).toEqual(["", "", "", ""]);
  });

  it("counts different values where it says so", () => {
    const distinct = compileForTest(
      packOf(
        `  - { id: rule-a, name: A, match: { command: { exec: ssh, args: { any: { regex: "." } } } },
      action: alert, threshold: { count: 3, within: 1h, distinct: arg } }`,
      ),
    );
    expect(
      typed(distinct, [
        ["ssh db-1", 0],
        ["ssh db-1", 1],
        ["ssh db-2", 2],
        ["ssh db-3", 3],
      ]),
    ).toEqual(["", "", "", "rule-a:alert"]);
  });

  it("takes the first word that is no option where no pattern asks about words", () => {
    const distinct = compileForTest(
      packOf(rule("rule-a", "ssh", "threshold: { count: 2, within: 1h, distinct: arg }")),
    );
    expect(
      typed(distinct, [
        ["ssh -v db-1", 0],
        ["ssh db-1", 1],
        ["ssh db-2", 2],
      ]),
    ).toEqual(["", "", "rule-a:block"]);
  });

  it("by person goes on over sessions, by session does not", () => {
    const shared = createHitMemory();
    const pack = (by: string): CompiledRuleset =>
      compileForTest(
        packOf(rule("rule-a", "nmap", `threshold: { count: 2, within: 1h, by: [${by}] }`)),
      );
    const again = (ruleset: CompiledRuleset): readonly string[] => [
      ...typed(ruleset, [["nmap a", 0]], { memory: joinMemories(createHitMemory(), shared) }),
      ...typed(ruleset, [["nmap b", 1]], { memory: joinMemories(createHitMemory(), shared) }),
      ...typed(ruleset, [["nmap c", 2]], {
        memory: joinMemories(createHitMemory(), shared),
        session: { ...someSubject(), person: { ...someSubject().person, name: "bob" } },
      }),
    ];
    expect(again(pack("session"))).toEqual(["", "", ""]);
    expect(again(pack("person"))).toEqual(["", "rule-a:block", ""]);
  });

  it.each([
    ["by person without an end", "threshold: { count: 3, by: [person] }", /needs "within"/],
    ["of nothing", "threshold: { within: 5m }", /needs "count"/],
    ["by what nobody knows", "threshold: { count: 3, by: [window] }", /none of session, person/],
    ["beyond memory", "threshold: { count: 1001 }", /from 1 to 1000/],
  ])("%s is refused", (_name, text, message) => {
    const faults = faultsOf(packOf(rule("rule-a", "ls", text))).map((fault) => fault.message);
    expect(faults.join()).toMatch(message);
  });
});

describe("an action after some hits", () => {
  it("blocks twice, then ends the session", () => {
    const counted = compileForTest(
      packOf(
        rule(
          "rule-a",
          "rm",
          "criticality: high",
          "[block, { do: kill, after: { count: 3, by: [session] } }]",
        ),
      ),
    );
    expect(
      typed(counted, [
        ["rm a", 0],
        ["rm b", 1],
        ["rm c", 2],
      ]),
    ).toEqual(["rule-a:block", "rule-a:block", "rule-a:kill"]);
  });
});

describe("a sequence of rules", () => {
  const parts = [
    rule("rule-a", "curl", "mode: enforce", "log"),
    rule("rule-b", "chmod", "mode: enforce", "log"),
  ].join("\n");
  const sequence = (more: string): CompiledRuleset =>
    compileForTest(
      packOf(`${parts}
  - { id: rule-s, name: S, action: block, sequence: { rules: [rule-a, rule-b], within: 5m${more} } }`),
    );

  it("hits when its rules hit one after the other in time", () => {
    expect(
      typed(sequence(""), [
        ["curl x", 0],
        ["ls", 1],
        ["chmod +x y", 2],
      ]),
    ).toEqual(["rule-a:log", "", "rule-b:log rule-s:block"]);
    expect(
      typed(sequence(""), [
        ["curl x", 0],
        ["chmod +x y", 6],
      ]),
    ).toEqual(["rule-a:log", "rule-b:log"]);
    expect(
      typed(sequence(""), [
        ["chmod +x y", 0],
        ["curl x", 1],
      ]),
    ).toEqual(["rule-b:log", "rule-a:log"]);
    expect(typed(sequence(""), [["curl x && chmod +x y", 0]])).toEqual([
      "rule-a:log rule-b:log rule-s:block",
    ]);
  });

  it("in any order where it says so", () => {
    expect(
      typed(sequence(", ordered: false"), [
        ["chmod +x y", 0],
        ["curl x", 1],
      ]),
    ).toEqual(["rule-b:log", "rule-a:log rule-s:block"]);
  });

  it.each([
    [
      "an unknown rule",
      "sequence: { rules: [rule-a, rule-x], within: 5m }",
      /there is no rule "rule-x"/,
    ],
    ["one rule", "sequence: { rules: [rule-a], within: 5m }", /2 to 16/],
    ["a rule twice", "sequence: { rules: [rule-a, rule-a], within: 5m }", /twice/],
    ["no time", "sequence: { rules: [rule-a, rule-b] }", /needs "within"/],
    [
      "a match beside it",
      "match: { command: { exec: ls } }, sequence: { rules: [rule-a, rule-b], within: 5m }",
      /has no "match"/,
    ],
  ])("of %s is refused", (_name, text, message) => {
    const faults = faultsOf(
      packOf(`${parts}\n  - { id: rule-s, name: S, action: block, ${text} }`),
    );
    expect(faults.map((fault) => fault.message).join()).toMatch(message);
  });
});

describe("the memory of hits", () => {
  it("forgets the longest unused key, and keeps no more marks than anybody asks for", () => {
    const memory = createHitMemory(2);
    const add = (key: string, at: number): void =>
      memory.add({ key, at: wallMicros(at), value: "", keep: 3, shared: false });
    for (const at of [1, 2, 3, 4, 5]) add("a", at);
    expect(memory.marks("a").map(({ at }) => at)).toEqual([3, 4, 5]);
    add("b", 6);
    add("a", 7);
    add("c", 8);
    expect(memory.marks("b")).toEqual([]);
    expect(memory.marks("a")).toHaveLength(3);
  });
});
