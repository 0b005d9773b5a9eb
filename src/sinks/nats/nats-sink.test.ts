// The sink against nats-server with JetStream.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type AddressInfo } from "node:net";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, makeSink, never, parcel, parcels } from "../sink-lab.testing.js";
import type { Sink } from "../sink.js";
import { natsSink } from "./nats-sink.js";

const SERVERS = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server", "/usr/bin/nats-server"];
const program = SERVERS.find((path) => existsSync(path));

describe("NATS JetStream", () => {
  let dir = "";
  let port = 0;
  let broker: ChildProcess | null = null;
  let sink: Sink | null = null;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-nats-"));
    port = await freePort();
  });
  afterEach(async () => {
    await sink?.close();
    broker?.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  function start(): void {
    mkdirSync(join(dir, "store"), { recursive: true });
    const config = join(dir, "nats.conf");
    writeFileSync(
      config,
      `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(dir, "store")}" }
authorization { users: [
  { user: admin, password: a }
  { user: chaperone, password: c, permissions { publish: ["chaperone.events.>", "other.>"], subscribe: "_INBOX.>" } }
] }
`,
    );
    broker = spawn(program ?? "", ["-c", config], { stdio: "ignore" });
  }

  const admin = () =>
    connect({ servers: `127.0.0.1:${port}`, user: "admin", pass: "a", reconnect: false });

  async function makeStream(bytesMax = -1): Promise<void> {
    await eventually(async () => {
      try {
        const connection = await admin();
        const manager = await jetstreamManager(connection);
        const limits = bytesMax < 0 ? {} : { max_msg_size: bytesMax };
        await manager.streams.add({ name: "AUDIT", subjects: ["chaperone.events.>"], ...limits });
        await connection.close();
        return "made";
      } catch (error) {
        return String(error);
      }
    }).toBe("made");
  }

  async function stored(): Promise<readonly string[]> {
    const connection = await admin();
    const ids: string[] = [];
    const consumer = await jetstream(connection).consumers.get("AUDIT");
    const { num_pending: pending } = await consumer.info(false);
    for (let n = 0; n < pending; n += 1) {
      const message = await consumer.next({ expires: 5_000 });
      if (message === null) break;
      ids.push(message.json<{ id: string }>().id); // a CloudEvent
    }
    await connection.close();
    return ids;
  }

  const entry = (more: object = {}) => ({
    servers: [`127.0.0.1:${port}`],
    username: "chaperone",
    password: { value: "c" },
    stream: "AUDIT",
    ...more,
  });
  const ids = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `s-${from + n}`);

  it("stores each event once and in order, also when it is told twice and killed in between", async (context) => {
    if (program === undefined) context.skip("nats-server is not installed");
    start();
    await makeStream();
    sink = makeSink(natsSink, entry());
    expect(await sink.deliver(parcels(1, 100, "cloudevents"), never)).toEqual({
      retry: [],
      refused: [],
    });
    expect(await sink.deliver(parcels(51, 150, "cloudevents"), never)).toEqual({
      retry: [],
      refused: [],
    });
    broker?.kill("SIGKILL");
    const down = await sink.deliver(parcels(151, 160, "cloudevents"), never);
    expect(down.retry).toHaveLength(10);
    start();
    const again = async () => (await sink?.deliver(parcels(101, 160, "cloudevents"), never))?.retry;
    await eventually(again).toEqual([]);
    expect(await stored()).toEqual(ids(1, 160));
  });

  it("refuses what is larger than the server or the stream takes, and stores what is around it", async (context) => {
    if (program === undefined) context.skip("nats-server is not installed");
    start();
    await makeStream(3_000);
    sink = makeSink(natsSink, entry());
    const large = (n: number, bytes: number) => parcel(n, "cloudevents", "x".repeat(bytes));
    const batch = [
      parcel(1, "cloudevents"),
      large(2, 3_000),
      parcel(3, "cloudevents"),
      large(4, 2_000_000),
      parcel(5, "cloudevents"),
    ];
    const { retry, refused } = await sink.deliver(batch, never);
    expect(retry).toEqual([]);
    expect(refused.map((one) => one.parcel)).toEqual([batch[1], batch[3]]);
    expect(await stored()).toEqual(["s-1", "s-3", "s-5"]);
  });

  it.for<readonly [string, object]>([
    ["a wrong password", { password: { value: "x" } }],
    ["a subject that no stream takes", { subject: "other.{type}", stream: undefined }],
    ["another stream than the one that is meant", { stream: "OTHER" }],
    ["a subject that it may not publish on", { subject: "secret.{type}", stream: undefined }],
  ])("keeps the events when it is given %s", async ([, more], context) => {
    if (program === undefined) context.skip("nats-server is not installed");
    start();
    await makeStream();
    sink = makeSink(natsSink, JSON.parse(JSON.stringify(entry(more))) as object);
    const batch = parcels(1, 2, "cloudevents");
    const receipt = await sink.deliver(batch, never);
    expect(receipt.retry).toEqual(batch);
    expect(receipt.fault?.code).toMatch(/^CHP_(?:SINK_DENIED|SINK_UNAVAILABLE|NET_UNREACHABLE)$/);
  });
});

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo; // bound to a port
      server.close(() => found(port));
    });
  });
}
