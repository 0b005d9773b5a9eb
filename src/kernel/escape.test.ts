import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeControls, plainJson } from "./escape.js";

describe("text from outside in a log or a message", () => {
  it.each([
    ["rm\x1b[2K\rls", "rm\\x1b[2K\\x0dls"],
    ["a\u202etxt.exe", "a\\u{202e}txt.exe"],
    ["\u009b31m", "\\x9b31m"],
    ["häßlich 漢字", "häßlich 漢字"],
  ])("%j is written as %j", (text, safe) => {
    expect(escapeControls(text)).toBe(safe);
  });

  it("never holds a control character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeControls(text)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe("JSON that is read in a terminal", () => {
  it("means the same, and holds no control character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = plainJson(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
    expect(plainJson('"\u009b31m\u202e"')).toBe('"\\u009b31m\\u202e"');
  });
});
