import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tally } from "../../bench/core/tally.mjs";
import { createYear, KINDS, type Year } from "../../bench/core/year.mjs";
import { seed } from "../testing/index.js";
import {
  createSiteClock,
  createStore,
  DEFAULT_SETTINGS,
  openPostgres,
  openScoringCore,
  openSqlite,
  renderReport,
  REPORTS,
  runReport,
  type CoreMessage,
  type CoreSettings,
  type ReportFormat,
  type ScoringCore,
  type Store,
} from "./index.js";
import type { Column } from "./report/report.js";
import { findPostgres, startPostgres, type PostgresLab } from "./store/postgres-lab.testing.js";
import { value } from "./store/store-conformance.testing.js";

const long = process.env["CHAPERONE_LONG"] !== undefined;
const SIZE = long
  ? { people: 300, days: 365, plantedPerKind: 40 }
  : { people: 16, days: 150, plantedPerKind: 2 };
/** Of a few people one may be odd by chance: only the large year is another one each time. */
const YEAR_SEED = long ? seed : 1;
const DAY_MS = 86_400_000;
/** Days that are told twice, with restarts between them. */
const TWICE_DAYS = 50;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const dir = mkdtempSync(join(tmpdir(), "chaperone-core-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;

async function sqlite(path = join(dir, `${(files += 1)}`, "core.db")): Promise<Store> {
  return value(await createStore(value(openSqlite(path)), path));
}

async function coreOn(
  store: Store,
  more: Partial<CoreSettings> = {},
  now = Date.now,
): Promise<ScoringCore> {
  const settings = { ...DEFAULT_SETTINGS, ...more };
  return value(await openScoringCore({ store, settings, now, log: silent }));
}

async function tell(core: ScoringCore, events: readonly string[]): Promise<void> {
  for (let from = 0; from < events.length; from += 5_000) {
    value(await core.push(events.slice(from, from + 5_000)));
  }
}

async function dump(store: Store): Promise<unknown> {
  const tables = [
    "session",
    "credential_view",
    "rule_hit",
    "password_change",
    "rating_change",
    "reauth",
  ];
  const rows = await Promise.all(
    tables.map(async (table) => value(await store.query(`SELECT * FROM ${table} ORDER BY id`, []))),
  );
  return [rows, value(await store.query("SELECT * FROM person ORDER BY name", []))];
}

/** Asks for what stands in the first row that says something: that row is found, and only such rows. */
async function askForEveryColumn(store: Store, year: Year): Promise<void> {
  for (const report of REPORTS) {
    const question = { from: year.start, to: year.end, limit: 1_000, person: "person-001" };
    const ask = async (where?: string) =>
      value(
        await runReport(store, DEFAULT_SETTINGS, report, {
          ...question,
          ...(where === undefined ? {} : { where }),
        }),
      ).sections;
    const all = await ask();
    for (const [index, section] of all.entries()) {
      for (const column of section.columns) {
        const cell = section.rows.find((row) => row[column.key] !== null)?.[column.key];
        if (cell === undefined || cell === null) continue;
        const where = conditionOn(column, cell);
        const rows = (await ask(where))[index]?.rows ?? [];
        const asked = { report: report.name, section: section.title, where };
        expect({ ...asked, found: rows.length > 0 }).toEqual({ ...asked, found: true });
        if (where.includes("~") || column.kind === "names") continue;
        const others = rows.filter((row) => row[column.key] !== cell);
        expect({ ...asked, others }).toEqual({ ...asked, others: [] });
      }
    }
  }
}

function fail(): never {
  throw new Error("there is no such report");
}

function conditionOn({ key, kind }: Column, cell: string | number): string {
  switch (kind) {
    case "reasons":
      return `${key}~${/[a-z]{3,}/.exec(String(cell))?.[0] ?? ""}`;
    case "names":
      return `${key}="${(JSON.parse(String(cell)) as readonly string[])[0] ?? ""}"`;
    case "time":
      return `${key}=${new Date(Number(cell)).toISOString()}`;
    case "length":
      return `${key}=${cell}ms`;
    case "flag":
      return `${key}=${cell === 1 ? "yes" : "no"}`;
    case "text":
    case "number":
    case "decimal":
    case "hour":
    case "bytes":
    case "risk":
      return `${key}="${cell}"`;
  }
}

describe(`a generated year (${SIZE.people} people, ${SIZE.days} days, seed ${YEAR_SEED})`, () => {
  const year: Year = createYear({ ...SIZE, seed: YEAR_SEED });
  let days: (readonly string[])[] = [];
  let store: Store;
  let core: ScoringCore;
  beforeAll(async () => {
    store = await sqlite();
    core = await coreOn(store, {}, () => year.end);
    for (const day of year.days()) {
      // Kept for the tests that tell them again; a whole year would not fit the memory.
      if (!long) days.push(day);
      await tell(core, day);
    }
  }, 600_000);
  afterAll(async () => {
    days = [];
    await core.close();
  });

  it("is shown in what was planted, and hardly anywhere else", async () => {
    const figures = await tally(async (sql) => value(await store.query(sql, [])), year);
    expect(Object.keys(figures)).toEqual([...KINDS]);
    const all = Object.values(figures);
    const planted = all.reduce((sum, one) => sum + one.planted, 0);
    const shown = all.reduce((sum, one) => sum + one.shown, 0);
    expect(planted).toBeGreaterThan(KINDS.length / 2);
    expect(shown / planted).toBeGreaterThan(long ? 0.95 : 0.8);
    const configured = DEFAULT_SETTINGS.variationRate / 1_000;
    for (const [kind, { falseAlarmRate, judged }] of Object.entries(figures)) {
      // Of few there may be some more: three standard deviations of a binomial.
      const chance = 3 * Math.sqrt((configured * (1 - configured)) / Math.max(1, judged));
      expect(falseAlarmRate, kind).toBeLessThan(1.5 * configured + (long ? 0 : chance));
    }
  });

  it("answers every report in every format", async () => {
    const clock = createSiteClock("UTC");
    const person = year.staff[0]?.name ?? "";
    for (const report of REPORTS) {
      const question = {
        from: year.start,
        to: year.end,
        limit: 50,
        ...(report.ofPerson ? { person } : {}),
      };
      const found = value(await runReport(store, DEFAULT_SETTINGS, report, question));
      expect(found.sections).toHaveLength(report.sections.length);
      const render = (format: ReportFormat) =>
        renderReport(format, found, { clock, strong: (text) => text });
      const parsed = JSON.parse(render("json")) as { report: string };
      expect(parsed.report).toBe(report.name);
      expect(render("csv").split("\r\n")[0]).toContain(report.sections.length > 1 ? "# " : ",");
      expect(render("table")).toContain(report.title);
      const page = render("html");
      expect(page).not.toMatch(/<script|javascript:|https?:/);
      expect(page).toContain("default-src 'none'");
    }
  });

  it.skipIf(long)("answers conditions on every column of every report", async () => {
    await askForEveryColumn(store, year);
  });

  it("refuses conditions that no column has, or that say nothing of it", async () => {
    const report = REPORTS.find(({ name }) => name === "users-rating") ?? fail();
    const question = { from: year.start, to: year.end, limit: 5 };
    for (const where of ["colour=red", "team>dba", "last_seen=yesterday", "rating=", "rating>x"]) {
      const found = await runReport(store, DEFAULT_SETTINGS, report, { ...question, where });
      expect(found, where).toMatchObject({ ok: false, error: { code: "CHP_CORE_REPORT" } });
    }
  });

  it.skipIf(long)(
    "changes nothing when it is told twice, in pieces and after a restart",
    async () => {
      const before = await dump(store);
      // A sidecar that lost its acks tells the last days again.
      await tell(core, days.slice(-5).flat());
      expect(await dump(store)).toEqual(before);

      const path = join(dir, "twice", "core.db");
      let now = year.start;
      let second = await coreOn(await sqlite(path), {}, () => now);
      for (const [index, day] of days.slice(0, TWICE_DAYS).entries()) {
        // Sessions of the last hours end on the next day.
        now = year.start + (index + 2) * DAY_MS;
        if (index % 20 === 19) {
          await second.close();
          second = await coreOn(await sqlite(path), {}, () => now);
          await tell(second, days[index - 1] ?? []);
        }
        await tell(second, day);
      }
      const told = year.start + TWICE_DAYS * DAY_MS;
      const ids = (one: Store) =>
        one.query(
          "SELECT id, person, commands, blocked, ended FROM session WHERE ended < ? ORDER BY id",
          [told],
        );
      expect(value(await ids(second.store))).toEqual(value(await ids(store)));
      await second.close();
    },
  );

  it.skipIf(long)(
    "keeps nothing of a person who is erased, and goes on with the others",
    async () => {
      const path = join(dir, "erased", "core.db");
      const other = await coreOn(await sqlite(path), {}, () => year.end);
      await tell(other, days.slice(0, 30).flat());
      const name = year.staff[3]?.name ?? "";
      expect(value(await other.erase(name))).toBeGreaterThan(0);
      expect(JSON.stringify(await dump(other.store))).not.toContain(`"${name}"`);
      await tell(other, days[30] ?? []);
      expect(other.status().trouble).toBeNull();
      await other.close();
    },
  );
});

const bin = findPostgres();
describe.skipIf(bin === null)(
  "the same events in PostgreSQL (skipped where it is not installed)",
  () => {
    let lab: PostgresLab;
    beforeAll(async () => {
      lab = await startPostgres(bin ?? "");
    }, 60_000);
    afterAll(() => lab.stop());

    it("give the same rows and the same reports", async () => {
      const year = createYear({ people: 10, days: 30, plantedPerKind: 0, seed });
      const url = lab.newDatabase();
      const theirs = await coreOn(
        value(await createStore(value(await openPostgres({ url })), url)),
        {},
        () => year.end,
      );
      const ours = await coreOn(await sqlite(), {}, () => year.end);
      for (const day of year.days()) {
        await tell(theirs, day);
        await tell(ours, day);
      }
      expect(await dump(theirs.store)).toEqual(await dump(ours.store));
      for (const report of REPORTS) {
        const question = { from: year.start, to: year.end, limit: 20, person: "person-001" };
        const [one, other] = [ours, theirs].map((core) =>
          runReport(core.store, DEFAULT_SETTINGS, report, question),
        );
        expect(value(await other!), report.name).toEqual(value(await one!));
      }
      await askForEveryColumn(theirs.store, year);
      await ours.close();
      await theirs.close();
    });
  },
);

describe("continuous identification", () => {
  const start = Date.UTC(2026, 0, 5, 9);
  function event(type: string, sequence: number, data: object, session = "s1"): string {
    const ref = {
      id: session,
      protocol: "ssh",
      person: "alice",
      account: "root",
      target: "db",
      origin: "10.0.0.1",
    };
    return JSON.stringify({
      specversion: "1.0",
      id: `${session}-${sequence}`,
      source: "/chaperone/lab/n1",
      subject: session,
      sequence,
      type: `io.chaperone.${type}.v1`,
      time: new Date(start + sequence * 1_000).toISOString(),
      data: { session: ref, ...data },
    });
  }
  const blocked = (sequence: number) => event("command.entered", sequence, { decision: "blocked" });

  async function heardBy(core: ScoringCore, events: readonly string[]): Promise<CoreMessage[]> {
    const heard: CoreMessage[] = [];
    const peer = core.connect((message) => heard.push(message));
    value(peer.take({ type: "hello", node: "n1", site: "lab", lastAck: 0 }));
    value(peer.take({ type: "events", from: 0, events }));
    await core.push([]);
    peer.gone();
    return heard;
  }

  it("asks the person after so many blocked commands, and again in the next session until it is answered", async () => {
    const identification = { ...DEFAULT_SETTINGS.identification, blockedCommands: 2 };
    const path = join(dir, "identification", "core.db");
    let core = await coreOn(await sqlite(path), { identification }, () => start + 60_000);
    const first = await heardBy(core, [event("session.opened", 0, {}), blocked(1), blocked(2)]);
    expect(first.filter(({ type }) => type === "command")).toEqual([
      {
        type: "command",
        id: "s1-2-blocked-commands",
        do: "reauth",
        person: "alice",
        reason: "2 blocked commands in the session",
        trigger: "blocked-commands",
      },
    ]);
    await core.close();

    core = await coreOn(await sqlite(path), { identification }, () => start + 60_000);
    const second = await heardBy(core, [event("session.opened", 10, {}, "s2")]);
    expect(second).toContainEqual(
      expect.objectContaining({ type: "command", do: "reauth", session: "s2" }),
    );
    await heardBy(core, [event("reauth.succeeded", 11, { trigger: "core", factor: "totp" }, "s2")]);
    const third = await heardBy(core, [event("session.opened", 20, {}, "s3")]);
    expect(third.filter(({ type }) => type === "command")).toEqual([]);
    expect(value(await core.store.query("SELECT outcome, session FROM reauth", []))).toEqual([
      { outcome: "success", session: "s2" },
    ]);
    await core.close();
  });

  it("tells the sidecar what it has compared, also what is not unusual", async () => {
    const year = createYear({ people: 4, days: 60, plantedPerKind: 0, seed: 1 });
    const core = await coreOn(await sqlite(), {}, () => year.end);
    for (const day of year.days()) await tell(core, day);
    const name = year.staff[0]?.name ?? "";
    const visit = event("session.opened", 0, {}, "visit")
      .replaceAll("alice", name)
      .replace(new Date(start).toISOString(), new Date(year.end).toISOString());
    const heard = await heardBy(core, [visit]);
    const [risk] = heard.filter((one) => one.type === "risk");
    const signals = new Map(risk?.signals?.map((one) => [one.detector, one]));
    expect([...signals.keys()]).toEqual(
      expect.arrayContaining(["time", "origin", "target", "credential"]),
    );
    expect(signals.get("target")).toMatchObject({
      raised: true,
      reason: expect.stringMatching(/^on db: never before, of \d+ in the history/) as unknown,
    });
    expect(risk).toMatchObject({ session: "visit", previous: 0 });
    await core.close();
  });

  it("acknowledges only what is kept, and refuses a sidecar that does not wait", async () => {
    const core = await coreOn(await sqlite());
    const heard = await heardBy(core, [event("session.opened", 0, {}), "no json", "{}"]);
    expect(heard.filter(({ type }) => type === "ack")).toEqual([{ type: "ack", upTo: 3 }]);
    expect(core.status()).toMatchObject({ events: 1, unreadable: 2 });
    const peer = core.connect(() => undefined);
    const taken = Array.from({ length: 6 }, () =>
      peer.take({ type: "events", from: 0, events: [] }),
    );
    expect(taken.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
    await core.close();
  });
});
