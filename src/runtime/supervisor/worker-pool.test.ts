import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sessionId } from "../../kernel/index.js";
import { openEventFile } from "../../sinks/file/event-file.js";
import { createDelivery, type Delivery } from "../spool/delivery.js";
import type { RuntimeLog } from "../spool/ports.js";
import { compiled } from "../testing/compiled.testing.js";
import { createWorkerPool } from "./worker-pool.js";
import type { Workforce } from "./workforce.js";
import { eventually } from "../testing/eventually.testing.js";

/** A person's connection, line by line. */
interface Person {
  readonly socket: Socket;
  say(line: string): void;
  hears(): Promise<string>;
  readonly gone: Promise<unknown>;
}

describe("worker processes", () => {
  let dir = "";
  let server: Server;
  let pool: Workforce;
  let delivery: Delivery;
  let refused = 0;
  const ended: number[] = [];
  const logged: string[] = [];
  const people: Person[] = [];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-pool-"));
    ended.length = 0;
    logged.length = 0;
    refused = 0;
    await startPool(2);
  });
  afterEach(async () => {
    for (const person of people.splice(0)) person.socket.destroy();
    server.close();
    await pool.stop("test over", 100);
    await delivery.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function startPool(count: number): Promise<void> {
    const file = openEventFile(join(dir, "events.ndjson"));
    if (!file.ok) throw new Error(file.error.message);
    const note = (event: string) => void logged.push(event);
    const log: RuntimeLog = { info: note, warn: note, error: note };
    delivery = createDelivery({ dir, file: file.value, log, drained: () => undefined });
    pool = createWorkerPool(
      {
        delivery,
        log,
        answer: (question) => Promise.resolve({ heard: question }),
        connectionEnded: (connection) => ended.push(connection),
        sessionEnded: () => undefined,
        workerDied: () => undefined,
        observed: () => undefined,
      },
      {
        count,
        module: compiled("runtime/testing/toy-worker.testing.js"),
        args: (slot) => [dir, `w${slot}`, join(dir, "effects")],
        settings: () => null,
      },
    );
    expect(await pool.start()).toMatchObject({ ok: true });
    let id = 0;
    server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      if (pool.assign({ id: id++, address: "127.0.0.1", port: 1 }, socket)) return;
      refused += 1;
      socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }

  async function arrives(): Promise<Person> {
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const gone = once(socket, "close");
    const lines: Interface = createInterface(socket);
    const heard = lines[Symbol.asyncIterator]();
    await once(socket, "connect");
    const person: Person = {
      socket,
      say: (line) => void socket.write(`${line}\n`),
      hears: async () => String((await heard.next()).value),
      gone,
    };
    people.push(person);
    return person;
  }

  async function workerOf(person: Person): Promise<number> {
    person.say("pid");
    return Number(await person.hears());
  }

  const told = (): { id: string; type: string }[] =>
    readFileSync(join(dir, "events.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { id: string; type: string });

  it("share the connections evenly, and their events reach the event file", async () => {
    const pids = [];
    for (let i = 0; i < 6; i += 1) pids.push(await workerOf(await arrives()));
    const [first = 0] = pids;
    expect(new Set(pids).size).toBe(2);
    expect(pids.filter((pid) => pid === first)).toHaveLength(3);
    people[0]?.say("ls");
    expect(await people[0]?.hears()).toBe("ls");
    await eventually(() => told().some((event) => event.type.includes("command.entered"))).toBe(
      true,
    );
  });

  it("ask the parent and get their answer", async () => {
    const person = await arrives();
    person.say("question");
    expect(JSON.parse(await person.hears())).toEqual({ heard: { text: "question" } });
  });

  it("take only their own sessions with them when they die, and are replaced", async () => {
    const a = await arrives();
    const b = await arrives();
    const pidOfA = await workerOf(a);
    const pidOfB = await workerOf(b);
    expect(pidOfA).not.toBe(pidOfB);
    process.kill(pidOfA, "SIGKILL");
    await a.gone;
    b.say("still here");
    expect(await b.hears()).toBe("still here");
    await eventually(() => ended).toEqual([0]);
    await eventually(() => logged.filter((event) => event === "worker-ready").length).toBe(3);
    const c = await arrives();
    expect(await workerOf(c)).not.toBe(pidOfB);
  });

  it("do not make the others wait when one of them hangs", async () => {
    const a = await arrives();
    const b = await arrives();
    const pidOfA = await workerOf(a);
    a.say("loop");
    for (let i = 0; i < 20; i += 1) {
      b.say(`line ${i}`);
      expect(await b.hears()).toBe(`line ${i}`);
    }
    process.kill(pidOfA, "SIGKILL");
  });

  it("carry out one order for many sessions of all of them, and tell how they stand", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => arrives()));
    for (const one of all) await workerOf(one);
    const views = await pool.views(15_000);
    expect(views).toHaveLength(20);
    const sessions = views.map((view) => view.id);
    const command = { id: "o1", do: "kill", by: { kind: "operator", name: "maria" } } as const;
    const input = { kind: "command", command: { ...command, reason: "enough" } } as const;
    const order = { sessions: [...sessions, sessionId("nobody")], done: "o1", input };
    const outcomes = await pool.order(order, 15_000);
    expect([...outcomes.keys()].sort()).toEqual([...sessions].sort());
    expect(new Set([...outcomes.values()].map((outcome) => outcome.type))).toEqual(
      new Set(["done"]),
    );
    for (const one of all) expect(await one.hears()).toBe("enough");
  });

  it("answer for those that do, when one of them hangs or dies", async () => {
    const [a, b] = [await arrives(), await arrives()];
    const pidOfA = await workerOf(a);
    await workerOf(b);
    a.say("loop");
    // However soon it has to be: the one that hangs is not waited for.
    expect((await pool.views(300)).length).toBeLessThan(2);
    const asked = pool.views(15_000);
    process.kill(pidOfA, "SIGKILL");
    expect((await asked).length).toBe(1);
  });

  it("end every session with its events when the sidecar stops", async () => {
    const a = await arrives();
    const b = await arrives();
    a.say("ls");
    await a.hears();
    await workerOf(b);
    await pool.stop("shutdown", 2_000);
    await delivery.flush();
    expect(await a.hears()).toBe("shutdown");
    expect(await b.hears()).toBe("shutdown");
    const closed = told().filter((event) => event.type.includes("session.closed"));
    expect(closed.map((event) => event.id).sort()).toEqual(["session-0-2", "session-1-1"]);
    await arrives();
    await eventually(() => refused).toBe(1);
  });

  it("are reported as not starting, when they do not", async () => {
    const broken = createWorkerPool(
      {
        delivery,
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        answer: () => Promise.resolve(null),
        connectionEnded: () => undefined,
        sessionEnded: () => undefined,
        workerDied: () => undefined,
        observed: () => undefined,
      },
      {
        count: 1,
        module: new URL("file:///nonexistent/worker.js"),
        args: () => [],
        settings: () => null,
      },
    );
    expect(await broken.start()).toMatchObject({
      ok: false,
      error: { code: "CHP_RUNTIME_WORKER_START" },
    });
  });
});
