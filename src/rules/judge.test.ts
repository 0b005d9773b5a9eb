import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wallMicros } from "../kernel/index.js";
import {
  createHitMemory,
  explainLine,
  resolveVerdict,
  testRules,
  type RuleSubject,
} from "./index.js";
import {
  commandFor,
  compileForTest,
  hitIds,
  hitsOf,
  NOON,
  packOf,
  someSubject,
} from "./rules.testing.js";

/** A ruleset of one rule. */
function only(match: string, more = "", action = "block"): ReturnType<typeof compileForTest> {
  return compileForTest(
    packOf(`  - id: the-rule
    name: The rule
    match: ${match}
    action: ${action}
    ${more}`),
  );
}

function hits(match: string, line: string): boolean {
  return hitIds(only(match), line, { cwd: "/home/alice", home: "/home/alice" }).length > 0;
}

describe("matchers of a command", () => {
  it.each([
    ["{ command: { exec: rm } }", "sudo /bin/rm x", "echo rm"],
    ["{ command: { exec: 'mkfs*' } }", "mkfs.ext4 /dev/sda", "mkdir x"],
    ["{ command: { exec: /opt/tool/run } }", "/opt/tool/run", "/opt/other/run"],
    ["{ command: { exec: ['.', source] } }", ". /tmp/x", "./x"],
    ["{ command: { exec: '[' } }", "[ -f x ]", "test -f x"],
    [
      "{ all: [ { command: { exec: ['.', sh] } }, { command: { exec: curl } } ] }",
      ". <(curl x)",
      ". x",
    ],
    ["{ command: { path: '/tmp/**' } }", "/tmp/a/b", "/usr/bin/tmp"],
    ["{ command: { exec: rm, flags: [recursive, force] } }", "rm -fr x", "rm -r x"],
    ["{ command: { exec: rm, flags: [recursive] } }", "rm -R x", "rm -f x"],
    ["{ command: { exec: rm, flags: [-r] } }", "rm --recursive x", "rm -- -r"],
    ["{ command: { exec: rm, flags: [recursive] } }", "rm --rec x", "rm --force x"],
    ["{ command: { exec: rm, flags: { none: [i] } } }", "rm x", "rm --interactive x"],
    ["{ command: { exec: tool, flags: { any: [force] } } }", "tool -f", "tool -F"],
    [
      "{ command: { exec: docker, flags: [privileged] } }",
      "docker run --privileged x",
      "docker run -p 80 x",
    ],
    ["{ command: { exec: cat, args: /etc/shadow } }", "cd /etc; cat ./shadow", "cat shadow"],
    [
      "{ command: { exec: cat, args: /etc/shadow } }",
      "cat /etc/../etc//shadow",
      "cat /etc/shadow.txt",
    ],
    ["{ command: { exec: cat, args: '/etc/**' } }", "cat /et?/passwd", "cat /tmp/*"],
    [
      "{ command: { exec: cat, args: '~/.ssh/*' } }",
      "cat /home/alice/.ssh/id",
      "cat /home/bob/.ssh/id",
    ],
    [
      "{ command: { exec: cat, args: '**/.ssh/id_*' } }",
      "cat ../bob/.ssh/id_rsa",
      "cat .ssh/known_hosts",
    ],
    ["{ command: { exec: dd, args: '/dev/sd*' } }", "dd of=/dev/sda", "dd of=sda"],
    ["{ command: { args: { all: [a, b] } } }", "x b a", "x a"],
    ["{ command: { exec: x, args: { none: [a] } } }", "x b", "x a"],
    ["{ command: { exec: x, args: { count: '>= 2' } } }", "x a b", "x a -b"],
    ["{ command: { args: { any: { startswith: foo } } } }", "x foobar", "x barfoo"],
    ["{ command: { args: { any: { endswith: bar } } } }", "x foobar", "x barfoo"],
    ["{ command: { args: { any: { contains: OB, case: false } } } }", "x foobar", "x foo"],
    [
      "{ command: { exec: type, args: { any: { path: '/Data/**', case: false } } } }",
      "type /dATA/x",
      "type /dat/x",
    ],
    [
      "{ command: { exec: type, args: { any: { path: '/Data/Old/*', case: false } } } }",
      "type /DAT*/o?d/x",
      "type /DAT*/new/x",
    ],
    ["{ command: { args: { any: { equals: foo } } } }", "x foo", "x foobar"],
    ["{ command: { args: { any: { regex: '^fo+$' } } } }", "x foo", "x foob"],
    ["{ command: { args: { any: { num: '> 1000' } } } }", "x 1001", "x 1000"],
    [
      "{ command: { argv: [systemctl, '{stop|disable}', 'audit*'] } }",
      "systemctl --now stop auditd",
      "systemctl start auditd",
    ],
    [
      "{ command: { argv: [git, push, '...', --force] } }",
      "git push origin main --force",
      "git push origin",
    ],
    ["{ command: { argv: [ip, a] } }", "ip a", "ip a show"],
    ["{ command: { exec: mysql, opts: { user: root } } }", "mysql --user=root", "mysql --user bob"],
    ["{ command: { exec: id, via: sudo } }", "sudo env id", "id"],
    ["{ command: { exec: id, runas: root } }", "sudo id", "sudo -u bob id"],
    [
      "{ command: { exec: curl, pipeTo: { exec: sh } } }",
      "curl x | tee y | sudo sh",
      "curl x; sh y",
    ],
    ["{ command: { exec: sh, pipeFrom: { exec: curl } } }", "curl x | sh", "sh x | curl y"],
    [
      "{ command: { redirect: { op: write, target: /etc/passwd } } }",
      "echo x >> /etc/passwd",
      "cat < /etc/passwd",
    ],
    [
      "{ command: { redirect: { op: '>', target: '/dev/sd*' } } }",
      "{ ls; } > /dev/sda",
      "ls >> /dev/sda",
    ],
    ["{ command: { env: { LD_PRELOAD: { regex: . } } } }", "LD_PRELOAD=x ls", "LD_DEBUG=x ls"],
    [
      "{ command: { env: { HISTFILE: /dev/null } } }",
      "export HISTFILE=/dev/null",
      "echo HISTFILE=/dev/null",
    ],
    [
      "{ command: { exec: psql, stdin: { regex: '(?i)drop' } } }",
      "psql <<< 'DROP TABLE x'",
      "psql <<< 'select 1'",
    ],
    ["{ command: { exec: ls, cwd: '/etc/**' } }", "cd /etc/ssh && ls", "ls"],
    ["{ command: { raw: 'drop table' } }", "x 'drop table y'", "x 'drop the table'"],
    ["{ command: { raw: { regex: 'a.c' } } }", "# abc", "# ac"],
    ["{ command: { normalized: { contains: 'rm -rf' } } }", "r''m   -rf x", "rm -r -f x"],
    ["{ command: { exec: rm, context: [loop] } }", "for i in 1; do rm x; done", "rm x"],
    ["[ { command: { exec: a } }, { command: { exec: b } } ]", "b", "c"],
    [
      "{ all: [ { command: { exec: rm } }, { not: { command: { args: '/tmp/**' } } } ] }",
      "ls /tmp/x; rm y",
      "rm /tmp/x",
    ],
    [
      "{ all: [ { command: { exec: curl } }, { command: { exec: sh } } ] }",
      "curl -o x y; sh x",
      "curl -o x y",
    ],
    [
      "{ any: [ { command: { exec: a } }, { command: { exec: b } } ], not: { command: { args: ok } } }",
      "a x",
      "a ok",
    ],
  ])("%s takes %j and leaves %j", (match, hit, miss) => {
    expect(hits(match, hit), hit).toBe(true);
    expect(hits(match, miss), miss).toBe(false);
  });

  it("holds all its keys against one and the same invocation", () => {
    expect(hits("{ command: { exec: rm, args: /etc } }", "rm x; ls /etc")).toBe(false);
  });

  it("leaves an argument that can not be known to the doubts", () => {
    const ruleset = only("{ command: { exec: rm, flags: [recursive], args: '/etc/**' } }");
    const command = commandFor('rm -rf "$dir"');
    expect(ruleset.judge(command, someSubject())).toEqual([]);
    expect(ruleset.doubts(command, someSubject()).map((hit) => hit.rule.id)).toEqual(["the-rule"]);
    expect(ruleset.doubts(commandFor("rm -rf x"), someSubject())).toEqual([]);
  });
});

