import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { wallMicros } from "../../kernel/index.js";
import { compileRules } from "../../rules/index.js";
import { explain, type ExplainedLine } from "./explain-line.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: explained, version: 1.0.0 }
rules:
  - id: exp-rm
    name: No recursive delete
    match: { command: { exec: rm, flags: { all: [recursive, force] }, args: { any: /srv } } }
    action: block
`;

function explained(line: string, onUnparsed: "alert" | "block" = "alert"): ExplainedLine {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const ruleset = compileRules([{ file: "explained.yaml", text: RULES }], { sha256 });
  if (!ruleset.ok) throw new Error("the rules of this test do not compile");
  return explain(line, {
    ruleset: ruleset.value,
    subject: {
      person: { name: "alice", groups: [], phrase: "", factors: [] },
      account: "root",
      target: { name: "db", address: "embedded", labels: {}, embedded: true },
      protocol: "ssh",
      origin: "127.0.0.1",
    },
    onUnparsed,
    wall: wallMicros(0),
  });
}

describe("the explanation of a line", () => {
  it("is the verdict of a session", () => {
    expect(explained("rm -rf /srv").verdict).toBe("block");
    expect(explained("ls /srv").verdict).toBe("allow");
  });

  it("counts rules that unknown words could meet as doubt, as a session does", () => {
    const told = explained('rm -rf "$x"');
    expect(told.verdict).toBe("alert");
    expect(told.doubt).toContain("exp-rm");
    expect(explained('rm -rf "$x"', "block").verdict).toBe("block");
    expect(explained('echo "$x"').doubt).toBeUndefined();
  });
});
