import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHintIndex } from "./hint-index.js";

const letters = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom("a", "b", "c", "/", "\u00e9", "\u{1f600}"),
    minLength: min,
    maxLength: max,
  });

describe("rules found by the text in a line", () => {
  it("are never fewer than those whose text is in it, and in the order of the file", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(letters(1, 6), { maxLength: 3 }), { maxLength: 30 }),
        letters(0, 40),
        (entries, line) => {
          const candidates = createHintIndex(entries).candidates(line);
          const wanted = entries.flatMap((hints, i) =>
            hints.length === 0 || hints.some((hint) => line.includes(hint)) ? [i] : [],
          );
          expect(candidates).toEqual(expect.arrayContaining(wanted));
          expect(candidates).toEqual([...new Set(candidates)].sort((a, b) => a - b));
        },
      ),
    );
  });

  it("are few when texts differ by their numbers only", () => {
    const entries = Array.from({ length: 1_000 }, (_, n) => [`secret-${n}x`]);
    const index = createHintIndex(entries);
    expect(index.candidates("ls -la /var/log").length).toBe(0);
    const found = index.candidates("cat secret-123x");
    expect(found).toContain(123);
    expect(found.length).toBeLessThan(60);
  });
});
