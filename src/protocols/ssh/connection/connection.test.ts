import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Transport } from "../door/transport.js";
import { createReader } from "../wire/reader.js";
import { encodeWire } from "../wire/writer.js";
import { createConnection, type ChannelAsk, type Connection } from "./connection.js";
import type { Channel, ChannelListener } from "./channel.js";

/** A transport that remembers; `congested` is up to the test. */
function recorder(): Transport & {
  readonly out: Uint8Array[];
  readonly ends: string[];
  full: boolean;
} {
  const out: Uint8Array[] = [];
  const ends: string[] = [];
  return {
    out,
    ends,
    full: false,
    send: (payload) => out.push(payload.slice()),
    sendData: (recipient, bytes, stream) =>
      out.push(
        stream === "stderr"
          ? encodeWire({ byte: 95 }, { uint32: recipient }, { uint32: 1 }, { string: bytes })
          : encodeWire({ byte: 94 }, { uint32: recipient }, { string: bytes }),
      ),
    get congested() {
      return this.full;
    },
    onDrain: () => undefined,
    disconnect: (_reason, text) => ends.push(text),
    destroy: () => ends.push("destroyed"),
    keyExchange: "",
  };
}

interface Side {
  readonly transport: ReturnType<typeof recorder>;
  readonly connection: Connection;
  readonly asks: ChannelAsk[];
}

function side(): Side {
  const transport = recorder();
  const asks: ChannelAsk[] = [];
  const connection = createConnection(transport, {
    channelAsked: (ask) => asks.push(ask),
    globalAsked: (ask) => ask.answer({ success: false }),
  });
  return { transport, connection, asks };
}

const silent: ChannelListener = {
  data: () => undefined,
  eof: () => undefined,
  request: () => undefined,
  closed: () => undefined,
  sent: () => undefined,
};

function openChannel(
  at: Side,
  peer: { window: number; packet: number },
  listener = silent,
): Channel {
  at.connection.receive(
    encodeWire(
      { byte: 90 },
      { string: "session" },
      { uint32: 42 },
      { uint32: peer.window },
      { uint32: peer.packet },
    ),
  );
  const channel = at.asks.at(-1)?.accept(1_000_000, listener);
  if (channel === undefined || channel === null) throw new Error("the channel was not accepted");
  at.transport.out.length = 0;
  return channel;
}

const kindsOf = (messages: readonly Uint8Array[]) => messages.map((message) => message[0]);

describe("a connection", () => {
  it("never throws on any message: it obeys, or it ends the connection", () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(
          fc.integer({ min: 80, max: 100 }),
          fc.integer({ min: 0, max: 2 }),
          fc.uint8Array({ maxLength: 60 }),
        )
        .map(([type, id, rest]) => encodeWire({ byte: type }, { uint32: id }, { raw: rest })),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const at = side();
        openChannel(at, { window: 100, packet: 10 });
        for (const one of messages) at.connection.receive(one);
        expect(at.transport.ends.length).toBeLessThanOrEqual(messages.length);
      }),
    );
  });
});

