import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { wallMicros } from "../../kernel/index.js";
import type { RecordEntry } from "../../model/index.js";
import { createAsciicast, encodeHeader } from "../../recording/asciicast.js";
import { readCast, type Cast } from "../../recording/index.js";
import { createHitMemory, type Ruleset } from "../../rules/index.js";
import { openBashLab, type BashLab } from "../../session/bash-lab.testing.js";
import { rulesFrom, seedOf } from "../../session/seed.testing.js";
import { replayCast } from "./replay-cast.js";
import type { Replayed } from "./stage.js";
import { describeSummary, summarise } from "./summary.js";

const WALL = wallMicros(Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000);
const SECRET = "Tr0ub4dor";

const labs: BashLab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.close();
});

/** The recording of a lab as its file would hold it. */
function castOf(records: readonly RecordEntry[]): Cast {
  const [start, ...entries] = records;
  if (start?.type !== "start") throw new Error("a recording begins with its start");
  const { facts } = seedOf();
  const cast = createAsciicast(start.at);
  const text = entries.map((entry) => (entry.type === "start" ? "" : cast.encode(entry))).join("");
  const header = encodeHeader(start, { session: facts, channel: 1, wall: WALL });
  const read = readCast("lab.cast", header + text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function replay(cast: Cast, rules: Ruleset, memory = createHitMemory()): Replayed {
  const { stepUp, approval, suspension } = seedOf();
  return replayCast(cast, { ruleset: rules, memory, policy: { stepUp, approval, suspension } });
}

const dataOf = (replayed: Replayed, type: string): readonly Record<string, unknown>[] =>
  replayed.events
    .filter((event) => event.type === `io.chaperone.${type}.v1`)
    .map(({ data }) => data);

const RULES = rulesFrom(`apiVersion: chaperone/v1
kind: RulePack
metadata: { name: new-rules, version: 1.0.0 }
rules:
  - { id: new-rm, name: R, criticality: high, match: { command: { exec: rm } }, action: kill }
  - { id: new-echo, name: E, match: { command: { exec: echo } }, action: [log, { do: block, after: { count: 3, within: 1h, by: [person] } }] }`);

describe("replay of a recorded terminal", () => {
  it.skipIf(!existsSync("/bin/bash"))(
    "tells the commands that the session told, and what new rules would have done",
    async () => {
      const lab = await openBashLab();
      labs.push(lab);
      await lab.typeAndSee("echo one tow\x7f\x7fwo\r", "one two");
      await lab.typeAndSee("mkdir precious; rm -rf precious\r", "[lab-rm]");
      await lab.prompt();
      await lab.typeAndSee("read -rsp 'Password: ' x\r", "Password:");
      lab.type(`${SECRET}\r`);
      await lab.prompt();
      await lab.typeAndSee("echo last\r", "\nlast");
      await lab.prompt();
      const live = lab.events.flatMap((event) =>
        event.type === "command.entered" && !event.data.hidden ? [event.data.text] : [],
      );
      const cast = castOf(lab.records);
      const replayed = replay(cast, RULES);
      const told = dataOf(replayed, "command.entered");
      expect(told.filter((one) => one["hidden"] === false).map((one) => one["text"])).toEqual(live);
      expect(replayed.blind).toBe(false);
      expect(replayed.decided.map(({ label }) => label)).toContain("blocked lab-rm");
      const matched = dataOf(replayed, "rule.matched");
      expect(matched.map((one) => one["mode"])).toEqual(["shadow", "shadow", "shadow"]);
      expect(matched.map((one) => one["wouldHave"])).toEqual(["log", "kill", "log"]);
      expect(JSON.stringify([cast, replayed])).not.toContain(SECRET);
      expect(replayed.events[0]).toMatchObject({
        source: "/chaperone/replay",
        time: "2026-11-20T18:57:23.000000Z",
        sequence: 0,
      });
      const again = replay(cast, RULES);
      expect(again).toEqual(replayed);
    },
    30_000,
  );

  const typed = (line: string, at: number): readonly RecordEntry[] => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const keys = Array.from(line).flatMap((key, i): RecordEntry[] => [
      { type: "input", bytes: bytes(key), at: (at + i * 1_000) as RecordEntry["at"] },
      { type: "output", bytes: bytes(key), at: (at + i * 1_000 + 500) as RecordEntry["at"] },
    ]);
    const enter = (at + 900_000) as RecordEntry["at"];
    return [
      ...keys,
      { type: "input", bytes: bytes("\r"), at: enter },
      { type: "output", bytes: bytes("\r\n$ "), at: (enter + 90_000) as RecordEntry["at"] },
    ];
  };
  const start = {
    type: "start",
    columns: 80,
    rows: 24,
    term: "xterm",
    at: 0 as RecordEntry["at"],
  } as const;
  const prompt = {
    type: "output",
    bytes: new TextEncoder().encode("$ "),
    at: 100 as RecordEntry["at"],
  } as const;

  it("counts over all recordings of one replay", () => {
    const memory = createHitMemory();
    const cast = castOf([start, prompt, ...typed("echo a", 10_000), ...typed("echo b", 2_000_000)]);
    const first = replay(cast, RULES, memory);
    const second = replay(cast, RULES, memory);
    const would = (one: Replayed): unknown[] =>
      dataOf(one, "rule.matched").map((data) => data["wouldHave"]);
    expect(would(first)).toEqual(["log", "log"]);
    expect(would(second)).toEqual(["log+block", "log+block"]);
  });

  it("sums up which rules would have hit", () => {
    const cast = castOf([start, prompt, ...typed("echo a", 10_000), ...typed("rm b", 2_000_000)]);
    const summary = summarise([replay(cast, RULES)]);
    expect(summary).toMatchObject({ recordings: 1, commands: 2 });
    expect(summary.rules.map(({ id, hits, wouldHave }) => [id, hits, wouldHave])).toEqual([
      ["new-echo", 1, "log"],
      ["new-rm", 1, "kill"],
    ]);
    expect(describeSummary(summary).join("\n")).toMatch(/1 +1 +1 {2}kill +high +new-rm +rm b/);
  });

  it("says when nothing typed is in the recording", () => {
    expect(replay(castOf([start, prompt]), RULES).blind).toBe(true);
  });
});
