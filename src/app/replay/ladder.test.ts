import { describe, expect, it } from "vitest";
import { DEFAULT_RISK_POLICY } from "../../behaviour/index.js";
import { wallMicros } from "../../kernel/index.js";
import { createAsciicast, encodeHeader } from "../../recording/asciicast.js";
import { readCast, type Cast } from "../../recording/index.js";
import { createHitMemory } from "../../rules/index.js";
import {
  comparing,
  createShelf,
  linesOf,
  openDay,
  typistOf,
  type Shelf,
  type Workday,
} from "../../session/behaviour/workday.testing.js";
import { rulesFrom, seedOf } from "../../session/seed.testing.js";
import { describeLadder } from "./ladder.js";
import { createProfileShelf } from "./profile-shelf.js";
import { replayCast } from "./replay-cast.js";
import type { Replayed } from "./stage.js";

const STARTS_MS = Date.UTC(2026, 10, 20, 9);
const RULES = rulesFrom(`apiVersion: chaperone/v1
kind: RulePack
metadata: { name: none, version: 1.0.0 }
rules: []`);

/** Alice, whose typing is known. */
function enrolled(): Shelf {
  const shelf = createShelf();
  for (let day = 0; day < 4; day += 1) {
    const work = openDay({ person: "alice", shelf, policy: DEFAULT_RISK_POLICY });
    work.lines(typistOf(0, day), linesOf(0, day, 30));
    work.leave();
  }
  return comparing(shelf);
}

/** A session of hers as it was recorded, with somebody else at the keyboard, on trial. */
function stranger(shelf: Shelf): Workday {
  const work = openDay({
    person: "alice",
    shelf: { ...shelf, profiles: new Map(shelf.profiles) },
    policy: DEFAULT_RISK_POLICY,
    mode: "shadow",
    startsMs: STARTS_MS,
  });
  work.lines(typistOf(7, 1), linesOf(0, 1, 30));
  work.leave();
  return work;
}

function castOf(work: Workday): Cast {
  const records = work.effects.flatMap((one) => (one.kind === "record" ? [one.entry] : []));
  const [start, ...entries] = records;
  if (start?.type !== "start") throw new Error("a recording begins with its start");
  const { facts } = seedOf();
  const cast = createAsciicast(start.at);
  const text = entries.map((entry) => (entry.type === "start" ? "" : cast.encode(entry))).join("");
  const wall = wallMicros(STARTS_MS * 1_000);
  const header = encodeHeader(start, { session: facts, channel: 1, wall });
  const read = readCast("lab.cast", header + text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function replay(cast: Cast, shelf: ReturnType<typeof createProfileShelf>): Replayed {
  const { stepUp, approval, suspension } = seedOf();
  return replayCast(cast, {
    ruleset: RULES,
    memory: createHitMemory(),
    policy: { stepUp, approval, suspension },
    behaviour: { policy: DEFAULT_RISK_POLICY, shelf },
  });
}

describe("the ladder over a recording", () => {
  const shelf = enrolled();
  const stored = [...shelf.profiles].map(([person, { profile }]) => ({
    person,
    groups: ["dba"],
    profile,
  }));
  const live = stranger(shelf);
  const cast = castOf(live);

  it("is the one that the session climbed", () => {
    const replayed = replay(cast, createProfileShelf(stored, { learns: false }));
    const steps = replayed.events
      .filter(({ type }) => type === "io.chaperone.risk.changed.v1")
      .map(({ data }) => data["step"]);
    expect(live.events("risk.changed").map((one) => one.step)).toEqual(steps);
    expect(steps).toContain("reauth");
    const rows = describeLadder(replayed.events);
    expect(rows.join("\n")).toMatch(/00:0\d:\d\d #+\.+ +\d+ reauth +typing unlike alice: evidence/);
  });

  it("says so where nothing is odd, because nobody is known", () => {
    const replayed = replay(cast, createProfileShelf([], { learns: false }));
    expect(describeLadder(replayed.events)).toEqual(["s-lab alice: nothing is odd"]);
  });

  it("learns from one recording to the next where that is wanted, and nowhere else", () => {
    for (const learns of [true, false]) {
      const shelf = createProfileShelf([], { learns });
      replay(cast, shelf);
      expect(shelf.read("alice").profile === null).toBe(!learns);
    }
  });
});