describe("a line that could not be read", () => {
  it("hits every blocking rule whose program or text occurs in it", () => {
    const deep = `${"$(".repeat(70)}/bin/rm -rf /etc`;
    expect(hitsOf(only("{ command: { exec: rm, args: /etc } }"), deep)[0]?.evidence).toContain(
      "unparsed",
    );
    expect(hitIds(only("{ command: { raw: 'rm -rf' } }"), deep)).toEqual(["the-rule"]);
    expect(hitIds(only("{ command: { exec: mkfs } }"), deep)).toEqual([]);
    expect(hitIds(only("{ command: { exec: rm } }", "", "alert"), deep)).toEqual([]);
  });
});

describe("scope", () => {
  const inScope = (scope: string, subject: Partial<RuleSubject>, wall = NOON): boolean =>
    only("{ command: { exec: ls } }", `scope: ${scope}`).judge(
      commandFor("ls", {}, { wall }),
      someSubject(subject),
    ).length > 0;
  const at = (text: string): typeof NOON => wallMicros(Date.parse(text) * 1000);

  it.each([
    ["{ persons: [alice] }", "{ users: [bob] }"],
    ["{ groups: ['d*'] }", "{ groups: [ops] }"],
    ["{ accounts: [root] }", "{ credentials: { names: [postgres] } }"],
    ["{ targets: { names: ['db-*'] } }", "{ targets: { names: [web-1] } }"],
    ["{ targets: { labels: { env: prod } } }", "{ targets: { labels: { env: test } } }"],
    ["{ targets: { cidr: 192.0.2.0/24 } }", "{ targets: { cidr: 10.0.0.0/8 } }"],
    ["{ origin: { cidr: 10.0.0.0/8 } }", "{ origin: { cidr: '2001:db8::/32' } }"],
    ["{ protocols: [ssh] }", "{ protocols: [rdp] }"],
    ["{ channels: [shell] }", "{ channels: [exec] }"],
    ["{ not: { persons: [bob] } }", "{ not: { persons: [alice], groups: [dba] } }"],
    [
      "{ time: { windows: ['mon-fri 08:00-18:00'] } }",
      "{ time: { windows: ['sat-sun 00:00-24:00'] } }",
    ],
  ])("%s is for this session, %s is not", (inside, outside) => {
    expect(inScope(inside, {})).toBe(true);
    expect(inScope(outside, {})).toBe(false);
  });

  it("reads windows in their time zone, over midnight too", () => {
    const night = "{ time: { windows: ['fri 22:00-02:00'], timezone: America/Sao_Paulo } }";
    expect(inScope(night, {}, at("2026-01-10T02:30:00Z"))).toBe(true); // Friday 23:30 in Sao Paulo
    expect(inScope(night, {}, at("2026-01-10T04:30:00Z"))).toBe(true); // Saturday 01:30 there
    expect(inScope(night, {}, at("2026-01-10T05:00:00Z"))).toBe(false); // Saturday 02:00 there
  });
});

