import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gunzip } from "./inflate.js";

describe("what gzip packed", () => {
  it("is what it was, however it was packed", () => {
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.string({ maxLength: 2_000 }).map((text) => new TextEncoder().encode(text.repeat(7))),
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 9 }), (bytes, level) => {
        const whole = gunzip(new Uint8Array(gzipSync(bytes, { level })));
        expect(whole).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it("is not known where it is cut short, damaged or no gzip at all", () => {
    const packed = new Uint8Array(gzipSync(Buffer.from("rm -rf /srv/data\n".repeat(20))));
    expect(gunzip(packed.subarray(0, 20))).toBeNull();
    expect(gunzip(new Uint8Array(deflateRawSync("rm -rf /srv/data\n")))).toBeNull();
    expect(gunzip(new Uint8Array())).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = gunzip(new Uint8Array([0x1f, 0x8b, 8, ...bytes]));
        expect(result === null || result.length <= 16 * 1_024).toBe(true);
      }),
    );
  });

  it("is not followed beyond what is followed of one value", () => {
    expect(gunzip(new Uint8Array(gzipSync(Buffer.alloc(16 * 1_024, 65))))?.length).toBe(16_384);
    expect(gunzip(new Uint8Array(gzipSync(Buffer.alloc(16 * 1_024 + 1, 65))))).toBeNull();
    expect(gunzip(new Uint8Array(gzipSync(Buffer.alloc(50_000_000, 65))))).toBeNull();
  });
});
