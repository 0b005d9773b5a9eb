import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros } from "../../kernel/index.js";
import { serializeInstruction, type Instruction, type SessionFacts } from "../../model/index.js";
import {
  createRecordings,
  decryptRecording,
  makeIdentity,
  readDump,
  readIdentities,
  type Dump,
  type RecordingEncryption,
} from "../../recording/index.js";
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
function typedLine(text: string, from: number): readonly Instruction[] {
  const keys = [...Array.from(text, keysymOf), RETURN];
  const times = keys.map((key, index) => [key, from + index * 120] as const);
  const key = (...args: readonly number[]): Instruction => ({
    opcode: "key",
    args: args.map(String),
  });
  return [
    ...times.map(([, at]) => ({ opcode: "sync", args: [String(at - 10)] })),
    ...times.flatMap(([symbol, at]) => [key(symbol, 1, at), key(symbol, 0, at + 60)]),
  ];
}

function typed(text: string, from: number): string {
  return typedLine(text, from).map(serializeInstruction).join("");
}

const FACTS: SessionFacts = {
  id: sessionId("s-1"),
  protocol: "rdp",
  person: { name: "alice", groups: [], phrase: "", factors: [] },
  account: "Administrator",
  target: { name: "win-1", address: "192.0.2.7:3389", labels: {}, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "",
  authMethods: [],
};

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

  it("whose keys had readers of their own is lived again the same, by who holds both keys", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chaperone-replay-"));
    try {
      const [auditor, officer] = [await makeIdentity(), await makeIdentity()];
      const drawn = [
        ...typedLine("whoami", 6_000),
        ...typedLine("rm /tmp/victim-of-the-lab", 9_000),
      ];
      const record = async (at: string, encryption?: RecordingEncryption): Promise<string> => {
        const recordings = createRecordings({
          folder: join(folder, at),
          wallOf: () => wallMicros(Date.UTC(2026, 10, 2, 9) * 1_000),
          log: { warn: () => undefined },
          ...(encryption === undefined ? {} : { encryption }),
        });
        const session = recordings.open(FACTS, () => undefined);
        const now = micros(0);
        session.record(channelId(0), { type: "start", at: now, columns: 0, rows: 0, term: "" });
        for (const instruction of drawn) {
          session.record(channelId(0), { type: "instruction", at: now, instruction });
        }
        session.record(channelId(0), { type: "end", at: now });
        await recordings.flush();
        return join(folder, at, "2026", "11", "02", "s-1-0.guac");
      };
      const clear = await record("clear");
      const apart = await record("apart", {
        recipients: [auditor.recipient],
        inputRecipients: [officer.recipient],
      });
      const keys = await readIdentities("keys", `${auditor.identity}\n${officer.identity}`);
      const opened = keys.ok ? await decryptRecording(`${apart}.age`, keys.value) : keys;
      if (!opened.ok) throw new Error(opened.error.message);
      const joined = replayed(Buffer.concat([...opened.value.text()]).toString());
      expect(joined).toEqual(replayed(readFileSync(clear, "utf8")));
      expect(JSON.stringify(joined.events)).toContain("rm /tmp/victim-of-the-lab");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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