describe("exceptions and overrides", () => {
  const excepted = (body: string): ReturnType<typeof compileForTest> =>
    only(
      "{ command: { exec: rm, flags: [recursive] } }",
      `exceptions: [ { reason: monthly purge, owner: maria, expires: 2026-06-30, ${body} } ]`,
    );

  it("excuse the invocation that they match, not its neighbours", () => {
    const ruleset = excepted("match: { command: { args: { all: ['/tmp/**'] } } }");
    expect(hitIds(ruleset, "rm -r /tmp/x")).toEqual([]);
    expect(hitIds(ruleset, "rm -r /tmp/x; rm -r /etc")).toEqual(["the-rule"]);
  });

  it("downgrade, never upgrade", () => {
    expect(hitsOf(excepted("downgradeTo: warn"), "rm -r x")[0]?.actions).toEqual([
      { verb: "warn" },
    ]);
    expect(hitsOf(excepted("downgradeTo: kill"), "rm -r x")[0]?.actions).toEqual([
      { verb: "block" },
    ]);
  });

  it("end with their day, and say so", () => {
    const ruleset = excepted("scope: { groups: [dba] }");
    const later = wallMicros(Date.UTC(2026, 6, 1) * 1000);
    expect(ruleset.judge(commandFor("rm -r x"), someSubject())).toEqual([]);
    expect(ruleset.judge(commandFor("rm -r x", {}, { wall: later }), someSubject())).toHaveLength(
      1,
    );
    expect(ruleset.warnings(NOON)).toEqual([]);
    expect(ruleset.warnings(later)[0]).toContain("expired");
  });
});

