import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createContextDetector,
  DEFAULT_RISK_POLICY,
  type BehaviourProfile,
} from "../../behaviour/index.js";
import { sessionId, wallMicros } from "../../kernel/index.js";
import type { PersonFacts } from "../../model/index.js";
import { openProfileStore } from "../../runtime/index.js";
import { createLog } from "../log.js";
import { openBehaviourHouse, type BehaviourHouse } from "./behaviour-house.js";
import { unpackHabits } from "./unpack-habits.js";

const ALICE: PersonFacts = { name: "alice", groups: ["dba"], phrase: "", factors: [] };
const SESSION = sessionId("s-1");
const log = createLog({ level: "silent", role: "parent" });

let stateDir: string;
const opened: BehaviourHouse[] = [];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "chaperone-house-"));
});
afterEach(() => {
  for (const house of opened.splice(0)) house.close();
  rmSync(stateDir, { recursive: true, force: true });
});

function open(): BehaviourHouse {
  const risk = { mode: "enforce", policy: DEFAULT_RISK_POLICY } as const;
  const house = openBehaviourHouse({ stateDir, risk }, log);
  if (!house.ok || house.value === null) throw new Error("the house did not open");
  house.value.start({
    personOf: (session) => (session === SESSION ? ALICE : undefined),
    tell: () => undefined,
  });
  opened.push(house.value);
  return house.value;
}

/** Of a person with so many sessions. */
function contextOf(sessions: number): BehaviourProfile {
  const detector = createContextDetector();
  const facts = { wall: wallMicros(1e15), origin: "127.0.0.1", target: "t", credential: "root" };
  for (let i = 0; i < sessions; i += 1)
    detector.learn(facts, { durationMs: 1, commandWindows: [], bytes: 1 });
  return { version: 1, context: detector.profile() };
}

const asked = (part: "context" | "habits") => ({ kind: "profile-asked", session: SESSION, part });
const learnt = (profile: BehaviourProfile, revision: number) => ({
  kind: "profile-learnt",
  session: SESSION,
  revision,
  profile: JSON.stringify(profile),
});
const stored = (): BehaviourProfile | null => {
  const store = openProfileStore(stateDir, Date.now);
  const read = store.ok ? store.value.read("alice") : store;
  return read.ok && read.value !== null ? (JSON.parse(read.value.text) as BehaviourProfile) : null;
};

describe("what the parent keeps of people", () => {
  it("is nothing at first, then what sessions have learnt, part by part", async () => {
    const house = open();
    expect(await house.answer(asked("context"))).toEqual({ profile: null, revision: 0 });
    await house.answer(learnt(contextOf(3), 0));
    const answer = await open().answer(asked("context"));
    expect(answer).toMatchObject({ revision: 1 });
    expect(stored()?.context?.sessions).toBe(3);
    expect(await house.answer(asked("habits"))).toEqual({
      profile: JSON.stringify({ version: 1 }),
      revision: 1,
    });
  });

  it("is what the fuller of two sessions at once has learnt", async () => {
    const house = open();
    await house.answer(learnt(contextOf(5), 0));
    await house.answer(learnt(contextOf(2), 0));
    expect(stored()?.context?.sessions).toBe(5);
  });

  it("does not come back after it was erased, not by a session that ran meanwhile", async () => {
    const house = open();
    await house.answer(learnt(contextOf(5), 0));
    const store = openProfileStore(stateDir, Date.now);
    if (store.ok) store.value.erase("alice");
    await house.answer(learnt(contextOf(6), 1));
    expect(stored()).toBeNull();
  });

  it("is never replaced by what is no profile", async () => {
    const house = open();
    await house.answer(learnt(contextOf(5), 0));
    await house.answer({ ...learnt(contextOf(1), 1), profile: "{}" });
    expect(stored()?.context?.sessions).toBe(5);
  });

  it("is of nobody for a session that does not run", async () => {
    const house = open();
    expect(await house.answer({ ...asked("context"), session: sessionId("other") })).toBeNull();
    expect(house.answer({ kind: "plan" })).toBeUndefined();
  });

  it("is compared with by everybody who shares a group", async () => {
    await open().answer(learnt(contextOf(5), 0));
    // What was learnt is compared with from the next start on, or some minutes later.
    const site = unpackHabits(open().members());
    expect(site.contextsOf("bob", ["dba"])).toHaveLength(1);
    expect(site.contextsOf("alice", ["dba"])).toHaveLength(0);
    expect(site.contextsOf("bob", ["web"])).toHaveLength(0);
  });

  it("is compared with nowhere once it was erased", async () => {
    await open().answer(learnt(contextOf(5), 0));
    const house = open();
    expect(house.members()).toHaveLength(1);
    const store = openProfileStore(stateDir, Date.now);
    if (store.ok) store.value.erase("alice");
    expect(house.members()).toEqual([]);
  });

  it("is nothing where behaviour is not watched", () => {
    expect(openBehaviourHouse({ stateDir }, log)).toEqual({ ok: true, value: null });
  });
});
