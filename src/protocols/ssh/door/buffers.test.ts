import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { newPrivateKey, until } from "../ssh-lab.testing.js";
import { allocatePacket, createOutgoing, endTurn, startTurn } from "./outgoing.js";
import { CIPHERS } from "./server.js";
import { shareReads } from "./shared-read.js";
import { insideOf, ssh2 } from "./ssh2.js";
import { createTransport, type Transport } from "./transport.js";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const act of cleanUps.splice(0)) act();
});

async function socketPair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const near = connect((listener.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(listener, "connection")) as [Socket];
  listener.close();
  cleanUps.push(() => {
    near.destroy();
    far.destroy();
  });
  return { near, far };
}

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("packets on their way out", () => {
  const filledWith = (packet: Buffer, value: number): Buffer => packet.fill(value & 0xff);

  it("arrive whole and in order, gathered or not, from sockets in turn, read fast or late", async () => {
    const pairs = await Promise.all([socketPair(), socketPair()]);
    const random = randomNumbers(7);
    const ways = pairs.map(({ near, far }) => {
      const got: Buffer[] = [];
      far.pause();
      far.on("data", (chunk: Buffer) => got.push(chunk));
      far.pause();
      return { near, far, out: createOutgoing(near), expected: [] as Buffer[], got };
    });
    let reading = false;
    // Until both sockets are behind, and then while they catch up.
    for (let step = 0; step < 4_000; step += 1) {
      const behind = ways.every(({ near }) => near.writableLength > 200_000);
      if (behind && !reading) {
        reading = true;
        for (const { far } of ways) far.resume();
      }
      if (step % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      const gathers = random(4) > 0;
      if (gathers) startTurn(random(2) === 0 ? 36 : 64 * 1024);
      for (let count = random(5); count >= 0; count -= 1) {
        const way = ways[random(ways.length)];
        if (way === undefined) continue;
        const size = random(3) === 0 ? 1 + random(100) : 1 + random(33_000);
        const packet =
          random(4) > 0
            ? way.out.makePacket({ alloc: allocatePacket }, size)
            : Buffer.allocUnsafe(size);
        way.out.add(filledWith(packet, step + count));
        way.expected.push(Buffer.alloc(size, (step + count) & 0xff));
      }
      if (gathers) endTurn();
    }
    expect(reading).toBe(true);
    for (const { near, out } of ways) {
      expect(out.waitingBytes).toBe(near.writableLength);
      near.end();
    }
    for (const { expected, got } of ways) {
      const all = Buffer.concat(expected);
      await until("everything to arrive", () => sizeOf(got) >= all.length);
      expect(Buffer.concat(got).equals(all)).toBe(true);
    }
  });
});

describe("packets that one read gives rise to", () => {
  /** A socket that takes everything at once and remembers each write. */
  function takingSocket() {
    const writes: string[] = [];
    const socket = {
      writable: true,
      writableLength: 0,
      write: (bytes: Uint8Array) => writes.push(Buffer.from(bytes).toString()),
    };
    return { writes, out: createOutgoing(socket as unknown as Socket) };
  }
  const payload = (text: string, out: ReturnType<typeof createOutgoing>): Buffer => {
    const packet = out.makePacket({ alloc: allocatePacket }, text.length);
    packet.write(text);
    return packet;
  };

  it("leave in one write, in their order", () => {
    const { writes, out } = takingSocket();
    startTurn(10_000);
    out.add(Buffer.from("environment "));
    out.add(payload("data ", out));
    out.add(Buffer.from("close"));
    expect(writes).toEqual([]);
    endTurn();
    expect(writes).toEqual(["environment data close"]);
    out.add(Buffer.from("later"));
    expect(writes).toEqual(["environment data close", "later"]);
  });

  it("leave at once when a key or its echo was read, with what was before them", () => {
    const { writes, out } = takingSocket();
    startTurn(36);
    out.add(Buffer.from("window "));
    out.add(payload("key", out));
    expect(writes).toEqual(["window key"]);
    endTurn();
    expect(writes).toEqual(["window key"]);
  });

  it("are gathered where a short message lets much go on", () => {
    const { writes, out } = takingSocket();
    startTurn(52);
    for (const letter of ["a", "b"]) out.add(payload(letter.repeat(1_000), out));
    expect(writes).toEqual([]);
    endTurn();
    expect(writes).toEqual(["a".repeat(1_000) + "b".repeat(1_000)]);
  });

  it("are not lost when their socket is closed within the turn", () => {
    const { writes, out } = takingSocket();
    const other = takingSocket();
    startTurn(10_000);
    out.add(Buffer.from("goodbye"));
    other.out.flush();
    expect(writes).toEqual([]);
    out.flush();
    expect(writes).toEqual(["goodbye"]);
    endTurn();
    expect(writes).toHaveLength(1);
  });
});

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

describe("reads into the shared buffer", () => {
  it("are in force on this platform", async () => {
    const { near } = await socketPair();
    expect(shareReads(near)).toBe(true);
  });

  it("leave a socket alone that is not built as we know it", async () => {
    const { near, far } = await socketPair();
    const unknown = Object.create(near) as Socket; // has no fields of its own
    expect(shareReads(unknown)).toBe(false);
    far.write("still read");
    const [chunk] = (await once(near, "data")) as [Buffer];
    expect(chunk.toString()).toBe("still read");
  });
});

interface Ends {
  readonly client: Transport;
  readonly echoed: Uint8Array[];
}

/** A client and a server that sends all data back, with a wire between them that cuts at random. */
async function echoOverCutWire(cipher: string, mac: string, seed: number): Promise<Ends> {
  const algorithms = { cipher: [cipher], hmac: [mac] } as never; // names of our own lists
  const hostKey = newPrivateKey();
  const server = new ssh2.Server({ hostKeys: [hostKey], algorithms }, (connection) => {
    connection.on("authentication", (context) => context.accept());
    connection.on("error", () => undefined);
    connection.on("ready", () => {
      const transport = createTransport(insideOf(connection), (payload) => {
        transport.sendData(1, payload.subarray(9), "stdout");
        // What is borrowed is gone when this returns; whoever still looks sees that.
        queueMicrotask(() => payload.fill(0xee));
      });
    });
  });
  const left = await socketPair();
  const right = await socketPair();
  cut(left.far, right.near, seed);
  cut(right.near, left.far, seed + 1);
  (server as unknown as { injectSocket(socket: Socket): void }).injectSocket(right.far); // untyped method
  const client = new ssh2.Client();
  client.on("error", () => undefined);
  const ready = once(client, "ready");
  client.connect({ sock: left.near, username: "x", password: "y", algorithms });
  await ready;
  const echoed: Uint8Array[] = [];
  const transport = createTransport(insideOf(client), (payload) => {
    echoed.push(new Uint8Array(payload.subarray(9)));
    queueMicrotask(() => payload.fill(0xee));
  });
  return { client: transport, echoed };
}

/** Passes everything on, in pieces that fit nothing. */
function cut(from: Socket, to: Socket, seed: number): void {
  const random = randomNumbers(seed);
  to.setNoDelay(true);
  from.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const size = random(2) === 0 ? 1 + random(40) : 1 + random(60_000);
      to.write(Buffer.from(chunk.subarray(at, at + size)));
      at += size;
    }
  });
}