describe("allow-list mode", () => {
  const ruleset = compileForTest(`apiVersion: chaperone/v1
kind: Policy
metadata: { name: kiosk, version: 1.0.0 }
default: deny
rules:
  - { id: may-look, name: May look, effect: allow, match: { command: { exec: [ls, systemctl, cat] } } }`);

  it.each(["ls -l", "sudo systemctl status x", "ls | cat", ""])("lets %j run", (line) => {
    expect(resolveVerdict(hitsOf(ruleset, line)).line).toBe("allow");
  });
  it.each([
    "rm x",
    "ls; rm x",
    "ls $(rm x)",
    "$x",
    "sudo",
    "ssh other ls",
    "x=1",
    "> f",
    "ls )",
    "sh -c ls",
  ])("blocks %j", (line) => {
    expect(resolveVerdict(hitsOf(ruleset, line)).line).toBe("block");
  });
});

describe("the verdict over all hits", () => {
  it("is the strictest of each scale, shadow hits apart", () => {
    const two = compileForTest(
      packOf(`  - { id: rule-a, name: A, match: { command: { exec: ls } }, action: [alert, reauth] }
  - { id: rule-b, name: B, match: { command: { args: '-l' } }, action: [warn, kill] }
  - { id: rule-c, name: C, mode: shadow, match: { command: { exec: pwd } }, action: block }
  - { id: rule-d, name: D, mode: off, match: { command: { exec: pwd } }, action: block }`),
    );
    expect(resolveVerdict(hitsOf(two, "ls"))).toMatchObject({
      line: "reauth",
      session: "none",
      alert: true,
    });
    expect(resolveVerdict(hitsOf(two, "ls -l"))).toMatchObject({ line: "block", session: "kill" });
    expect(hitIds(two, "pwd")).toEqual(["rule-c"]);
    expect(resolveVerdict(hitsOf(two, "pwd")).line).toBe("allow");
  });

  it("counts hits in the session", () => {
    const counted = only(
      "{ command: { exec: ls } }",
      "",
      "[block, { do: kill, after: { count: 3, by: [session] } }]",
    );
    const session = someSubject();
    const memory = createHitMemory();
    const sessions = Array.from({ length: 3 }, () => {
      const command = commandFor("ls");
      const found = counted.judge(command, session);
      const { hits, marks } = counted.correlate(found, { memory, session, moment: command });
      for (const mark of marks) memory.add(mark);
      return resolveVerdict(hits);
    });
    expect(sessions.map(({ line }) => line)).toEqual(["block", "block", "block"]);
    expect(sessions.map((verdict) => verdict.session)).toEqual(["none", "none", "kill"]);
  });

  it("carries settings of reauth", () => {
    const action =
      "{ do: reauth, factors: [totp], attempts: 2, timeout: 45s, grace: 5m, onFail: kill, onTimeout: block }";
    expect(hitsOf(only("{ command: { exec: ls } }", "", action), "ls")[0]?.actions).toEqual([
      {
        verb: "reauth",
        factors: ["totp"],
        attempts: 2,
        timeoutMs: 45_000,
        graceMs: 300_000,
        onFail: "kill",
        onTimeout: "block",
      },
    ]);
  });

  it("fills the message without letting control characters through", () => {
    const ruleset = only(
      "{ command: { exec: rm, args: '/etc/**' } }",
      'message: { pt: "não", en: "no {exec} of {arg}" }',
    );
    expect(hitsOf(ruleset, "rm $'/etc/\\e[2J'")[0]?.message).toBe(
      String.raw`no rm of /etc/\x1b[2J`,
    );
  });

  it("enforces where a rule that is stricter than alert could apply", () => {
    const scoped = only("{ command: { exec: ls } }", "scope: { groups: [dba] }");
    expect(scoped.enforces(someSubject())).toBe(true);
    expect(scoped.enforces(someSubject({ person: { ...someSubject().person, groups: [] } }))).toBe(
      false,
    );
    expect(only("{ command: { exec: ls } }", "", "alert").enforces(someSubject())).toBe(false);
  });
});

