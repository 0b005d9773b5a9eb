import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seed } from "../testing/index.js";
import {
  createStore,
  DEFAULT_SETTINGS,
  openPostgres,
  openScoringCore,
  openSqlite,
  type ScoringCore,
  type Store,
} from "./index.js";
import { findPostgres, startPostgres, type PostgresLab } from "./store/postgres-lab.testing.js";
import { value } from "./store/store-conformance.testing.js";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOW = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const RUNS = process.env["CHAPERONE_LONG"] === undefined ? 60 : 2_000;

async function coreOn(store: Store): Promise<ScoringCore> {
  const deps = { store, settings: DEFAULT_SETTINGS, now: () => NOW, log: silent };
  return value(await openScoringCore(deps));
}

const TYPES = [
  "session.opened",
  "session.closed",
  "auth.succeeded",
  "auth.failed",
  "command.entered",
  "rule.matched",
  "anomaly.detected",
  "file.transferred",
  "reauth.succeeded",
  "reauth.failed",
  "credential.viewed",
  "credential.changed",
  "nobody.knows",
];

/** What may stand where a name, a number or an object is expected. */
const anything = fc.oneof(
  fc.constantFrom("", "alice", "__proto__", "constructor", "a\0b", "\ud800", "x".repeat(5_000)),
  fc.constantFrom(0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 63),
  fc.constantFrom(null, true, [], {}, [[[]]], ["a", 1, null]),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const session = fc.record(
  {
    id: fc.constantFrom("s1", "s2", "__proto__"),
    person: fc.oneof(fc.constantFrom("alice", "bob", "__proto__"), anything),
    account: anything,
    target: anything,
    origin: anything,
    protocol: anything,
  },
  { requiredKeys: ["id", "person"] },
);
const event = fc.record(
  {
    id: fc.oneof(fc.uuid(), fc.constantFrom("again", "__proto__")),
    type: fc.constantFrom(...TYPES).map((name) => `io.chaperone.${name}.v1`),
    source: anything,
    subject: fc.constantFrom("s1", "s2", "__proto__"),
    sequence: fc.oneof(fc.nat(50), anything),
    time: fc.oneof(
      fc.constantFrom("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-21T12:00:00Z"),
      anything,
    ),
    data: fc.dictionary(
      fc.constantFrom(
        ...["person", "account", "target", "bytes", "durationMs", "groups", "decision", "rule"],
        ...["detector", "pValue", "warm", "reasons", "targetLabels", "context", "manual", "kind"],
      ),
      anything,
    ),
  },
  { requiredKeys: ["id", "type", "subject"] },
);
const told = fc
  .tuple(event, session)
  .map(([one, of]) => JSON.stringify({ ...one, data: { ...one.data, session: of } }));

/** The same of every store: a core that gives up on one event would never take another. */
async function takesAnything(core: ScoringCore): Promise<void> {
  const lines = fc.array(fc.oneof({ weight: 9, arbitrary: told }, fc.string()), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lines, async (events) => {
      const pushed = value(await core.push(events));
      expect(pushed.taken + pushed.unreadable).toBe(events.length);
      expect(core.status().trouble).toBeNull();
    }),
    { seed, numRuns: RUNS },
  );
}

describe("whatever is told to the core", () => {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-hostile-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let files = 0;
  const sqlite = async () => {
    const path = join(dir, `${(files += 1)}.db`);
    return value(await createStore(value(openSqlite(path)), path));
  };

  it("it takes, and goes on", async () => {
    const core = await coreOn(await sqlite());
    await takesAnything(core);
    await core.close();
  });

  it("a clock that runs years ahead makes it forget nothing", async () => {
    const core = await coreOn(await sqlite());
    const visit = (id: string, at: number, type: string, sequence: number) =>
      JSON.stringify({
        id: `${id}-${sequence}`,
        type: `io.chaperone.${type}.v1`,
        source: "/chaperone/lab/n1",
        subject: id,
        sequence,
        time: new Date(at).toISOString(),
        data: {
          session: { id, person: "alice", account: "root", target: "db", origin: "10.0.0.1" },
          durationMs: 60_000,
        },
      });
    const days = Array.from({ length: 12 }, (_, index) => NOW - (12 - index) * DAY_MS);
    for (const [index, at] of days.entries()) {
      const events = [
        visit(`d${index}`, at, "session.opened", 0),
        visit(`d${index}`, at, "session.closed", 1),
      ];
      value(await core.push(events));
    }
    const ahead = Date.UTC(2199, 0, 1);
    value(await core.push([visit("ahead", ahead, "session.opened", 0)]));
    value(await core.push([visit("after", NOW, "session.opened", 0)]));
    const rows = value(
      await core.store.query(
        "SELECT id, odd_target, started FROM session WHERE id IN ('ahead', 'after') ORDER BY id",
        [],
      ),
    );
    // Judged by what was learnt before: null would be somebody whom nobody knows.
    expect(rows).toEqual([
      { id: "after", odd_target: 0, started: NOW },
      { id: "ahead", odd_target: 0, started: NOW },
    ]);
    await core.close();
  });

  it("of failed log-ins it keeps those that had a proof to give: the others are anybody's", async () => {
    const core = await coreOn(await sqlite());
    const failed = (id: string, factor: string) =>
      JSON.stringify({
        id,
        type: "io.chaperone.auth.failed.v1",
        source: "/chaperone/lab/n1",
        subject: "c1",
        sequence: 0,
        time: new Date(NOW).toISOString(),
        data: { session: { id: "c1", person: "root" }, method: "keyboard-interactive", factor },
      });
    value(await core.push([failed("a", "password"), failed("b", "totp"), failed("c", "")]));
    const rows = value(await core.store.query("SELECT id, outcome FROM reauth", []));
    expect(rows).toEqual([{ id: "b", outcome: "failure" }]);
    await core.close();
  });

  const bin = findPostgres();
  describe.skipIf(bin === null)("in PostgreSQL (skipped where it is not installed)", () => {
    let lab: PostgresLab;
    beforeAll(async () => {
      lab = await startPostgres(bin ?? "");
    }, 60_000);
    afterAll(() => lab.stop());

    it("it takes, and goes on", async () => {
      const url = lab.newDatabase();
      const core = await coreOn(value(await createStore(value(await openPostgres({ url })), url)));
      await takesAnything(core);
      await core.close();
    });
  });
});
