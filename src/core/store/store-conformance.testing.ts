import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Result, Fault } from "../../kernel/index.js";
import {
  createStore,
  HITS,
  PEOPLE,
  PROFILES,
  rowsOf,
  SESSIONS,
  VIEWS,
  type Database,
} from "./index.js";
import type { PersonRow, ProfileRow, SessionRow, ViewRow } from "./tables.js";

type Opener = () => Promise<Result<Database, Fault>>;

/** What every store does alike; `open` opens the same database again and again, `fresh` an empty one. */
export function storeConformance(places: {
  readonly fresh: () => Opener;
  /** Below it lies every file with rows in it. */
  readonly files: () => string;
}): void {
  async function storeAt(open: Opener) {
    const database = value(await open());
    return value(await createStore(database, "the store"));
  }

  it("keeps what is committed over a restart", async () => {
    const open = places.fresh();
    const first = await storeAt(open);
    value(
      await first.commit([
        rowsOf(SESSIONS, [session("a"), session("b")]),
        rowsOf(PEOPLE, [person("alice")]),
      ]),
    );
    await first.close();
    const second = await storeAt(open);
    expect(
      value(await second.sessions(["a", "b", "c"]))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["a", "b"]);
    expect(value(await second.sessions(["a"]))).toEqual([session("a")]);
    expect(value(await second.people())).toEqual([person("alice")]);
    await second.close();
  });

  it("replaces a session that is told on, and keeps a view as it was first told", async () => {
    const store = await storeAt(places.fresh());
    value(await store.commit([rowsOf(SESSIONS, [session("a")]), rowsOf(VIEWS, [view("v", 1)])]));
    const ended = { ...session("a"), ended: 9_000, risk: 6, sequence: 12 };
    value(await store.commit([rowsOf(SESSIONS, [ended]), rowsOf(VIEWS, [view("v", 2)])]));
    expect(value(await store.sessions(["a"]))).toEqual([ended]);
    expect(value(await store.told(["v", "w"]))).toEqual(new Set(["v"]));
    expect(value(await store.query("SELECT risk FROM credential_view", []))).toEqual([{ risk: 1 }]);
    await store.close();
  });

  it("writes all of a commit or nothing of it", async () => {
    const store = await storeAt(places.fresh());
    const broken = { ...view("v", 1), person: null as unknown as string };
    const done = await store.commit([rowsOf(SESSIONS, [session("a")]), rowsOf(VIEWS, [broken])]);
    expect(done).toMatchObject({ ok: false, error: { code: "CHP_CORE_STORE" } });
    expect(value(await store.sessions(["a"]))).toEqual([]);
    value(await store.commit([rowsOf(SESSIONS, [session("a")])]));
    expect(value(await store.sessions(["a"]))).toHaveLength(1);
    await store.close();
  });

  it("keeps every character and every number exactly", async () => {
    const store = await storeAt(places.fresh());
    const odd = {
      ...session("a"),
      person: "Ünïcødé '\"; -- 日本 👩‍💻",
      started: 1_795_280_488_326,
      bytes_down: Number.MAX_SAFE_INTEGER,
    };
    const precise = { ...person("bob"), rating: 7.45 };
    value(await store.commit([rowsOf(SESSIONS, [odd]), rowsOf(PEOPLE, [precise])]));
    expect(value(await store.sessions(["a"]))).toEqual([odd]);
    expect(value(await store.people())).toEqual([precise]);
    await store.close();
  });

  it("gives its history back oldest first, page by page, without gaps or repetitions", async () => {
    const store = await storeAt(places.fresh());
    const many = Array.from({ length: 10_100 }, (_, index) => ({
      ...session(`s${String(index).padStart(5, "0")}`),
      // Many of one moment: pages end in the middle of them.
      started: 1_000 + Math.floor(index / 4_000),
      ended: 5_000,
    }));
    value(await store.commit([rowsOf(SESSIONS, [...many].reverse())]));
    const seen: string[] = [];
    for await (const page of store.history(1_000)) seen.push(...value(page).map(({ id }) => id));
    expect(seen).toEqual(many.map(({ id }) => id));
    await store.close();
  });

  it("forgets what is too old, and nothing else", async () => {
    const store = await storeAt(places.fresh());
    const old = Array.from({ length: 6_000 }, (_, index) => session(`o${index}`));
    value(await store.commit([rowsOf(SESSIONS, [...old, { ...session("new"), started: 9_000 }])]));
    expect(value(await store.expire(5_000))).toBe(true);
    expect(value(await store.expire(5_000))).toBe(false);
    expect(value(await store.query("SELECT id FROM session", []))).toEqual([{ id: "new" }]);
    await store.close();
  });

  it("erases a person from every table", async () => {
    const store = await storeAt(places.fresh());
    const bobs = { ...session("b"), person: "bob" };
    const hit = {
      id: "h",
      session: "a",
      happened: 1,
      person: "alice",
      account: "root",
      target: "db",
      credential: "root@db",
      rule: "r",
      rule_name: "r",
      criticality: "high",
      action: "block",
      mode: "enforce",
      score: 1,
    };
    value(
      await store.commit([
        rowsOf(SESSIONS, [session("a"), bobs]),
        rowsOf(PEOPLE, [person("alice"), person("bob")]),
        rowsOf(VIEWS, [view("v", 1)]),
        rowsOf(HITS, [hit]),
        rowsOf(PROFILES, [profile("0a", "alice"), profile("0b", "bob")]),
      ]),
    );
    expect(value(await store.erase("alice", 5_000))).toBe(5);
    expect(value(await store.people()).map(({ name }) => name)).toEqual(["bob"]);
    expect(value(await store.sessions(["a", "b"]))).toEqual([bobs]);
    // That there was somebody is kept, for sidecars that have the profile still; not who.
    const forgotten = { name: "0a", person: "", sealed: null, revision: 4, changed: 5_000 };
    expect(value(await store.profile("0a"))).toEqual(forgotten);
    expect(value(await store.erasedProfiles(5_000, 10))).toEqual([forgotten]);
    expect(value(await store.profile("0b"))).toEqual(profile("0b", "bob"));
    expect(value(await store.profile("0c"))).toBeNull();
    await store.close();
  });

  it("keeps no byte of a person who was erased in any file", async () => {
    const open = places.fresh();
    const store = await storeAt(open);
    const name = "wilhelmina-of-the-lighthouse";
    const many = Array.from({ length: 3_000 }, (_, index) => ({
      ...session(`w${index}`),
      person: index % 3 === 0 ? name : `other-${index}`,
    }));
    value(await store.commit([rowsOf(SESSIONS, many), rowsOf(PEOPLE, [person(name)])]));
    // Rows that move, and indexes that are split, leave copies behind.
    const longer = many.map((one) => ({ ...one, reasons: "x".repeat(400), ended: 9_000 }));
    value(await store.commit([rowsOf(SESSIONS, longer)]));
    expect(value(await store.erase(name, 5_000))).toBe(1_001);
    expect(filesWith(places.files(), name)).toEqual([]);
    expect(filesWith(places.files(), "other-1")).not.toEqual([]);
    await store.close();
  });

  it("refuses a store of a newer version, and leaves it as it is", async () => {
    const open = places.fresh();
    const store = await storeAt(open);
    await store.close();
    const database = value(await open());
    await database.run("INSERT INTO core_version (version) VALUES (99)");
    expect(await createStore(database, "the store")).toMatchObject({
      ok: false,
      error: { code: "CHP_CORE_STORE_NEWER" },
    });
    await database.close();
  });
}

