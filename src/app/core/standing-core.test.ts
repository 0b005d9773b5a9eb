import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createCoreConnection,
  DEFAULT_SETTINGS,
  dialCore,
  openPostgres,
} from "../../core/index.js";
import {
  findPostgres,
  startPostgres,
  type PostgresLab,
} from "../../core/store/postgres-lab.testing.js";
import { value } from "../../core/store/store-conformance.testing.js";
import { err, fault, ok } from "../../kernel/index.js";
import type { OpenCore } from "./run-core.js";
import { standCore } from "./standing-core.js";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const DEPS = { settings: DEFAULT_SETTINGS, env: {}, log, lookMs: 20 };
const PATIENCE = { timeout: 15_000 };
const never = new AbortController().signal;

const bin = findPostgres();
describe.skipIf(bin === null)(
  "cores that share a PostgreSQL (skipped where it is not installed)",
  () => {
    let lab: PostgresLab;
    let dir = "";
    let url = "";
    const cores: OpenCore[] = [];
    beforeAll(async () => {
      lab = await startPostgres(bin ?? "");
    }, 60_000);
    afterAll(() => lab.stop());
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), "chaperone-cores-"));
      url = lab.newDatabase();
    });
    afterEach(async () => {
      for (const core of cores.splice(0)) await core.close();
      rmSync(dir, { recursive: true, force: true });
    });

    async function core(): Promise<OpenCore> {
      const store = { type: "postgres", url } as const;
      const listen = { address: "127.0.0.1", port: 0, token: join(dir, "core.token") };
      const opened = value(await standCore({ type: "embedded", store, listen }, DEPS));
      cores.push(opened);
      return opened;
    }

    /** Tries the cores in turn, as a sidecar does. */
    function sidecar() {
      const token = readFileSync(join(dir, "core.token"), "utf8").trim();
      return createCoreConnection({
        node: "n1",
        site: "lab",
        heard: () => undefined,
        async open(ears) {
          for (const { served } of cores) {
            const at = `ws://127.0.0.1:${served?.port ?? 0}`;
            const options = { url: at, token: () => ok(token), tls: () => ok(undefined) };
            const dialled = await dialCore(options, ears);
            if (dialled.ok) return dialled;
          }
          return err(fault("CHP_CORE_LINK", "no core takes us"));
        },
      });
    }

    const health = async ({ served }: OpenCore) =>
      (await fetch(`http://127.0.0.1:${served?.port ?? 0}/healthz`)).status;

    async function sessions(): Promise<unknown> {
      const reader = value(await openPostgres({ url, reading: true }));
      const rows = await reader.all("SELECT id, commands, sequence FROM session ORDER BY id");
      await reader.close();
      return rows;
    }

    it("work one at a time: the other stands by, sends sidecars away, and takes over", async () => {
      const first = await core();
      const second = await core();
      expect([await health(first), await health(second)]).toEqual([200, 503]);
      const link = sidecar();
      value(await link.tell([event(0, "session.opened"), event(1, "command.entered")], never));
      await first.close();
      await expect.poll(() => health(second), PATIENCE).toBe(200);
      // The sidecar was not told that the last ones were kept, and tells them again.
      const again = [event(1, "command.entered"), event(2, "command.entered")];
      await expect.poll(async () => (await link.tell(again, never)).ok, PATIENCE).toBe(true);
      expect(await sessions()).toEqual([{ id: "s1", commands: 2, sequence: 2 }]);
      await link.close();
    });

    it("count everything once when the one that works loses its database in the middle", async () => {
      const first = await core();
      const link = sidecar();
      value(await link.tell([event(0, "session.opened")], never));
      const second = await core();
      // The database forgets who holds what: whoever looks first takes it.
      await lab.restart();
      for (let sequence = 1; sequence <= 20; sequence += 1) {
        const one = [event(sequence, "command.entered")];
        await expect.poll(async () => (await link.tell(one, never)).ok, PATIENCE).toBe(true);
      }
      expect(await sessions()).toEqual([{ id: "s1", commands: 20, sequence: 20 }]);
      const states = async () => [await health(first), await health(second)].sort();
      await expect.poll(states, PATIENCE).toEqual([200, 503]);
      await link.close();
    });
  },
);

function event(sequence: number, type: string): string {
  const session = {
    id: "s1",
    protocol: "ssh",
    person: "alice",
    account: "root",
    target: "db",
    origin: "10.0.0.1",
  };
  return JSON.stringify({
    specversion: "1.0",
    id: `s1-${sequence}`,
    source: "/chaperone/lab/n1",
    subject: "s1",
    sequence,
    type: `io.chaperone.${type}.v1`,
    time: new Date().toISOString(),
    data: { session },
  });
}
