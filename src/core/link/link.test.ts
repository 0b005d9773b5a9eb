import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ok } from "../../kernel/index.js";
import { createStore, openSqlite } from "../store/index.js";
import { value } from "../store/store-conformance.testing.js";
import { openScoringCore, type ScoringCore } from "../scoring-core.js";
import { DEFAULT_SETTINGS } from "../settings.js";
import { createCoreConnection, type CoreConnection } from "./core-connection.js";
import { dialCore } from "./dial-core.js";
import type { CoreMessage } from "./messages.js";
import { serveCore, type ServedCore } from "./serve-core.js";

const TOKEN = "a-token";
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const START = Date.UTC(2026, 0, 5, 9);

async function memoryCore(): Promise<ScoringCore> {
  const store = value(await createStore(value(openSqlite(":memory:")), "memory"));
  const identification = { ...DEFAULT_SETTINGS.identification, blockedCommands: 1 };
  const settings = { ...DEFAULT_SETTINGS, identification };
  return value(await openScoringCore({ store, settings, now: () => START, log }));
}

async function served(core: ScoringCore, port = 0): Promise<ServedCore> {
  const tokenDigest = createHash("sha256").update(TOKEN).digest();
  return value(await serveCore(() => core, { address: "127.0.0.1", port, tokenDigest }, log));
}

function sidecar(port: number, node: string, token = TOKEN) {
  const heard: CoreMessage[] = [];
  const connection = createCoreConnection({
    node,
    site: "lab",
    open: (ears) =>
      dialCore(
        { url: `ws://127.0.0.1:${port}`, token: () => ok(token), tls: () => ok(undefined) },
        ears,
      ),
    heard: (message) => heard.push(message),
  });
  return { connection, heard };
}

function event(node: string, type: string, sequence: number, data: object = {}): string {
  const id = `session-of-${node}`;
  const session = {
    id,
    protocol: "ssh",
    person: "alice",
    account: "root",
    target: "db",
    origin: "10.0.0.1",
  };
  return JSON.stringify({
    specversion: "1.0",
    id: `${id}-${sequence}`,
    source: `/chaperone/lab/${node}`,
    type: `io.chaperone.${type}.v1`,
    subject: id,
    sequence,
    time: new Date(START).toISOString(),
    data: { session, ...data },
  });
}

const never = new AbortController().signal;
const tell = (connection: CoreConnection, ...events: string[]) => connection.tell(events, never);

describe("the link to a core elsewhere", () => {
  it("takes the events of several sidecars, and orders all of them", async () => {
    const core = await memoryCore();
    const server = await served(core);
    const [one, other] = [sidecar(server.port, "n1"), sidecar(server.port, "n2")];
    value(await tell(one.connection, event("n1", "session.opened", 0)));
    value(await tell(other.connection, event("n2", "session.opened", 0)));
    value(await tell(one.connection, event("n1", "command.entered", 1, { decision: "blocked" })));
    const order = expect.objectContaining({
      type: "command",
      do: "reauth",
      person: "alice",
    }) as unknown;
    await expect.poll(() => one.heard, { timeout: 15_000 }).toContainEqual(order);
    await expect.poll(() => other.heard, { timeout: 15_000 }).toContainEqual(order);
    expect(core.status()).toMatchObject({ peers: 2, openSessions: 2, events: 3 });
    await one.connection.close();
    await other.connection.close();
    await expect.poll(() => core.status().peers, { timeout: 15_000 }).toBe(0);
    await server.close();
    await core.close();
  });

  it("is made anew after a break, and what was told twice counts once", async () => {
    const core = await memoryCore();
    let server = await served(core);
    const { port } = server;
    const { connection } = sidecar(port, "n1");
    const first = [event("n1", "session.opened", 0), event("n1", "command.entered", 1)];
    value(await tell(connection, ...first));
    await server.close();
    await expect
      .poll(async () => (await tell(connection, ...first)).ok, { timeout: 15_000 })
      .toBe(false);
    server = await served(core, port);
    await expect
      .poll(async () => (await tell(connection, ...first)).ok, { timeout: 15_000 })
      .toBe(true);
    const rows = value(await core.store.query("SELECT commands, sequence FROM session", []));
    expect(rows).toEqual([{ commands: 1, sequence: 1 }]);
    await connection.close();
    await server.close();
    await core.close();
  });

  it("is refused without the token, and says so as a fault", async () => {
    const core = await memoryCore();
    const server = await served(core);
    const told = await tell(sidecar(server.port, "n1", "another").connection, "{}");
    expect(told).toMatchObject({ ok: false, error: { code: "CHP_CORE_LINK" } });
    await server.close();
    await core.close();
  });

  it("takes what a PAM core pushes, with the token only", async () => {
    const core = await memoryCore();
    const server = await served(core);
    const url = `http://127.0.0.1:${server.port}/v1/events`;
    const viewed = {
      specversion: "1.0",
      id: "view-1",
      source: "/pam",
      type: "io.chaperone.credential.viewed.v1",
      subject: "pam",
      time: new Date(START).toISOString(),
      sequence: 0,
      data: {
        person: "alice",
        account: "root",
        target: "db",
        origin: "10.0.0.1",
        kind: "password",
      },
    };
    const push = (body: string, token: string) =>
      fetch(url, { method: "POST", body, headers: { authorization: `Bearer ${token}` } });
    expect((await push(JSON.stringify([viewed]), "wrong")).status).toBe(401);
    expect((await push("no json", TOKEN)).status).toBe(400);
    const taken = await push(JSON.stringify([viewed, viewed]), TOKEN);
    expect([taken.status, await taken.json()]).toEqual([200, { taken: 2, unreadable: 0 }]);
    expect(value(await core.store.query("SELECT person FROM credential_view", []))).toEqual([
      { person: "alice" },
    ]);
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
    const status = `http://127.0.0.1:${server.port}/v1/status`;
    expect((await fetch(status)).status).toBe(401);
    const told = await fetch(status, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await told.json()).toMatchObject({ state: "works", trouble: null, people: 1 });
    await server.close();
    await core.close();
  });
});
