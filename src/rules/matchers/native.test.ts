import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { nativeOf } from "./native.js";

const atom = fc.constantFrom(
  "a",
  "b",
  "A",
  ".",
  "\\s",
  "\\S",
  "\\d",
  "\\w",
  "\\b",
  "[ab]",
  "[^a]",
  "[]a]",
  "[a\\s-]",
  "\\.",
  "/",
  "-",
  "$",
  "x",
  "(a|b)",
  "(?:ab|a)",
  "(a|(b|ab))",
  "\\(",
  "]",
  "}",
  "^",
  "[[a]",
  "[\\]b]",
);
const repeat = fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?", "??");
const sequence = fc
  .array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map(([a, r]) => (/^[\^$]|\\b$/.test(a) ? a : a + r)).join(""));
const pattern = fc
  .tuple(
    fc.constantFrom("", "^", "(?i)", "(?i)^"),
    fc.array(sequence, { minLength: 1, maxLength: 3 }),
  )
  .map(([head, choices]) => head + choices.join("|"));
const text = fc.string({
  unit: fc.constantFrom(
    "a",
    "b",
    "A",
    "B",
    "x",
    " ",
    "\n",
    "\r",
    "\v",
    "/",
    ".",
    "-",
    "(",
    "]",
    "1",
    "\u0000",
  ),
  maxLength: 12,
});

describe("expressions that the engine of the language runs", () => {
  it("answer as the linear engine does", () => {
    let native = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 6 }), (source, texts) => {
        const regex = nativeOf(source, true);
        if (regex === null) return;
        native += 1;
        const linear = RE2JS.compile(source);
        for (const one of texts)
          expect(`${source} ${JSON.stringify(one)} ${String(regex.test(one))}`).toBe(
            `${source} ${JSON.stringify(one)} ${String(linear.test(one))}`,
          );
      }),
      { numRuns: 1500 },
    );
    expect(native).toBeGreaterThan(200);
  });

  it.each([
    "(a+)+$",
    "(a|a)*b",
    "(.*)(.*)x",
    "a.*b",
    "\\s+$",
    "^(a|b)*c",
    "(a?){30}a{30}",
    "(?s)a.b",
    "^a.*b.*c",
    "\\pL",
    "[[:alpha:]]",
    "\\Qx\\E",
    "(?P<x>a)",
    "x{2,900}",
    "^.*.*$",
    "a\\zb",
    "[z-a]",
  ])("are none that may take long or mean something else: %s", (source) => {
    expect(nativeOf(source, true)).toBeNull();
  });

  it.each(["^/(home|tmp)/", "(ba|da)?sh", "^-p.+|^--password=.+", "^v?[0-9]{1,3}$", "x\\.y"])(
    "are the usual ones: %s",
    (source) => {
      expect(nativeOf(source, true)).not.toBeNull();
    },
  );
});
