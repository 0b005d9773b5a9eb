import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, serveCore, type ServedCore } from "../../../core/index.js";
import { value } from "../../../core/store/store-conformance.testing.js";
import type { CoreConfig, RemoteCore } from "../../config/index.js";
import { runCore, type OpenCore } from "../../core/run-core.js";
import { examineCore } from "./core.js";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const HOUR_MS = 3_600_000;

let dir = "";
let running: OpenCore | null = null;
let standing: ServedCore | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-doctor-"));
});
afterEach(async () => {
  await running?.close();
  await standing?.close();
  [running, standing] = [null, null];
  rmSync(dir, { recursive: true, force: true });
});

async function core(): Promise<string> {
  const config: CoreConfig = {
    type: "embedded",
    store: { type: "sqlite", path: join(dir, "core.db") },
    listen: { address: "127.0.0.1", port: 0, token: join(dir, "token") },
  };
  running = value(await runCore(config, { settings: DEFAULT_SETTINGS, env: {}, log }));
  return `ws://127.0.0.1:${running.served?.port ?? 0}`;
}

function look(where: CoreConfig | RemoteCore, nowMs = Date.now) {
  const scoring = { settings: DEFAULT_SETTINGS, core: where };
  return examineCore({ scoring, stateDir: dir }, {}, nowMs);
}

function remote(token: string, ...[first = "", ...others]: readonly string[]): RemoteCore {
  const at = { file: "chaperone.yaml", line: 1, column: 1 };
  const urls = [first, ...others] as const;
  return { type: "remote", urls, tls: {}, token: { type: "file", path: join(dir, token), at } };
}

describe("the doctor looks at the scoring core", () => {
  it("that is elsewhere, and works", async () => {
    const found = await look(remote("token", await core()));
    expect(found.map(({ state }) => state)).toEqual(["fine"]);
    expect(found[0]?.detail).toBe("works, sidecars: 0");
  });

  it("that does not take our token, or is not there", async () => {
    const url = await core();
    writeFileSync(join(dir, "wrong"), "wrong");
    const [refused] = await look(remote("wrong", url));
    expect(refused).toMatchObject({ state: "warn" });
    expect(refused?.detail).toContain("does not take our token");
    const [gone] = await look(remote("token", "ws://127.0.0.1:1"));
    expect(gone).toMatchObject({ state: "warn" });
    const [missing] = await look(remote("no-such-file", url));
    expect(missing?.detail).toContain("no-such-file");
  });

  it("whose clock is an hour from ours", async () => {
    const url = await core();
    const [found] = await look(remote("token", url), () => Date.now() - HOUR_MS);
    expect(found?.state).toBe("warn");
    expect(found?.detail).toMatch(/^its clock is 3[56]\d\d s from ours$/);
  });

  it("that stands by beside one that works, and alone", async () => {
    const url = await core();
    const shown = readFileSync(join(dir, "token"), "utf8").trim();
    const tokenDigest = createHash("sha256").update(shown).digest();
    const options = { address: "127.0.0.1", port: 0, tokenDigest };
    standing = value(await serveCore(() => null, options, log));
    const other = `ws://127.0.0.1:${standing.port}`;
    const found = await look(remote("token", url, other));
    expect(found.map(({ state }) => state)).toEqual(["fine", "info"]);
    const alone = await look(remote("token", other, other));
    expect(alone.map(({ state }) => state)).toEqual(["info", "info", "warn"]);
  });

  it("in this sidecar: its store is there, or will be made", async () => {
    const store = { type: "sqlite", path: join(dir, "core.db") } as const;
    expect((await look({ type: "embedded", store }))[0]).toMatchObject({ state: "info" });
    await core();
    const [found] = await look({ type: "embedded", store });
    expect(found).toMatchObject({ state: "fine" });
    expect(found?.detail).toMatch(/people: 0$/);
    const none = { type: "postgres", url: "postgres://core@127.0.0.1:1/core" } as const;
    expect((await look({ type: "embedded", store: none }))[0]).toMatchObject({ state: "warn" });
  });

  it("and says how much waits for it", async () => {
    mkdirSync(join(dir, "outbox"));
    mkdirSync(join(dir, "sinks"));
    writeFileSync(join(dir, "outbox", "0000000000000100.ndjson"), "x".repeat(50));
    const cursor = join(dir, "sinks", "scoring-core.cursor");
    writeFileSync(cursor, JSON.stringify({ position: 120 }));
    const store = { type: "sqlite", path: join(dir, "none.db") } as const;
    const found = await look({ type: "embedded", store });
    expect(found[1]).toMatchObject({ state: "fine", detail: "30 bytes wait in the outbox" });
    writeFileSync(join(dir, "outbox", "0000000000000150.ndjson"), "x".repeat(9 * 1024 * 1024));
    expect((await look({ type: "embedded", store }))[1]).toMatchObject({ state: "warn" });
  });

  it("where there is one", async () => {
    expect(await examineCore({ stateDir: dir }, {})).toEqual([]);
  });
});
