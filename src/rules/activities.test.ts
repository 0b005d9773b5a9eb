import { describe, expect, it } from "vitest";
import type { ForwardActivity, RuledActivity, TransferActivity } from "../model/index.js";
import { testRules, type CompiledRuleset, type RuledMoment } from "./index.js";
import {
  commandFor,
  compileForTest,
  faultsOf,
  NOON,
  packOf,
  someSubject,
} from "./rules.testing.js";

const MOMENT: RuledMoment = { channelKind: "sftp", wall: NOON };

function only(match: string, more = ""): CompiledRuleset {
  return compileForTest(
    packOf(
      `  - { id: rule-a, name: A, match: ${match}, action: block, message: "Not {arg}." ${more} }`,
    ),
  );
}

const upload = (path: string, more: Partial<TransferActivity> = {}): TransferActivity => ({
  kind: "transfer",
  direction: "upload",
  via: "sftp",
  path,
  ...more,
});
const forward = (
  host: string,
  port: number,
  more: Partial<ForwardActivity> = {},
): ForwardActivity => ({
  kind: "forward",
  forward: "local",
  host,
  port,
  ...more,
});
const hits = (ruleset: CompiledRuleset, activity: RuledActivity): number =>
  ruleset.judgeActivity(activity, MOMENT, someSubject()).length;

describe("a rule about transfers", () => {
  it("looks at direction, way, path and size", () => {
    const rule = only(
      '{ transfer: { direction: upload, via: [sftp, scp], path: /etc/**, size: "> 1KB" } }',
    );
    expect(hits(rule, upload("/etc/passwd", { bytes: 2048 }))).toBe(1);
    expect(hits(rule, upload("/tmp/../etc/passwd", { bytes: 2048 }))).toBe(1);
    expect(hits(rule, upload("/etc/passwd", { bytes: 1024 }))).toBe(0);
    expect(hits(rule, upload("/home/a", { bytes: 2048 }))).toBe(0);
    expect(hits(rule, upload("/etc/passwd", { bytes: 2048, direction: "download" }))).toBe(0);
    expect(hits(rule, upload("/etc/passwd", { bytes: 2048, via: "rsync" }))).toBe(0);
  });

  it("waits for what is not known yet", () => {
    const rule = only("{ transfer: { sha256: abc123 } }");
    expect(hits(rule, upload("/x"))).toBe(0);
    expect(hits(rule, upload("/x", { sha256: "abc123" }))).toBe(1);
  });

  it("says what it is about", () => {
    const [hit] = only("{ transfer: { path: /etc/** } }").judgeActivity(
      upload("/etc/x\u001b[31m"),
      MOMENT,
      someSubject(),
    );
    expect(hit?.evidence).toBe("upload of /etc/x\\x1b[31m by sftp");
    expect(hit?.message).toBe("Not upload of /etc/x\\x1b[31m by sftp.");
  });
});

describe("a rule about forwards", () => {
  it("looks at kind, host and port", () => {
    const rule = only(
      "{ forward: { kind: local, host: { cidr: 10.0.0.0/8 }, port: [22, 5000-5999] } }",
    );
    expect(hits(rule, forward("10.1.2.3", 22))).toBe(1);
    expect(hits(rule, forward("10.1.2.3", 5432))).toBe(1);
    expect(hits(rule, forward("10.1.2.3", 80))).toBe(0);
    expect(hits(rule, forward("192.0.2.1", 22))).toBe(0);
    expect(hits(rule, forward("10.1.2.3", 22, { forward: "remote" }))).toBe(0);
    expect(hits(only("{ forward: { kind: agent } }"), { kind: "forward", forward: "agent" })).toBe(
      1,
    );
  });

  it("does not say that a dynamic forward could be told apart", () => {
    const faults = faultsOf(
      packOf("  - { id: rule-a, name: A, match: { forward: { kind: dynamic } }, action: block }"),
    );
    expect(faults.map((one) => one.message).join()).toMatch(/write local/);
  });
});

describe("rules of several kinds", () => {
  const both = only("[{ command: { exec: scp } }, { transfer: { path: /etc/** } }]");

  it("hold for each kind by what they say about it", () => {
    expect(both.judge(commandFor("scp a b:"), someSubject())).toHaveLength(1);
    expect(both.judge(commandFor("ls"), someSubject())).toHaveLength(0);
    expect(hits(both, upload("/etc/x"))).toBe(1);
    expect(hits(both, upload("/tmp/x"))).toBe(0);
  });

  it("whose `not` speaks of another kind say nothing about this one", () => {
    const rule = only(
      "{ all: [{ transfer: { direction: upload } }, { not: { command: { exec: ls } } }] }",
    );
    expect(hits(rule, upload("/x"))).toBe(1);
    expect(rule.judge(commandFor("rm x"), someSubject())).toHaveLength(0);
    expect(
      only("{ not: { transfer: { path: /etc/** } } }").judge(commandFor("ls"), someSubject()),
    ).toHaveLength(0);
  });

  it("obey scopes, exceptions and allow rules", () => {
    const rule = compileForTest(
      packOf(`  - id: rule-a
    name: A
    scope: { channels: [sftp] }
    match: { transfer: { path: /etc/** } }
    action: kill
    exceptions: [{ match: { transfer: { path: /etc/motd } }, downgradeTo: log, owner: maria, reason: it is a notice, expires: 2027-01-01 }]
  - { id: rule-b, name: B, effect: allow, suppresses: [rule-a], match: { transfer: { path: /etc/hosts } } }`),
    );
    const verbs = (path: string, moment = MOMENT): readonly string[] =>
      rule
        .judgeActivity(upload(path), moment, someSubject())
        .flatMap((hit) => hit.actions.map(({ verb }) => verb));
    expect(verbs("/etc/passwd")).toEqual(["kill"]);
    expect(verbs("/etc/motd")).toEqual(["log"]);
    expect(verbs("/etc/hosts")).toEqual([]);
    expect(verbs("/etc/passwd", { ...MOMENT, channelKind: "exec" })).toEqual([]);
  });

  it("are tested in their file like all others", () => {
    const report = testRules([
      {
        file: "x.yaml",
        text: packOf(`  - id: rule-a
    name: A
    match: { transfer: { direction: upload, path: /etc/** } }
    action: block
    tests:
      - { event: { type: transfer, direction: upload, path: /etc/passwd }, expect: block }
      - { event: { type: transfer, direction: download, path: /etc/passwd }, expect: false }
      - { event: { type: forward, kind: local, host: db-1, port: 22 }, expect: false }`),
      },
    ]);
    expect(report).toMatchObject({ ok: true, value: { passed: 3, failures: [], untested: [] } });
  });
});
