import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUtf8Decoder, decodeUtf8, encodeUtf8 } from "./utf8.js";

const platform = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

describe("UTF-8 without the platform", () => {
  it("decodes any bytes as the platform does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(decodeUtf8(bytes)).toBe(platform(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it("encodes any text as the platform does, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
    expect([...encodeUtf8("a\ud800b")]).toEqual([...new TextEncoder().encode("a\ud800b")]);
  });

  it("gives the same text however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), fc.nat(80), (text, cut) => {
        const bytes = encodeUtf8(text);
        const decoder = createUtf8Decoder();
        const parts = decoder.decode(bytes.subarray(0, cut)) + decoder.decode(bytes.subarray(cut));
        expect(parts).toBe(text);
        expect(decoder.pending).toBe(false);
      }),
    );
  });

  it("says that a character is cut until its rest arrives", () => {
    const decoder = createUtf8Decoder();
    expect(decoder.decode(Uint8Array.of(0xe2, 0x82))).toBe("");
    expect(decoder.pending).toBe(true);
    expect(decoder.decode(Uint8Array.of(0xac))).toBe("€");
  });
});