describe("a channel", () => {
  it("keeps the order of data, errors, exit status, end and close, whatever the peer's window", () => {
    const step = fc.oneof(
      fc
        .uint8Array({ minLength: 1, maxLength: 50 })
        .map((bytes) => ({ do: "data" as const, bytes })),
      fc
        .uint8Array({ minLength: 1, maxLength: 50 })
        .map((bytes) => ({ do: "error" as const, bytes })),
      fc.constant({ do: "request" as const }),
      fc.integer({ min: 1, max: 60 }).map((bytes) => ({ do: "adjust" as const, bytes })),
      fc.boolean().map((full) => ({ do: "socket" as const, full })),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (steps, window) => {
          const at = side();
          let sent = 0;
          const channel = openChannel(
            at,
            { window, packet: 16 },
            { ...silent, sent: (bytes) => (sent += bytes) },
          );
          const expected: string[] = [];
          let granted = window;
          for (const one of steps) {
            switch (one.do) {
              case "data":
              case "error":
                channel.send(one.bytes, one.do === "data" ? "stdout" : "stderr");
                for (const byte of one.bytes) expected.push(`${one.do} ${byte}`);
                break;
              case "request":
                channel.request("exit-status", new Uint8Array(4), null);
                expected.push("request");
                break;
              case "adjust":
                granted += one.bytes;
                at.connection.receive(
                  encodeWire({ byte: 93 }, { uint32: 0 }, { uint32: one.bytes }),
                );
                break;
              case "socket":
                at.transport.full = one.full;
                if (!one.full) at.connection.drained();
            }
            // Never more than the peer has room for.
            const bytes = flatten(at.transport.out).filter((what) => what.includes(" ")).length;
            expect(bytes).toBeLessThanOrEqual(granted);
            expect(sent).toBe(bytes);
          }
          channel.eof();
          channel.close();
          at.transport.full = false;
          at.connection.receive(encodeWire({ byte: 93 }, { uint32: 0 }, { uint32: 100_000 }));
          expect(flatten(at.transport.out)).toEqual([...expected, "eof", "close"]);
          expect(channel.queuedBytes).toBe(0);
        },
      ),
    );
  });

  it("answers requests in the order in which they came, whatever the order of the decisions", () => {
    const at = side();
    const answers: ((success: boolean) => void)[] = [];
    openChannel(
      at,
      { window: 10, packet: 10 },
      { ...silent, request: (ask) => answers.push(ask.answer) },
    );
    for (const name of ["pty-req", "env", "shell"]) {
      at.connection.receive(
        encodeWire({ byte: 98 }, { uint32: 0 }, { string: name }, { boolean: true }),
      );
    }
    answers[2]?.(true);
    answers[0]?.(true);
    expect(kindsOf(at.transport.out)).toEqual([99]);
    answers[1]?.(false);
    answers[1]?.(true);
    expect(kindsOf(at.transport.out)).toEqual([99, 100, 99]);
  });

  it("gives room back only for what has been consumed", () => {
    const at = side();
    const channel = openChannel(at, { window: 10, packet: 10 });
    const data = encodeWire({ byte: 94 }, { uint32: 0 }, { string: new Uint8Array(30_000) });
    for (let i = 0; i < 33; i += 1) at.connection.receive(data);
    expect(at.transport.out).toEqual([]);
    channel.consumed(400_000);
    expect(at.transport.out).toEqual([]);
    channel.consumed(200_000);
    expect(at.transport.out).toEqual([
      encodeWire({ byte: 93 }, { uint32: 42 }, { uint32: 600_000 }),
    ]);
    for (let i = 0; i < 20; i += 1) at.connection.receive(data);
    expect(at.transport.ends).toEqual([]);
    at.connection.receive(data);
    expect(at.transport.ends).toHaveLength(1);
  });

  it("is forgotten when both sides have closed it, and its number may come again", () => {
    const at = side();
    const channel = openChannel(at, { window: 10, packet: 10 });
    expect(at.connection.channelCount).toBe(1);
    channel.close();
    at.connection.receive(encodeWire({ byte: 97 }, { uint32: 0 }));
    expect(at.connection.channelCount).toBe(0);
  });

  it("hears that its connection is lost, once", () => {
    const at = side();
    const heard: string[] = [];
    openChannel(at, { window: 10, packet: 10 }, { ...silent, closed: (how) => heard.push(how) });
    at.connection.lost();
    at.connection.lost();
    expect(heard).toEqual(["lost"]);
  });
});

/** What a peer sees, in order: every byte with its stream, requests, end and close. */
function flatten(messages: readonly Uint8Array[]): string[] {
  return messages.flatMap((message) => {
    const reader = createReader(message, 5);
    switch (message[0] ?? 0) {
      case 94:
        return [...reader.string()].map((byte) => `data ${byte}`);
      case 95:
        reader.uint32();
        return [...reader.string()].map((byte) => `error ${byte}`);
      case 96:
        return ["eof"];
      case 97:
        return ["close"];
      case 98:
        return ["request"];
      default:
        return [];
    }
  });
}
