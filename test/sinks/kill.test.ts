// The sidecar's events and its sinks while everything around is killed: the sidecar itself with SIGKILL,
// receivers that come, go, drop, refuse and hang up, and a NATS server that is killed too.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyLog } from "../../src/sealing/index.js";
import { httpDouble, type Behaviour, type HttpDouble } from "../../src/sinks/sink-lab.testing.js";
import { createSeededRandom, longRun, seed } from "../../src/testing/index.js";

const ROUNDS = longRun ? 100 : 5;
/** For the last run, which may have to tell what all rounds have left. */
const PATIENCE_MS = 120_000 + ROUNDS * 5_000;
const EVENTS_PER_SECOND = 400;
const NATS = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server", "/usr/bin/nats-server"].find(
  (path) => existsSync(path),
);

interface Received {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly sequence: number;
}

describe("while the sidecar and the receivers are killed and come back", () => {
  let dir = "";
  let hook: HttpDouble | null = null;
  let broker: ChildProcess | null = null;
  let natsPort = 0;
  const hooked: Received[] = [];
  const random = createSeededRandom(seed);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-sinks-"));
  });
  afterEach(async () => {
    await hook?.close();
    broker?.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  async function openHook(port = 0): Promise<number> {
    hook = await httpDouble(({ body }) => {
      hooked.push(...(JSON.parse(body) as Received[])); // CloudEvents, as the sink sends them
      return { status: 204 };
    }, port);
    return Number(new URL(hook.url).port);
  }

  function startBroker(): void {
    const config = join(dir, "nats.conf");
    mkdirSync(join(dir, "store"), { recursive: true });
    writeFileSync(
      config,
      `listen: "127.0.0.1:${natsPort}"\njetstream { store_dir: "${join(dir, "store")}" }\n`,
    );
    broker = spawn(NATS ?? "", ["-c", config], { stdio: "ignore" });
  }

  const admin = () => connect({ servers: `127.0.0.1:${natsPort}`, reconnect: false });

  async function makeStream(): Promise<void> {
    await expect
      .poll(
        async () => {
          try {
            const connection = await admin();
            const manager = await jetstreamManager(connection);
            await manager.streams.add({ name: "AUDIT", subjects: ["chaperone.events.>"] });
            await connection.close();
            return "made";
          } catch (error) {
            return String(error);
          }
        },
        { timeout: 20_000 },
      )
      .toBe("made");
  }

  async function storedInNats(): Promise<readonly Received[]> {
    const connection = await admin();
    const all: Received[] = [];
    const consumer = await jetstream(connection).consumers.get("AUDIT");
    const { num_pending: pending } = await consumer.info(false);
    const messages = await consumer.fetch({ max_messages: Math.max(1, pending), expires: 20_000 });
    if (pending > 0) {
      for await (const message of messages) {
        all.push(message.json());
        if (all.length === pending) break;
      }
    }
    await connection.close();
    return all;
  }

  function writeConfig(hookPort: number): string {
    const path = join(dir, "chaperone.yaml");
    const nats =
      NATS === undefined
        ? ""
        : `    - { name: nats, type: nats, enforced: true, servers: ["127.0.0.1:${natsPort}"], stream: AUDIT }\n`;
    writeFileSync(
      path,
      `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ./state
workers: 0
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events:
  file: { path: ./events/events.ndjson }
  sinks:
    - { name: hook, type: webhook, enforced: true, url: "http://127.0.0.1:${hookPort}/", secret: { value: k } }
    - { name: copy, type: file, enforced: true, path: ./copy/copy.ndjson }
${nats}`,
    );
    return path;
  }

  async function startSidecar(config: string, events = Infinity): Promise<ChildProcess> {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, "teller.mjs"), config, String(EVENTS_PER_SECOND), String(events)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await Promise.race([
      once(child.stdout, "data"),
      once(child, "exit").then(() => Promise.reject(new Error("it did not start"))),
    ]);
    return child;
  }

  /** Something goes wrong with a receiver, for a while. */
  async function disturb(hookPort: number): Promise<void> {
    const misbehaviours: readonly Behaviour[] = [
      { kind: "drop" },
      { kind: "take-and-drop" },
      { kind: "half-close" },
      { kind: "delay", ms: 150 },
      { kind: "answer", status: 503 },
      { kind: "answer", status: 429 },
    ];
    const events = random.below(6);
    // What the last round had no time for: else a receiver would be down from the first round to the last.
    if (hook !== null) hook.next.length = 0;
    for (let n = 0; n < events; n += 1) hook?.next.push(random.pick(misbehaviours));
    await sleep(random.below(300));
    if (random.below(3) === 0) {
      await hook?.close();
      await sleep(random.below(400));
      await openHook(hookPort);
    }
    if (NATS !== undefined && random.below(3) === 0) {
      const gone = broker === null ? Promise.resolve() : once(broker, "exit");
      broker?.kill("SIGKILL");
      await gone;
      await sleep(random.below(200));
      startBroker();
    }
  }

  it(
    "every event reaches every enforced sink, once after de-duplication, each session in order",
    async () => {
      natsPort = await freePort();
      const hookPort = await openHook();
      if (NATS !== undefined) {
        startBroker();
        await makeStream();
      }
      const config = writeConfig(hookPort);
      for (let round = 0; round < ROUNDS; round += 1) {
        const child = await startSidecar(config);
        await disturb(hookPort);
        await sleep(random.below(400));
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      }
      if (hook !== null) hook.next.length = 0;
      // The last one tells only what the others have left: there is an end to wait for.
      const last = await startSidecar(config, 0);
      const lastBegan = new Date().toISOString();
      const told = () => readLines(join(dir, "events", "events.ndjson"));
      const receivers: Readonly<Record<string, () => Promise<readonly Received[]>>> = {
        hook: () => Promise.resolve(hooked),
        copy: () => Promise.resolve(readLines(join(dir, "copy", "copy.ndjson"))),
        ...(NATS === undefined ? {} : { nats: storedInNats }),
      };
      await poll(() => Promise.resolve(headTold(hooked, lastBegan))).not.toBe(undefined);
      for (const [name, received] of Object.entries(receivers)) {
        await poll(async () => ({ name, missing: missingIn(await received(), told()) })).toEqual({
          name,
          missing: [],
        });
      }
      const all = told();
      const exited = once(last, "exit");
      last.kill("SIGTERM");
      await exited;

      expect(all.length).toBeGreaterThan(ROUNDS);
      expect(twice(told())).toEqual([]);
      for (const [name, received] of Object.entries(receivers)) {
        const got = await received();
        expect({ name, disordered: disordered(got) }).toEqual({ name, disordered: [] });
        expect({ name, invented: missingIn(told(), got) }).toEqual({ name, invented: [] });
      }
      const head = headTold(hooked, lastBegan) ?? "none";
      const audit = verifyLog(join(dir, "state", "audit"), { head });
      expect(audit).toMatchObject({ ok: true, value: { flaw: null } });
      const sealed = sealedEvents(join(dir, "state", "audit"));
      expect({ missing: missingIn(sealed, all), twice: twice(sealed) }).toEqual({
        missing: [],
        twice: [],
      });
    },
    2 * PATIENCE_MS + 300_000 + ROUNDS * 30_000,
  );
});