describe("many connections of one process", () => {
  const kinds = [
    ...CIPHERS.map((cipher) => [cipher, "hmac-sha2-256-etm@openssh.com"] as const),
    ["aes128-ctr", "hmac-sha2-512"] as const,
  ];

  it("mix up nothing, whatever the cipher and however the network cuts", async () => {
    const random = randomNumbers(3);
    const all = await Promise.all(
      kinds.map(([cipher, mac], index) => echoOverCutWire(cipher, mac, 100 + index)),
    );
    const sent = all.map(() => [] as Uint8Array[]);
    for (let round = 0; round < 40; round += 1) {
      all.forEach(({ client }, index) => {
        const size = random(2) === 0 ? 1 + random(64) : 1 + random(32_000);
        const bytes = new Uint8Array(size).fill((round * 7 + index) & 0xff);
        sent[index]?.push(bytes);
        client.sendData(0, bytes, "stdout");
      });
      if (round % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const [index, { echoed }] of all.entries()) {
      const expected = sent[index] ?? [];
      await until(`the echo of ${kinds[index]?.join(" ") ?? ""}`, () => {
        return echoed.length >= expected.length;
      });
      expect(echoed.map((bytes) => Buffer.from(bytes).toString("base64"))).toEqual(
        expected.map((bytes) => Buffer.from(bytes).toString("base64")),
      );
    }
  });
});
