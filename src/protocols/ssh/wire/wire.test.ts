import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGlobal, readPersonChannel, readRequest, readTargetChannel } from "./asked.js";
import { encodeExit, readExit } from "./exit.js";
import { createReader } from "./reader.js";
import { decodeTerminalModes } from "./terminal-modes.js";
import { encodeWire } from "./writer.js";

describe("the wire", () => {
  it("reads back what was written", () => {
    fc.assert(
      fc.property(
        fc.record({
          byte: fc.integer({ min: 0, max: 255 }),
          uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          boolean: fc.boolean(),
          string: fc.uint8Array(),
          text: fc.string({ unit: "grapheme" }),
          rest: fc.uint8Array(),
        }),
        ({ byte, uint32, boolean, string, text, rest }) => {
          const reader = createReader(
            encodeWire(
              { byte },
              { uint32 },
              { boolean },
              { string },
              { string: text },
              { raw: rest },
            ),
          );
          expect([
            reader.byte(),
            reader.uint32(),
            reader.boolean(),
            [...reader.string()],
            reader.text(),
            [...reader.rest()],
            reader.failed,
          ]).toEqual([byte, uint32, boolean, [...string], text, [...rest], false]);
        },
      ),
    );
  });

  it("says that a message is cut short, wherever it is cut", () => {
    const body = encodeWire(
      { string: "xterm" },
      { uint32: 80 },
      { uint32: 24 },
      { uint32: 0 },
      { uint32: 0 },
      { string: Uint8Array.of(0) },
    );
    for (let length = 0; length < body.length; length += 1) {
      expect(readRequest("pty-req", body.subarray(0, length))).toBeNull();
    }
    expect(readRequest("pty-req", body)).toMatchObject({
      type: "pty",
      pty: { columns: 80, rows: 24 },
    });
  });

  it("never throws on what a peer says", () => {
    const name = fc.constantFrom(
      ..."pty-req env shell exec subsystem window-change signal break x11-req exit-status exit-signal direct-tcpip".split(
        " ",
      ),
      "direct-streamlocal@openssh.com",
      "forwarded-tcpip",
      "tcpip-forward",
      "anything",
    );
    fc.assert(
      fc.property(name, fc.uint8Array({ maxLength: 100 }), (type, body) => {
        readRequest(type, body);
        readPersonChannel(type, body);
        readTargetChannel(type, body);
        readGlobal(type, body);
        readExit(type, body);
        decodeTerminalModes(body);
      }),
    );
  });

  it("takes what only the other side may open for unknown", () => {
    const body = encodeWire({ string: "h" }, { uint32: 1 }, { string: "o" }, { uint32: 2 });
    expect(readPersonChannel("forwarded-tcpip", body)).toEqual({
      type: "unknown",
      name: "forwarded-tcpip",
    });
    expect(readTargetChannel("direct-tcpip", body)).toEqual({
      type: "unknown",
      name: "direct-tcpip",
    });
    expect(readPersonChannel("direct-tcpip", body)).toEqual({
      type: "direct-tcpip",
      host: "h",
      port: 1,
      originHost: "o",
      originPort: 2,
    });
  });
});

describe("terminal modes", () => {
  it("have the names of RFC 4254 from the very first opcode on", () => {
    const encoded = encodeWire(
      { byte: 1 },
      { uint32: 3 },
      { byte: 53 },
      { uint32: 1 },
      { byte: 42 },
      { uint32: 1 },
      { byte: 99 },
      { uint32: 7 },
      { byte: 129 },
      { uint32: 38400 },
      { byte: 0 },
    );
    expect(decodeTerminalModes(encoded)).toEqual({
      VINTR: 3,
      ECHO: 1,
      IUTF8: 1,
      TTY_OP_OSPEED: 38400,
    });
  });

  it("keep what is whole when the list is cut, and stop where opcodes have no agreed form", () => {
    expect(decodeTerminalModes(encodeWire({ byte: 1 }, { uint32: 3 }, { byte: 53 }))).toEqual({
      VINTR: 3,
    });
    expect(
      decodeTerminalModes(
        encodeWire(
          { byte: 1 },
          { uint32: 3 },
          { byte: 160 },
          { uint32: 9 },
          { byte: 53 },
          { uint32: 1 },
        ),
      ),
    ).toEqual({ VINTR: 3 });
  });
});

describe("the end of a program", () => {
  it.each([
    [{ type: "code", code: 0 }],
    [{ type: "code", code: 4294967295 }],
    [{ type: "signal", signal: "TERM", coreDumped: true, message: "über" }],
  ] as const)("travels as it is: %j", (exit) => {
    const encoded = encodeExit(exit);
    expect(encoded === null ? null : readExit(encoded.type, encoded.body)).toEqual(exit);
  });

  it("is not told when it is not known", () => {
    expect(encodeExit({ type: "none" })).toBeNull();
  });
});
