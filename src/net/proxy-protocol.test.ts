import fc from "fast-check";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { parseAddressList } from "./address-list.js";
import { readProxyHeader } from "./proxied-socket.js";
import {
  createProxyHeaderParser,
  PROXY_HEADER_BYTES_MAX,
  type ProxyHeaderProgress,
} from "./proxy-protocol.js";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

function header(parts: {
  command?: number;
  family?: number;
  body: readonly number[];
  length?: number;
}): Uint8Array {
  const length = parts.length ?? parts.body.length;
  return Uint8Array.from([
    ...SIGNATURE,
    parts.command ?? 0x21,
    parts.family ?? 0x11,
    length >> 8,
    length & 0xff,
    ...parts.body,
  ]);
}
const FROM_V4 = [192, 0, 2, 7, 198, 51, 100, 9, 0x9c, 0x40, 0x08, 0xae];

function parseWhole(bytes: Uint8Array): ProxyHeaderProgress {
  return createProxyHeaderParser().push(bytes);
}

describe("the PROXY protocol header", () => {
  it("names source and destination of an IPv4 connection", () => {
    expect(parseWhole(header({ body: FROM_V4 }))).toMatchObject({
      state: "done",
      header: {
        command: "proxy",
        source: { address: "192.0.2.7", port: 40000 },
        destination: { address: "198.51.100.9", port: 2222 },
      },
    });
  });

  it.each([
    [[0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 1], "2001:db8::1"],
    [zeros(16), "::"],
    [[...zeros(10), 0xff, 0xff, 192, 0, 2, 7], "192.0.2.7"],
    [[0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8], "1:2:3:4:5:6:7:8"],
    [[0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8], "1:0:0:4::8"],
  ])("writes the IPv6 source %j as %s", (source, text) => {
    const body = [...source, ...zeros(16), 0, 1, 0, 2];
    expect(parseWhole(header({ family: 0x21, body }))).toMatchObject({
      header: { source: { address: text, port: 1 } },
    });
  });

  it("has no origin when the balancer checks our health", () => {
    expect(parseWhole(header({ command: 0x20, family: 0, body: [] }))).toMatchObject({
      state: "done",
      header: { command: "local" },
    });
  });

  it("leaves what follows it to the connection, however the network cuts the bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
        (tlv, after, cuts) => {
          const bytes = Uint8Array.from([...header({ body: [...FROM_V4, ...tlv] }), ...after]);
          const parser = createProxyHeaderParser();
          const rest: number[] = [];
          let done = false;
          for (let at = 0, i = 0; at < bytes.length; i += 1) {
            const size = cuts[i % cuts.length] ?? 1;
            const chunk = bytes.subarray(at, at + size);
            at += size;
            if (done) {
              rest.push(...chunk);
              continue;
            }
            const progress = parser.push(chunk);
            expect(progress.state).not.toBe("refused");
            if (progress.state === "done") {
              done = true;
              rest.push(...progress.rest);
            }
          }
          expect(done).toBe(true);
          expect(rest).toEqual([...after]);
        },
      ),
    );
  });

  it("never takes anything but a header, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        const progress = parseWhole(bytes);
        if (bytes.length > 0 && bytes[0] !== 0x0d) expect(progress.state).toBe("refused");
      }),
    );
  });

  it.each([
    ["the SSH banner itself", new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n")],
    ["version 1", new TextEncoder().encode("PROXY TCP4 192.0.2.7 198.51.100.9 4 5\r\n")],
    ["another version", header({ command: 0x31, body: FROM_V4 })],
    ["UDP", header({ family: 0x12, body: FROM_V4 })],
    ["a socket file", header({ family: 0x31, body: zeros(216) })],
    ["addresses cut short", header({ body: FROM_V4.slice(0, 11) })],
    ["one byte too many", header({ body: [], length: PROXY_HEADER_BYTES_MAX - 16 + 1 })],
  ])("refuses %s", (_what, bytes) => {
    expect(parseWhole(bytes).state).toBe("refused");
  });

  it("takes a header of exactly the largest size", () => {
    const body = [...FROM_V4, ...zeros(PROXY_HEADER_BYTES_MAX - 16 - FROM_V4.length)];
    expect(parseWhole(header({ body })).state).toBe("done");
  });
});

describe("a socket behind a balancer", () => {
  const open: (Socket | ReturnType<typeof createServer>)[] = [];
  afterEach(() => {
    for (const one of open.splice(0))
      if ("destroy" in one) one.destroy();
      else one.close();
  });

  async function pair(): Promise<{ client: Socket; server: Socket }> {
    const listener = createServer({ pauseOnConnect: true });
    open.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const address = listener.address();
    const accepted = new Promise<Socket>((resolve) => listener.once("connection", resolve));
    const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
    const server = await accepted;
    open.push(client, server);
    return { client, server };
  }

  it("is handed on with its origin and every byte after the header", async () => {
    const { client, server } = await pair();
    client.write(Buffer.concat([header({ body: FROM_V4 }), Buffer.from("SSH-2.0-")]));
    expect(await readProxyHeader(server)).toEqual({ ok: true, value: "192.0.2.7" });
    client.end("more");
    let text = "";
    for await (const chunk of server) text += String(chunk);
    expect(text).toBe("SSH-2.0-more");
  });

  it.each([
    ["garbage", (client: Socket) => client.write("GET / HTTP/1.1\r\n\r\n")],
    ["silence", () => true],
    ["an early end", (client: Socket) => client.destroy()],
  ])("is destroyed after %s", async (_what, act) => {
    const { client, server } = await pair();
    const result = readProxyHeader(server, 200);
    act(client);
    expect((await result).ok).toBe(false);
    expect(server.destroyed).toBe(true);
  });
});

describe("a list of addresses", () => {
  const list = parseAddressList(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);

  it.each([
    ["10.255.1.2", true],
    ["11.0.0.1", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["::ffff:10.1.1.1", true],
    ["fd12::1", true],
    ["fe80::1", false],
    ["", false],
    ["10.0.0.1; drop", false],
  ])("%s: %s", (address, expected) => {
    expect(list.ok && list.value.includes(address)).toBe(expected);
  });

  it.each(["10.0.0.0/33", "host.example", "::/129", "10.0.0.0/", "10.0.0.0/8/8", ""])(
    "refuses the entry %j",
    (entry) => {
      expect(parseAddressList([entry]).ok).toBe(false);
    },
  );
});

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}
