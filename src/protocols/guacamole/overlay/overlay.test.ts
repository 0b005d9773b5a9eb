import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Card } from "../../../session/index.js";
import { INSTRUCTION_BYTES_MAX } from "../codec/index.js";
import { serializeInstruction } from "../../../model/index.js";
import { createOverlay } from "./overlay.js";
import { drawText } from "./picture.js";
import { cardLines } from "./wording.js";

const COLOURS = { paper: [0, 0, 0], ink: [255, 255, 255] } as const;
const CARD: Card = {
  type: "question",
  answer: "secret",
  headline: "Chaperone asks: is it you?",
  held: "rm -rf victim \u001b[2J",
  reason: "a reason that is longer than a line ".repeat(4),
  phrase: "blue heron",
  lines: [],
  notes: ["That was not right."],
  prompt: "Code:",
  columns: 76,
};

/** What a picture shows, pixel by pixel, as `#` and blanks. */
function shown(png: Uint8Array): readonly string[] {
  const view = Buffer.from(png);
  const width = view.readUInt32BE(16);
  const height = view.readUInt32BE(20);
  const start = view.indexOf("IDAT") + 4;
  const rows = inflateSync(view.subarray(start, start + view.readUInt32BE(start - 8)));
  const stride = width / 8 + 1;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_unused, x) => {
      const byte = rows[y * stride + 1 + (x >> 3)] ?? 0;
      return (byte & (0x80 >> (x & 7))) === 0 ? " " : "#";
    }).join(""),
  );
}

describe("what is drawn over a desktop", () => {
  it("is a picture that shows its letters", () => {
    const picture = drawText(["L"], 2, COLOURS);
    expect(picture).toMatchObject({ width: 16, height: 16 });
    const rows = shown(picture.png).map((row) => row.trimEnd());
    expect(rows.filter((_, y) => y % 2 === 0)).toEqual([
      "####",
      " ##",
      " ##",
      " ##",
      " ##   #",
      " ##  ##",
      "#######",
      "",
    ]);
  });

  it.each([2, 3, 4])(
    "is %i times as large on a screen of so many pixels, pixel by pixel",
    (scale) => {
      const one = shown(drawText(["Rm -rf?", "ok"], 9, COLOURS).png);
      const large = drawText(["Rm -rf?", "ok"], 9, COLOURS, { scale, leading: 0 });
      expect(large).toMatchObject({ width: 72 * scale, height: 32 * scale });
      const wide = one.map((row) => Array.from(row, (pixel) => pixel.repeat(scale)).join(""));
      expect(shown(large.png)).toEqual(wide.flatMap((row) => Array<string>(scale).fill(row)));
    },
  );

  it.each([
    [320, 200],
    [800, 600],
    [1_920, 1_080],
    [3_840, 2_160],
  ])("stays on a screen of %i by %i, with its prompt", (width, height) => {
    const overlay = createOverlay();
    overlay.resized(width, height);
    for (const all of [overlay.show(CARD), overlay.say([CARD.headline, CARD.reason])]) {
      const [image] = all.filter(({ opcode }) => opcode === "img");
      if (image === undefined) continue;
      const blobs = all.filter(({ opcode }) => opcode === "blob");
      const png = Buffer.concat(blobs.map(({ args }) => Buffer.from(args[1] ?? "", "base64")));
      const rows = shown(png);
      const [x, y] = image.args.slice(4).map(Number);
      expect((x ?? 0) + (rows[0]?.length ?? 0)).toBeLessThanOrEqual(width);
      expect((y ?? 0) + rows.length).toBeLessThanOrEqual(height);
      expect(rows.some((row) => row.includes("#"))).toBe(true);
    }
  });

  it("keeps its lines within the screen, and no control character in them", () => {
    for (const columns of [20, 76]) {
      const lines = cardLines(CARD, columns);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.join("")).toContain("blue heron");
      expect(lines.join("")).toContain("\\x1b");
    }
  });

  it("is made of instructions that guacd itself could have sent, on screens of every size", () => {
    for (const [width, height] of [
      [1, 1],
      [320, 200],
      [8_192, 8_192],
    ] as const) {
      const overlay = createOverlay();
      overlay.resized(width, height);
      for (const one of [...overlay.show(CARD), ...overlay.hide(), ...overlay.say(["x"])]) {
        expect(serializeInstruction(one).length).toBeLessThanOrEqual(INSTRUCTION_BYTES_MAX);
      }
    }
  });

  it("is taken off when nothing is shown any more, and drawn again when the screen changes", () => {
    const overlay = createOverlay();
    overlay.synced("7");
    expect(overlay.resized(800, 600)).toEqual([]);
    overlay.say(["a message"]);
    expect(overlay.show(CARD).map(({ opcode }) => opcode)).toContain("dispose");
    expect(overlay.say(["not now"])).toEqual([]);
    expect(overlay.resized(640, 480)[0]?.args).toEqual(["9000", "640", "480"]);
    expect(overlay.hide().at(-1)).toEqual({ opcode: "sync", args: ["7"] });
    expect(overlay.hide()).toEqual([]);
    expect(overlay.hush()).toEqual([]);
    expect(overlay.owns("90001")).toBe(true);
    expect(overlay.owns("1")).toBe(false);
  });
});
