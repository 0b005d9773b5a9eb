import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainJson } from "./escape.js";
import { jsonText } from "./json-text.js";

const asJsonSays = (value: unknown): string | undefined => {
  // Typed as text, and undefined for what JSON has no text for.
  const text: unknown = JSON.stringify(value);
  return typeof text === "string" ? plainJson(text) : undefined;
};

/** Longer than what is looked through here. */
const LONG = `${"x".repeat(600)}"`;

describe("a value as JSON", () => {
  it("is what JSON.stringify says, without what a terminal could act on", () => {
    const leaf = fc.oneof(
      fc.uint16Array({ maxLength: 8 }).map((codes) => String.fromCharCode(...codes)),
      fc.double(),
      fc.constantFrom(undefined, null, true, false, -0, "a\u009bb", "\u202e", "\ud800", LONG),
      fc.constantFrom(new Date(0), new Map(), new Uint8Array(2), Object(1), Object.create(null)),
    );
    const names = fc.oneof(fc.constantFrom("url", 'a"b', "__proto__"), fc.string({ maxLength: 4 }));
    const flat = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }));
    const values = fc.array(fc.tuple(names, flat), { maxLength: 4 });
    fc.assert(
      fc.property(values, fc.nat(8), (members, depth) => {
        let value: unknown = Object.fromEntries(members);
        for (let at = 0; at < depth; at += 1) value = at % 2 === 0 ? [value, at] : { value };
        expect(jsonText(value)).toBe(asJsonSays(value));
      }),
    );
  });

  it("is what the value itself says it is", () => {
    for (const value of [
      { toJSON: () => "x" },
      new (class Point {
        x = 1;
      })(),
      () => 1,
      Symbol("a"),
    ]) {
      expect(jsonText({ value })).toBe(asJsonSays({ value }));
    }
  });

  it("does not exist of what has no end", () => {
    const round: Record<string, unknown> = {};
    round["again"] = round;
    expect(() => jsonText(round)).toThrow(TypeError);
  });
});
