import { describe, expect, it } from "vitest";
import { serializeInstruction } from "../../model/index.js";
import { readDump, type Dump } from "../../recording/index.js";
import { createHitMemory } from "../../rules/index.js";
import { rulesFrom } from "../../session/seed.testing.js";
import { replayDump } from "./replay-dump.js";
import type { Replayed } from "./stage.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-victim
    name: The victim is not touched
    criticality: high
    match: { command: { exec: rm, args: [/tmp/victim-of-the-lab] } }
    action: block
`;
const POLICY = {
  stepUp: {
    factors: ["totp"],
    attempts: 3,
    timeoutMs: 60_000,
    graceMs: 60_000,
    onFail: "block",
    onTimeout: "block",
  },
  approval: { approvers: [], min: 1, timeoutMs: 60_000, onFail: "block", onTimeout: "block" },
  suspension: { timeoutMs: 60_000, onTimeout: "kill" },
} as const;
const HEADER = JSON.stringify({
  version: 2,
  chaperone: {
    session: "s-1",
    protocol: "rdp",
    person: "alice",
    account: "Administrator",
    target: "win-1",
    wall: "2026-11-02T09:00:00.000000Z",
    channel: 0,
  },
});
const RETURN = 0xff0d;

const say = (opcode: string, ...args: readonly (string | number)[]): string =>
  serializeInstruction({ opcode, args: args.map(String) });

/** Latin-1 stands for itself; everything else is above 0x01000000. */
function keysymOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  return point <= 0xff ? point : 0x0100_0000 + point;
}

/** As the sidecar writes it: keys stand behind the frames that were drawn meanwhile. */
function typed(text: string, from: number): string {
  const keys = [...Array.from(text, keysymOf), RETURN];
  const times = keys.map((key, index) => [key, from + index * 120] as const);
  return [
    ...times.map(([, at]) => say("sync", at + 10)),
    ...times.map(([key, at]) => say("key", key, 1, at) + say("key", key, 0, at + 60)),
  ].join("");
}

function read(text: string): Dump {
  const dump = readDump("lab.guac", text);
  if (!dump.ok) throw new Error(dump.error.message);
  return dump.value;
}

function replayed(text: string): Replayed {
  const ruleset = rulesFrom(RULES);
  return replayDump(read(text), { ruleset, memory: createHitMemory(), policy: POLICY });
}

const START = say("log", HEADER) + say("size", 0, 1024, 768) + say("sync", 5_000);

describe("a recorded desktop", () => {
  it("is lived again: lines, what rules would have done, and when", () => {
    const text =
      START +
      say("img", 1, 14, 0, "image/png", 0, 0) +
      say("blob", 1, "AAAA") +
      say("end", 1) +
      typed("whoami \u{1f600}", 6_000) +
      typed("rm /tmp/victim-of-the-lab", 9_000) +
      say("log", "blocked no-victim");
    const { events, decided, blind } = replayed(text);
    const told = (type: string) => events.filter((one) => one.type === `io.chaperone.${type}.v1`);
    expect(told("command.entered").map(({ data }) => data)).toMatchObject([
      { text: "whoami \u{1f600}" },
      { text: "rm /tmp/victim-of-the-lab", decision: "allowed" },
    ]);
    expect(told("command.entered")[0]?.time).toMatch(/^2026-11-02T09:00:0[12]/);
    expect(told("rule.matched").map(({ data }) => data)).toMatchObject([
      { rule: { id: "no-victim" }, mode: "shadow", wouldHave: "block" },
    ]);
    expect(told("session.closed")).toHaveLength(1);
    expect(decided).toMatchObject([{ label: "blocked no-victim" }]);
    expect(blind).toBe(false);
  });

  it("without keys is told to be blind", () => {
    expect(replayed(START).blind).toBe(true);
  });

  it("that was cut off by a crash is read up to there", () => {
    const whole = START + typed("id", 6_000);
    for (let cut = START.length; cut < whole.length; cut += 7) {
      expect(read(whole.slice(0, cut)).header.person).toBe("alice");
    }
    expect(read(whole.slice(0, -3)).torn).toBe(true);
  });

  it("of another program is refused, and so is what is none", () => {
    expect(readDump("x.guac", say("size", 0, 1, 1)).ok).toBe(false);
    expect(readDump("x.guac", "").ok).toBe(false);
    expect(readDump("x.guac", `${START}4.sync;x.y`).ok).toBe(false);
  });
});