/** Files below a folder that have these bytes somewhere. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .filter((path) => readFileSync(path).includes(text));
}

export function value<T>(result: Result<T, Fault>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}

function session(id: string): SessionRow {
  return {
    id,
    source: "/chaperone/lab/n",
    person: "alice",
    account: "root",
    target: "db",
    credential: "root@db",
    protocol: "ssh",
    origin: "10.0.0.1",
    client: "c",
    site: "lab",
    device_type: "server",
    device_criticality: "high",
    credential_criticality: "high",
    privileged: 1,
    started: 1_000,
    week_hour: 5,
    day: 20_000,
    ended: null,
    duration_ms: null,
    end_reason: null,
    bytes_up: 1,
    bytes_down: 2,
    commands: 3,
    blocked: 0,
    reauths: 0,
    transfers: 0,
    transfer_bytes: 0,
    occurrences: 0,
    occurrence_score: 0,
    odd_time: 0,
    odd_origin: 1,
    odd_target: null,
    odd_credential: 0,
    odd_duration: null,
    odd_count: 0,
    odd_behaviour: null,
    odd: 1,
    risk: 3,
    risk100: 36,
    reasons: "[]",
    prohibited: 0,
    learnt: 0,
    sequence: 1,
  };
}

function person(name: string): PersonRow {
  return {
    name,
    full_name: "",
    team: '["dba"]',
    first_seen: 1,
    last_seen: 2,
    last_origin: "10.0.0.1",
    rating: 5,
    rated_day: 20_000,
    lost_today: 0,
    clean: 1,
    lost: 0,
    high_risk: 0,
    prohibited_sessions: 0,
    prohibited_views: 0,
  };
}

function profile(name: string, owner: string): ProfileRow {
  return { name, person: owner, sealed: "c2VhbGVk", revision: 3, changed: 1_000 };
}

function view(id: string, risk: number): ViewRow {
  return {
    id,
    person: "alice",
    origin: "10.0.0.1",
    target: "db",
    account: "root",
    credential: "root@db",
    kind: "password",
    info: "",
    privileged: 1,
    viewed: 1_000,
    odd_time: 0,
    odd_origin: 0,
    odd_credential: 1,
    odd_count: null,
    risk,
    reasons: "[]",
    prohibited: 0,
  };
}
