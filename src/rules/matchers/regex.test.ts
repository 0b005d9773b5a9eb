import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { compileRegex } from "./regex.js";

const at = { file: "rules.yaml", line: 1, column: 1 };
/** Pieces of expressions, each of them whole. */
const piece = fc.constantFrom(
  "k",
  "ab",
  "sec",
  "ret",
  "K",
  ".",
  ".*",
  "a?",
  "b+",
  "c{0,2}",
  "(?:ab|c)",
  "[a-k]",
  "[^b]",
  "\\.",
  "\\s",
  "\\bab\\b",
  "|",
  "(sec)?",
  "(?:sec|ret)",
  "(abc|sec)+",
  "((sec)|ret){0,1}",
  "(a(?:bc|tc)|sec)",
  "(?i:ret)",
  "^",
  "$",
  "\\x61bc",
);
const text = fc.string({
  unit: fc.constantFrom("a", "b", "c", "k", "K", "\u212a", "\u017f", "s", "e", "r", "t", ".", " "),
  maxLength: 16,
});

describe("a regular expression", () => {
  it.each([true, false])(
    "finds what RE2 finds, whenever its automaton is built (checked: %s)",
    (checked) => {
      fc.assert(
        fc.property(
          fc.array(piece, { minLength: 1, maxLength: 6 }),
          text,
          fc.boolean(),
          (parts, line, caseSensitive) => {
            const pattern = parts.join("");
            const regex = compileRegex({ text: pattern, at }, { caseSensitive, checked });
            if (!regex.ok) throw new Error(regex.error.message);
            const flags = caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
            expect({ pattern, found: regex.value.test(line) }).toEqual({
              pattern,
              found: RE2JS.compile(pattern, flags).test(line),
            });
          },
        ),
        { numRuns: 2_000 },
      );
    },
  );
});
