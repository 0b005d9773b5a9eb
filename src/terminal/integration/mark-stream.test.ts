import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../kernel/index.js";
import { createMarkStream, MARK_BYTES_MAX, type Printed } from "./mark-stream.js";

const NONCE = "5e55105ec7e7";

/** Neighbouring bytes as one text, so that pieces of different cuts can be compared. */
function piecesOf(chunks: readonly Uint8Array[]): readonly unknown[] {
  const stream = createMarkStream(NONCE);
  const told: unknown[] = [];
  let text = "";
  const add = (piece: Printed): void => {
    if (piece.kind === "bytes") {
      text += latin1(piece.bytes);
      return;
    }
    if (text !== "") told.push(text);
    text = "";
    told.push(piece.kind === "mark" ? piece.mark : { foreign: latin1(piece.bytes) });
  };
  for (const chunk of chunks) for (const piece of stream.feed(chunk)) add(piece);
  add({ kind: "bytes", bytes: stream.rest() });
  if (text !== "") told.push(text);
  return told;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const pieces = (text: string): readonly unknown[] => piecesOf([encodeUtf8(text)]);
const mark = (fields: string, end = "\x07"): string => `\x1b]633;${fields}${end}`;

describe("marks of a shell in what the target prints", () => {
  it("are taken out, whatever ends them", () => {
    const executing = { kind: "executing", count: 3, text: "ls", cut: false, unsure: false };
    for (const end of ["\x07", "\x1b\\"])
      expect(pieces(`a${mark(`E;${NONCE};3;t;ls`, end)}b`)).toEqual(["a", executing, "b"]);
  });

  it("bring back every character of a command line", () => {
    const fromBash = String.raw`E;${NONCE};1;t;printf 'a\x3bb\\n\x09'\x0ax`;
    expect(pieces(mark(fromBash))).toMatchObject([{ text: "printf 'a;b\\n\t'\nx" }]);
    const fromFish = `E;${NONCE};1;t%;echo%20%C3%A9%3B%0Ax`;
    expect(pieces(mark(fromFish))).toMatchObject([{ text: "echo é;\nx" }]);
  });

  it("bring the exit code and the folder with the prompt", () => {
    expect(pieces(mark(`D;${NONCE};4;130;/srv/a b`))).toEqual([
      { kind: "prompt", count: 4, exitCode: 130, cwd: "/srv/a b" },
    ]);
  });

  it("are foreign without the nonce, with a part of it, and without a count", () => {
    for (const fields of [
      "E;ls",
      "E;ls;x",
      `E;${NONCE.slice(1)};1;t;ls`,
      `E;${NONCE}0;1;t;ls`,
      `E;${NONCE};x;t;ls`,
      `E;${NONCE};1;t;ls;more`,
      `Z;${NONCE};1;t;ls`,
    ])
      expect(pieces(mark(fields))).toEqual([{ foreign: mark(fields) }]);
  });

  it("leave every other sequence as it is, OSC 133 too", () => {
    const text = "\x1b]133;A\x07\x1b]0;title\x07\x1b[1mx\x1b[0m\x1b]63\x07\x1b]6333;x\x07\x1b";
    expect(pieces(text)).toEqual([text]);
  });

  it("are no marks when they are given up in the middle, and hide none that follows", () => {
    const real = mark(`D;${NONCE};1;0;/`);
    const told = { kind: "prompt", count: 1, exitCode: 0, cwd: "/" };
    for (const half of [
      "\x1b]633;E;",
      "\x1b]633",
      "\x1b]",
      "\x1b",
      "\x1b]633;E;\x18",
      "\x1b]633;\x1b",
    ])
      expect(pieces(`${half}${real}`)).toEqual([half, told]);
  });

  it("are bounded: what does not end passes on", () => {
    const text = `\x1b]633;E;${"x".repeat(MARK_BYTES_MAX)}`;
    expect(pieces(text)).toEqual([text]);
    const stream = createMarkStream(NONCE);
    const passed = stream
      .feed(encodeUtf8(text))
      .reduce((n, piece) => n + ("bytes" in piece ? piece.bytes.length : 0), 0);
    expect(passed).toBe(text.length);
  });

  it("are the same however the network cuts the bytes", () => {
    const part = fc.oneof(
      fc.constantFrom(
        mark(`E;${NONCE};1;t;ls -l`),
        mark(`D;${NONCE};2;0;/`, "\x1b\\"),
        mark("E;forged"),
        "\x1b]633;",
        "\x1b",
        "\x1b]",
        "\x07",
        "\x1b\\",
        "\x18",
        "é😀",
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.nat({ max: 9 })),
        (parts, cuts) => {
          const bytes = encodeUtf8(parts.join(""));
          const chunks: Uint8Array[] = [];
          let from = 0;
          for (let i = 0; from < bytes.length; i += 1) {
            const length = (cuts[i % Math.max(1, cuts.length)] ?? 0) + 1;
            chunks.push(bytes.subarray(from, from + length));
            from += length;
          }
          expect(piecesOf(chunks)).toEqual(piecesOf([bytes]));
        },
      ),
    );
  });

  it("pass bytes on without copying them where no sequence begins", () => {
    const bytes = encodeUtf8("plain text, é");
    const [piece] = createMarkStream(NONCE).feed(bytes);
    expect(piece).toEqual({ kind: "bytes", bytes });
    expect(decodeUtf8(bytes)).toBe("plain text, é");
  });
});
