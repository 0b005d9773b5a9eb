import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../kernel/index.js";
import { createKeyDecoder } from "./decoder.js";
import type { Key } from "./key.js";

function keysOf(pieces: readonly Uint8Array[], honours = true): Key[] {
  const decoder = createKeyDecoder({ honoursPaste: () => honours });
  return pieces.flatMap((bytes) => decoder.decode(bytes).map((placed) => placed.key));
}

const text = (value: string): Key => ({ kind: "text", text: value });
const control = (code: number): Key => ({ kind: "control", code });
const sequence = (body: string, intro: "[" | "O" = "["): Key => ({ kind: "sequence", intro, body });

describe("keys of a person", () => {
  it.each<[string, string, Key[]]>([
    ["letters", "aé日", [text("a"), text("é"), text("日")]],
    ["control keys", "\u0001\r\n\u007f", [control(1), control(13), control(10), control(127)]],
    ["arrows", "\u001b[A\u001bOD", [sequence("A"), sequence("D", "O")]],
    ["modified keys", "\u001b[1;5C\u001b[3~", [sequence("1;5C"), sequence("3~")]],
    ["keypad Enter", "\u001bOM", [sequence("M", "O")]],
    [
      "Meta-keys",
      "\u001bb\u001b\u007f\u001b#",
      [
        { kind: "meta", text: "b" },
        { kind: "meta", text: "\u007f" },
        { kind: "meta", text: "#" },
      ],
    ],
    ["Escape and Enter", "\u001b\r", [{ kind: "meta", text: "\r" }]],
    ["a quoted Enter", "\u0016\r", [control(0x16), { kind: "quoted", text: "\r" }]],
    ["no quote by Ctrl-Q", "\u0011\r", [control(0x11), control(13)]],
    [
      "a paste",
      "\u001b[200~a\rb\u001b[201~",
      [
        { kind: "paste-begin" },
        { kind: "pasted", text: "a" },
        { kind: "pasted", text: "\r" },
        { kind: "pasted", text: "b" },
        { kind: "paste-end" },
      ],
    ],
    [
      "terminal replies",
      "\u001b[3;1R\u001b[?1;2c\u001b[?2004;1$y\u001b[I\u001b]11;rgb:0/0/0\u0007\u001b]10;x\u001b\\",
      Array.from({ length: 6 }, (): Key => ({ kind: "reply" })),
    ],
    ["an Enter inside a broken sequence", "\u001b[12\r", [{ kind: "garbled" }, control(13)]],
    ["an Enter inside a fake reply", "\u001b]0;rm -rf\r", [{ kind: "garbled" }, control(13)]],
    ["an Enter inside a broken character", "\u001b[A\r", [sequence("A"), control(13)]],
  ])("are %s", (_, typed, expected) => {
    expect(keysOf([encodeUtf8(typed)])).toEqual(expected);
  });

  it("keep Enter behind half a character", () => {
    expect(keysOf([Uint8Array.of(0xe6, 0x97, 0x0d)])).toEqual([text("\ufffd"), control(13)]);
  });

  it("are ordinary keys in a paste that the reader does not take as one", () => {
    expect(keysOf([encodeUtf8("\u001b[200~a\r\u001b[201~")], false)).toEqual([
      { kind: "paste-begin" },
      text("a"),
      control(13),
      { kind: "paste-end" },
    ]);
  });

  it("are the same however the network cuts the bytes", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\u001b[A",
        "\u001b[200~",
        "\u001b[201~",
        "\u001b",
        "\u0016",
        "\r",
        "日",
        "é",
        "\u001b]1;2",
        "\u0007",
        "\u001bO",
        "5C",
        "\u0011",
      ),
      fc.string({ maxLength: 3 }),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, honours) => {
        const bytes = Uint8Array.from(Buffer.from(pieces.join(""), "latin1"));
        const whole = keysOf([bytes], honours);
        expect(
          keysOf(
            Array.from(bytes, (byte) => Uint8Array.of(byte)),
            honours,
          ),
        ).toEqual(whole);
        for (let cut = 1; cut < bytes.length; cut += 1) {
          expect(keysOf([bytes.subarray(0, cut), bytes.subarray(cut)], honours)).toEqual(whole);
        }
      }),
    );
  });

  it("never swallow an Enter that was not quoted or pasted, whatever stands before it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        const before = Array.from(noise).filter((byte) => byte !== 0x16);
        const keys = keysOf([Uint8Array.from([...before, 0x0d])], false);
        const last = keys.at(-1);
        const enter = last?.kind === "control" ? last.code : last?.kind === "meta" ? 0x0d : -1;
        expect(enter).toBe(0x0d);
      }),
    );
  });

  it("are bounded: a sequence without an end is given up", () => {
    const decoder = createKeyDecoder({ honoursPaste: () => true });
    decoder.decode(encodeUtf8(`\u001b[${"1;".repeat(100)}`));
    expect(decoder.open).toBe(false);
    decoder.decode(encodeUtf8(`\u001b]${"x".repeat(5_000)}`));
    expect(decoder.open).toBe(false);
  });
});
