import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepBytes, type KeptBytes } from "./kept-bytes.js";

describe("payload that waits", () => {
  it("stays as it was while its source and other blocks change, whatever its size", () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 64 }),
      fc.constantFrom(16_383, 16_384, 32_767, 32_768, 32_769, 100_000),
    );
    const step = fc.record({ size, value: fc.integer({ min: 0, max: 255 }), release: fc.nat(200) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const held: { kept: KeptBytes; size: number; value: number }[] = [];
        for (const one of steps) {
          const source = new Uint8Array(one.size).fill(one.value);
          held.push({ kept: keepBytes(source), size: one.size, value: one.value });
          source.fill(0xee);
          if (one.release < held.length) held.splice(one.release, 1)[0]?.kept.release();
        }
        for (const { kept, size: expected, value } of held) {
          expect(kept.bytes).toHaveLength(expected);
          expect(kept.bytes.every((byte) => byte === value)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});
