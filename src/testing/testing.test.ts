import type { Duplex } from "node:stream";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { micros } from "../kernel/index.js";
import { createFakeClock } from "./clock.js";
import { createSeededRandom } from "./random.js";
import { createWirePair } from "./wire.js";

describe("seeded randomness", () => {
  it("repeats itself for the same seed and not for another", () => {
    const draw = (seed: number): readonly number[] => {
      const random = createSeededRandom(seed);
      return Array.from({ length: 20 }, () => random.below(1_000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("cuts bytes into pieces that make up the same bytes", () => {
    fc.assert(
      fc.property(fc.integer(), fc.uint8Array({ maxLength: 300 }), (seed, bytes) => {
        const pieces = createSeededRandom(seed).cut(bytes, 9);
        expect(Buffer.concat(pieces)).toEqual(Buffer.from(bytes));
        expect(pieces.every((piece) => piece.length >= 1 && piece.length <= 9)).toBe(true);
      }),
    );
  });

  it("samples in the original order", () => {
    const chosen = createSeededRandom(3).sample([1, 2, 3, 4, 5, 6, 7, 8, 9], 4);
    expect(chosen).toHaveLength(4);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
  });
});

describe("the fake clock", () => {
  it("runs what is due in the order of time, each at its own time", () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    clock.at(micros(2_000), () => seen.push(`late ${clock.now()}`));
    clock.at(micros(1_000), () => seen.push(`early ${clock.now()}`));
    clock.at(micros(9_000), () => seen.push("never"));
    const callOff = clock.at(micros(1_500), () => seen.push("called off"));
    callOff();
    clock.tick(5);
    expect(seen).toEqual(["early 1000", "late 2000"]);
    expect(clock.pending).toBe(1);
  });
});

describe("the wire pair", () => {
  it("delivers every byte in order, whatever the pieces, both ways, and then the end", async () => {
    const wire = createWirePair({ seed: 5, pieceBytesMax: 700 });
    const random = createSeededRandom(6);
    const there = Buffer.from(random.bytes(200_000));
    const back = Buffer.from(random.bytes(50_000));
    wire.left.end(there);
    wire.right.end(back);
    // Not `for await`: it destroys the whole stream, and with it the other direction.
    const read = (end: Duplex): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const pieces: Buffer[] = [];
        end.on("data", (piece: Buffer) => pieces.push(piece));
        end.on("end", () => resolve(Buffer.concat(pieces)));
        end.on("error", reject);
      });
    const [gotThere, gotBack] = await Promise.all([read(wire.right), read(wire.left)]);
    expect(gotThere.equals(there)).toBe(true);
    expect(gotBack.equals(back)).toBe(true);
  });

  it("stops taking more while the other end does not read", async () => {
    const wire = createWirePair({ seed: 5 });
    const chunk = Buffer.alloc(64 * 1024);
    let taken = 0;
    while (wire.left.write(chunk) && taken < 100) taken += 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(100);
    expect(wire.right.readableLength).toBeLessThanOrEqual(2 * chunk.length);
  });
});