describe("tests and explanations", () => {
  it("tests speak of the rule as its file has it, whatever overrides say", () => {
    const rule = packOf(
      "  - { id: rule-a, name: A, match: { command: { exec: rm } }, action: block, tests: [ { line: rm x, expect: block }, { line: ls, expect: false } ] }",
    );
    const override = `apiVersion: chaperone/v1
kind: Overrides
metadata: { name: ours-one, version: 1.0.0 }
overrides: [ { rule: rule-a, action: alert, owner: maria, reason: daily work here } ]`;
    const files = [rule, override].map((text, i) => ({ file: `rules-${i}.yaml`, text }));
    const report = testRules(files);
    expect(report.ok && report.value.failures).toEqual([]);
    expect(hitsOf(compileForTest(rule, override), "rm x")[0]?.actions).toMatchObject([
      { verb: "alert" },
    ]);
  });

  it("a failing test tells what was expected and what came", () => {
    const text = packOf(`  - id: the-rule
    name: The rule
    match: { command: { exec: ls } }
    action: warn
    tests: [ { line: ls, expect: block }, { line: cd, expect: false }, { lines: [x=ls, $x], expect: warn } ]`);
    const report = testRules([{ file: "a.yaml", text }]);
    expect(report.ok && report.value).toMatchObject({
      passed: 2,
      failures: [{ rule: "the-rule", expected: "block", got: "warn", at: { line: 10 } }],
      untested: [],
    });
  });

  it("explains which rules hit and what runs", () => {
    const ruleset = only("{ command: { exec: rm } }");
    expect(
      explainLine(ruleset, "sudo rm x", { subject: someSubject(), context: { wall: NOON } }),
    ).toMatchObject({
      verdict: "block",
      hits: [{ id: "the-rule", action: "block", criticality: "medium" }],
      invocations: [{ exec: "sudo" }, { exec: "rm", via: ["sudo"], runas: "root" }],
      opaque: false,
    });
  });
});

describe("whatever is typed", () => {
  it("judging it answers", () => {
    const ruleset = compileForTest(
      packOf(`  - { id: rule-a, name: A, match: { command: { raw: { regex: '(a|b)*c' } } }, action: block }
  - { id: rule-b, name: B, match: { command: { args: { any: '/etc/**' } } }, action: block }
  - { id: rule-c, name: C, match: { command: { exec: rm, flags: [recursive], pipeTo: { exec: '*' } } }, action: block }`),
    );
    const shellish = fc
      .array(
        fc.constantFrom(
          "rm",
          " ",
          "-rf",
          "/etc",
          "*",
          "|",
          ";",
          "$(",
          ")",
          "'",
          "a",
          "[",
          "..",
          "/",
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(shellish, fc.string({ unit: "binary" })), (line) => {
        expect(Array.isArray(hitsOf(ruleset, line))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