/** The newest head of the sealed log that this receiver was told since. */
function headTold(received: readonly Received[], since: string): string | undefined {
  const seals = received.filter(
    ({ type, time }) => type === "io.chaperone.audit.sealed.v1" && time > since,
  );
  // Of `audit.sealed`, whose data has it.
  return (seals.at(-1) as { readonly data: { readonly head: string } } | undefined)?.data.head;
}

/** What stands in the sealed log; who it was is encrypted, what is compared is not. */
function sealedEvents(dir: string): readonly Received[] {
  const segments = readdirSync(dir).filter((file) => file.endsWith(".log"));
  return segments.sort().flatMap((file) =>
    readFileSync(join(dir, file), "latin1")
      .split("\n")
      .slice(0, -1)
      .flatMap((line) => {
        const record = JSON.parse(line.slice(line.indexOf(" "))) as { readonly event?: Received }; // as it was sealed
        return record.event === undefined ? [] : [record.event];
      }),
  );
}

/** Until the last run has told what the runs before it left. */
function poll<T>(what: () => Promise<T>) {
  return expect.poll(what, { timeout: PATIENCE_MS, interval: 200 });
}

function readLines(path: string): readonly Received[] {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Received); // events, as they were told
}

function missingIn(received: readonly Received[], told: readonly Received[]): readonly string[] {
  const there = new Set(received.map(({ id }) => id));
  return told.flatMap(({ id }) => (there.has(id) ? [] : [id])).slice(0, 5);
}

function twice(all: readonly Received[]): readonly string[] {
  const seen = new Set<string>();
  return all.flatMap(({ id }) => (seen.size === seen.add(id).size ? [id] : [])).slice(0, 5);
}

/** Sessions in which an event came, for the first time, after a later one. */
function disordered(received: readonly Received[]): readonly string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  return received.flatMap(({ id, subject, sequence }) => {
    if (seen.has(id)) return [];
    seen.add(id);
    const inOrder = sequence === (last.get(subject) ?? -1) + 1;
    last.set(subject, sequence);
    return inOrder ? [] : [id];
  });
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo; // bound to a port
      server.close(() => found(port));
    });
  });
}
