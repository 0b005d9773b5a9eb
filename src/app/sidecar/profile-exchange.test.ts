import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createContextDetector,
  DEFAULT_RISK_POLICY,
  type BehaviourProfile,
} from "../../behaviour/index.js";
import {
  createCoreConnection,
  createStore,
  DEFAULT_SETTINGS,
  openScoringCore,
  openSqlite,
  type CoreConnection,
  type ScoringCore,
} from "../../core/index.js";
import { value } from "../../core/store/store-conformance.testing.js";
import { ok, sessionId, wallMicros } from "../../kernel/index.js";
import type { PersonFacts } from "../../model/index.js";
import { openProfileStore } from "../../runtime/index.js";
import { createLog } from "../log.js";
import { openBehaviourHouse, type BehaviourHouse } from "./behaviour-house.js";

const ALICE: PersonFacts = { name: "alice", groups: ["dba"], phrase: "", factors: [] };
const SESSION = sessionId("s-1");
const NOW = Date.UTC(2026, 10, 21);
const ANSWER_MS = 60_000;
const PATIENCE = { timeout: 15_000 };
const log = createLog({ level: "silent", role: "parent" });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let dir: string;
let core: ScoringCore;
const opened: { close: () => unknown }[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-exchange-"));
  const store = value(await createStore(value(openSqlite(join(dir, "core.db"))), "core"));
  const deps = { store, settings: DEFAULT_SETTINGS, now: () => NOW, log: silent };
  core = value(await openScoringCore(deps));
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await core.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Place {
  readonly stateDir: string;
  readonly house: BehaviourHouse;
  readonly link: CoreConnection;
  /** Sessions in the context that is stored. */
  known(): number | null;
}

/** A sidecar's house for profiles; all have one key. `cut`: nothing reaches the core. */
function sidecar(name: string, line: { cut: boolean } = { cut: false }): Place {
  const stateDir = join(dir, name);
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(join(stateDir, "profiles.key"), new Uint8Array(32).fill(7), { mode: 0o600 });
  const risk = { mode: "enforce", policy: DEFAULT_RISK_POLICY } as const;
  const made = openBehaviourHouse({ stateDir, risk }, log);
  if (!made.ok || made.value === null) throw new Error("the house did not open");
  const house = made.value;
  const link = createCoreConnection({
    node: name,
    site: "lab",
    open(ears) {
      const peer = core.connect((message) => ears.heard(message));
      return Promise.resolve(
        ok({ send: (message) => void peer.take(message), close: () => peer.gone() }),
      );
    },
    heard: (message) => {
      if (message.type === "behaviour") house.erased(message);
    },
  });
  house.start({
    personOf: (session) => (session === SESSION ? ALICE : undefined),
    tell: () => undefined,
    // Whatever the deadline is: how fast this machine is decides nothing here.
    share: (question) => (line.cut ? Promise.resolve(null) : link.profile(question, ANSWER_MS)),
  });
  opened.push(house, link);
  return {
    stateDir,
    house,
    link,
    known() {
      const read = value(value(openProfileStore(stateDir, Date.now)).read("alice"));
      if (read === null) return null;
      return (JSON.parse(read.text) as BehaviourProfile).context?.sessions ?? 0;
    },
  };
}

function contextOf(sessions: number): BehaviourProfile {
  const detector = createContextDetector();
  const facts = { wall: wallMicros(1e15), origin: "127.0.0.1", target: "t", credential: "root" };
  for (let i = 0; i < sessions; i += 1)
    detector.learn(facts, { durationMs: 1, commandWindows: [], bytes: 1 });
  return { version: 1, context: detector.profile() };
}

/** A session of alice begins: what is known of her there. */
const begins = async (place: Place): Promise<number | null> => {
  await place.house.answer({ kind: "profile-asked", session: SESSION, part: "context" });
  return place.known();
};
const learns = ({ house }: Place, sessions: number, revision = 0) =>
  house.answer({
    kind: "profile-learnt",
    session: SESSION,
    revision,
    profile: JSON.stringify(contextOf(sessions)),
  });

const rows = async () =>
  value(await core.store.query("SELECT person, sealed, revision FROM profile", []));
const revisionAtCore = async () => (await rows())[0]?.["revision"];

describe("profiles on their way between sidecars", () => {
  it("are known to the next sidecar when the person comes there, and to the core only sealed", async () => {
    const [one, other] = [sidecar("one"), sidecar("other")];
    await learns(one, 12);
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    const [row] = await rows();
    expect(row?.["person"]).toBe("alice");
    const sealed = Buffer.from(String(row?.["sealed"]), "base64").toString("latin1");
    expect(sealed.startsWith("CHPPROF1")).toBe(true);
    expect(sealed).not.toMatch(/alice|dba|127\.0\.0\.1|sessions/);
    expect(await begins(other)).toBe(12);
    // And on, and back.
    await learns(other, 13, 1);
    await expect.poll(revisionAtCore, PATIENCE).toBe(2);
    expect(await begins(one)).toBe(13);
  });

  it("are joined when two sidecars have learnt at once: nobody's is lost to the other's", async () => {
    const line = { cut: true };
    const [one, other] = [sidecar("one"), sidecar("other", line)];
    await learns(other, 20);
    await learns(one, 5);
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    line.cut = false;
    expect(await begins(other)).toBe(20);
    await learns(other, 21, 2);
    await expect.poll(revisionAtCore, PATIENCE).toBe(2);
    expect(await begins(one)).toBe(21);
  });

  it("are told later when the core is away, also over a restart of the sidecar", async () => {
    const line = { cut: true };
    await learns(sidecar("one", line), 7);
    expect(await rows()).toEqual([]);
    sidecar("one");
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    expect(await begins(sidecar("other"))).toBe(7);
  });

  it("of who is erased at a sidecar go everywhere, and are learnt anew", async () => {
    const [one, other] = [sidecar("one"), sidecar("other")];
    await learns(one, 12);
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    expect(await begins(other)).toBe(12);
    expect(value(value(openProfileStore(one.stateDir, Date.now)).erase("alice"))).toBe(true);
    // The session that runs meanwhile knew her still; the next one does not.
    await learns(one, 13, 1);
    expect(one.known()).toBeNull();
    await learns(one, 1, 0);
    await expect.poll(async () => (await rows())[0]?.["revision"], PATIENCE).toBe(3);
    expect(await begins(other)).toBe(1);
  });

  it("of who is erased at the core go from the sidecars when they hear of it", async () => {
    const one = sidecar("one");
    await learns(one, 12);
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    value(await core.erase("alice"));
    expect(await rows()).toEqual([{ person: "", sealed: null, revision: 2 }]);
    const other = sidecar("other");
    expect(await begins(other)).toBeNull();
    expect(await begins(one)).toBeNull();
  });

  it("are told to a core that has lost its store", async () => {
    const one = sidecar("one");
    await learns(one, 12);
    await expect.poll(revisionAtCore, PATIENCE).toBe(1);
    await core.store.query("DELETE FROM profile", []);
    expect(await begins(one)).toBe(12);
    await learns(one, 13, 1);
    await expect.poll(revisionAtCore, PATIENCE).toBe(2);
  });
});
