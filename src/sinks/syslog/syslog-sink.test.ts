import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, beforeAll, afterAll, describe, expect, it } from "vitest";
import { eventually, makeSink, never, parcel, parcels } from "../sink-lab.testing.js";
import { makeTlsLab, type TlsLab } from "../../net/tls-lab.testing.js";
import { element } from "./message.js";
import { syslogSink } from "./syslog-sink.js";

/** Receives streams and counts octets as RFC 6587 has it; anything else is an error. */
class Receiver {
  readonly messages: string[] = [];
  readonly errors: string[] = [];
  readonly sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  async open(tls?: TlsLab, port = 0): Promise<void> {
    const take = (socket: Socket) => this.#take(socket);
    this.#server =
      tls === undefined
        ? createServer(take)
        : createTlsServer(
            {
              ca: readFileSync(tls.file("ca.pem")),
              cert: readFileSync(tls.file("server.pem")),
              key: readFileSync(tls.file("server.key")),
              requestCert: true,
              rejectUnauthorized: true,
            },
            take,
          );
    await new Promise<void>((listening) => this.#server?.listen(port, "127.0.0.1", listening));
    this.port = (this.#server.address() as AddressInfo).port; // bound to a port
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((closed) => {
      if (this.#server === null) closed();
      else this.#server.close(() => closed());
    });
  }

  #take(socket: Socket): void {
    this.sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const blank = rest.indexOf(0x20);
        if (blank < 0) return;
        const length = Number(rest.subarray(0, blank).toString("latin1"));
        if (!Number.isSafeInteger(length)) {
          this.errors.push(rest.toString("utf8").slice(0, 80));
          return;
        }
        if (rest.length < blank + 1 + length) return;
        this.messages.push(rest.subarray(blank + 1, blank + 1 + length).toString("utf8"));
        rest = rest.subarray(blank + 1 + length);
      }
    });
  }
}

const idsIn = (messages: readonly string[]) =>
  messages.map((text) => /chaperone@32473 id="([^"]+)"/.exec(text)?.[1] ?? "");
const ids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `s-${from + n}`);

describe("a syslog message", () => {
  it("is RFC 5424, with what its structured data must escape escaped", () => {
    expect(element("x@1", { v: 'a"b\\c]d' })).toBe('[x@1 v="a\\"b\\\\c\\]d"]');
  });
});

describe("syslog over TCP", () => {
  const receiver = new Receiver();
  afterEach(() => receiver.close());

  function sink(more: object = {}) {
    return makeSink(syslogSink, {
      address: `127.0.0.1:${receiver.port}`,
      transport: "tcp",
      ...more,
    });
  }

  it("counts octets, and loses nothing when the receiver hangs up between two batches", async () => {
    await receiver.open();
    const { port } = receiver;
    const syslog = sink();
    expect(await syslog.deliver(parcels(1, 40, "cef"), never)).toEqual({ retry: [], refused: [] });
    await eventually(() => receiver.messages.length).toBe(40);
    expect(idsIn(receiver.messages)).toEqual(ids(1, 40));
    expect(receiver.messages[0]).toMatch(
      /^<83>1 2026-11-20T18:57:23\.123456Z node-1 chaperone \d+ command\.entered \[origin .*\] CEF:0\|/,
    );
    await receiver.close();
    await receiver.open(undefined, port);
    // The first attempt may meet the dead connection; what was written last is written again.
    await eventually(
      async () => (await syslog.deliver(parcels(41, 42, "cef"), never)).retry,
    ).toEqual([]);
    await eventually(() => [...new Set(idsIn(receiver.messages))]).toEqual(ids(1, 42));
    expect(receiver.errors).toEqual([]);
    await syslog.close();
  });

  it("says that nobody is there", async () => {
    await receiver.open();
    const syslog = sink();
    await receiver.close();
    const batch = parcels(1, 1, "cef");
    expect(await syslog.deliver(batch, never)).toMatchObject({
      retry: batch,
      fault: { code: "CHP_NET_UNREACHABLE" },
    });
  });

  it("cuts what is longer than the receiver takes, with a mark, and says how long it was", async () => {
    await receiver.open();
    receiver.messages.length = 0;
    const syslog = sink({ messageBytes: 2_048 });
    const long = parcel(1, "cef", `echo ${"é".repeat(5_000)}`);
    await syslog.deliver([long], never);
    await eventually(() => receiver.messages.length).toBe(1);
    const [message = ""] = receiver.messages;
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(2_048);
    expect(message).toMatch(/truncated="true" untruncatedBytes="\d{5}"/);
    expect(message).toContain("flexString1Label=Truncated");
    await syslog.close();
  });
});

describe("syslog over TLS", () => {
  const receiver = new Receiver();
  let dir = "";
  let tls: TlsLab;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-syslog-"));
    tls = makeTlsLab(dir);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  afterEach(() => receiver.close());

  const entry = () => ({ address: `127.0.0.1:${receiver.port}`, tls: {} });

  it("shows its certificate, and speaks to nobody but the pinned authority's server", async () => {
    await receiver.open(tls);
    const syslog = makeSink(syslogSink, entry(), () => ({
      ...tls.trust(),
      pins: [tls.serverPin],
    }));
    await syslog.deliver(parcels(1, 3, "leef"), never);
    await eventually(() => idsIn(receiver.messages)).toEqual(ids(1, 3));
    await syslog.close();
  });

  it.each([
    ["an unknown authority", (): object => ({})],
    ["another public key", (): object => ({ ...tls.trust(), pins: [`${"A".repeat(43)}=`] })],
    ["another name", (): object => ({ ...tls.trust(), serverName: "siem.example" })],
  ])("sends nothing to a server with %s", async (_, trust) => {
    await receiver.open(tls);
    receiver.messages.length = 0;
    const syslog = makeSink(syslogSink, entry(), trust);
    const batch = parcels(1, 1, "cef");
    expect(await syslog.deliver(batch, never)).toMatchObject({
      retry: batch,
      fault: { code: "CHP_NET_UNTRUSTED" },
    });
    expect(receiver.messages).toEqual([]);
    await syslog.close();
  });
});

describe("syslog over UDP", () => {
  it("sends a datagram a message", async () => {
    const got: string[] = [];
    const socket = createSocket("udp4");
    socket.on("message", (message) => got.push(message.toString("utf8")));
    await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
    const address = `127.0.0.1:${socket.address().port}`;
    const syslog = makeSink(syslogSink, { address, transport: "udp" });
    await syslog.deliver(parcels(1, 5, "cef"), never);
    await eventually(() => idsIn(got)).toEqual(ids(1, 5));
    await syslog.close();
    socket.close();
  });
});
