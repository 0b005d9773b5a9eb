import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../core/index.js";
import type { Fault, Result } from "../../kernel/index.js";
import { readCoreStore } from "./open-core-store.js";
import { runCore } from "./run-core.js";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const DEPS = { settings: DEFAULT_SETTINGS, env: {}, log };

describe("a core that runs", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-core-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("makes its token at the first start, and is read while it runs", async () => {
    const store = { type: "sqlite", path: join(dir, "core", "core.db") } as const;
    const token = join(dir, "own", "core.token");
    const listen = { address: "127.0.0.1", port: 0, token };
    const running = value(await runCore({ type: "embedded", store, listen }, DEPS));
    expect(statSync(token).mode & 0o777).toBe(0o600);
    const shown = readFileSync(token, "utf8").trim();
    expect(shown.length).toBeGreaterThan(40);
    const event = {
      specversion: "1.0",
      id: "v1",
      source: "/pam",
      type: "io.chaperone.credential.viewed.v1",
      subject: "pam",
      time: new Date().toISOString(),
      data: { person: "alice", account: "root", target: "db", origin: "10.0.0.1" },
    };
    const pushed = await fetch(`http://127.0.0.1:${running.served?.port ?? 0}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${shown}` },
      body: JSON.stringify(event),
    });
    expect(pushed.status).toBe(200);
    const reader = value(await readCoreStore(store, {}));
    expect(value(await reader.people()).map(({ name }) => name)).toEqual(["alice"]);
    await reader.close();
    await running.close();
  });

  it("that can not listen leaves nothing open", async () => {
    const store = { type: "sqlite", path: join(dir, "core.db") } as const;
    const listen = { address: "192.0.2.1", port: 1, token: join(dir, "token") };
    const failed = await runCore({ type: "embedded", store, listen }, DEPS);
    expect(failed).toMatchObject({ ok: false, error: { code: "CHP_CORE_LINK" } });
    const again = value(await runCore({ type: "embedded", store }, DEPS));
    await again.close();
  });

  it("whose password is not there says where it should be", async () => {
    const at = { file: "chaperone.yaml", line: 9, column: 3 };
    const password = { type: "env", name: "NO_SUCH", at } as const;
    const store = { type: "postgres", url: "postgres://core@127.0.0.1:1/core", password } as const;
    const failed = await runCore({ type: "embedded", store }, DEPS);
    expect(failed).toMatchObject({ ok: false, error: { code: "CHP_CONFIG_SECRET", at } });
  });
});

function value<T>(result: Result<T, Fault>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}
