import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStore, openPostgres, openSqlite } from "./index.js";
import { findPostgres, startPostgres, type PostgresLab } from "./postgres-lab.testing.js";
import { storeConformance, value } from "./store-conformance.testing.js";

describe("the store in a file of SQLite", () => {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-core-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let count = 0;
  const fresh = () => {
    const path = join(dir, `${(count += 1)}`, "core.db");
    return () => Promise.resolve(openSqlite(path));
  };

  storeConformance({ fresh, files: () => dir });

  it("is made for its owner alone", async () => {
    const path = join(dir, "own", "core.db");
    const database = value(openSqlite(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "own")).mode & 0o777).toBe(0o700);
    await database.close();
  });

  it("is read by another process while the core writes, which can not write", async () => {
    const path = join(dir, "shared", "core.db");
    const store = value(await createStore(value(openSqlite(path)), path));
    const reader = value(openSqlite(path, true));
    expect(await reader.all("SELECT COUNT(*) AS n FROM session")).toEqual([{ n: 0 }]);
    await expect(reader.run("DELETE FROM session")).rejects.toThrow();
    await reader.close();
    await store.close();
  });

  it("that can not be opened is a fault with its path", () => {
    const opened = openSqlite("/dev/null/core.db");
    expect(opened).toMatchObject({ ok: false, error: { code: "CHP_CORE_STORE" } });
  });
});

const bin = findPostgres();

describe.skipIf(bin === null)(
  "the store in a PostgreSQL (skipped where it is not installed)",
  () => {
    let lab: PostgresLab;
    beforeAll(async () => {
      lab = await startPostgres(bin ?? "");
    }, 60_000);
    afterAll(() => lab.stop());
    const fresh = () => {
      const url = lab.newDatabase();
      return () => openPostgres({ url });
    };

    storeConformance({ fresh, files: () => lab.tables });

    it("belongs to one core at a time", async () => {
      const open = fresh();
      const first = value(await open());
      expect(await open()).toMatchObject({ ok: false, error: { code: "CHP_CORE_STORE_TAKEN" } });
      await first.close();
      await value(await open()).close();
    });

    it("is lost to a core that another one has stood in for, also when the other is gone again", async () => {
      const url = lab.newDatabase();
      const store = value(await createStore(value(await openPostgres({ url })), url));
      await lab.restart();
      const other = value(await openPostgres({ url }));
      const taken = { ok: false, error: { code: "CHP_CORE_STORE_TAKEN" } };
      await store.people();
      expect(await store.people()).toMatchObject(taken);
      await other.close();
      // The lock is free, but what this core remembers is older than what the other has written.
      expect(await store.people()).toMatchObject(taken);
      await store.close();
      await value(await openPostgres({ url })).close();
    });

    it("is read without being taken", async () => {
      const url = lab.newDatabase();
      const store = value(await createStore(value(await openPostgres({ url })), url));
      const reader = value(await openPostgres({ url, reading: true }));
      expect(await reader.all("SELECT COUNT(*) AS n FROM session")).toEqual([{ n: 0 }]);
      await expect(reader.run("DELETE FROM session")).rejects.toThrow(/read-only/);
      await reader.close();
      await store.close();
    });

    it("goes on after the server was restarted; what was not committed is told as a fault", async () => {
      const url = lab.newDatabase();
      const store = value(await createStore(value(await openPostgres({ url })), url));
      await lab.restart();
      // The first statement may meet the lost connection, the next one makes it anew.
      await store.people();
      expect(value(await store.people())).toEqual([]);
      await store.close();
    });
  },
);
