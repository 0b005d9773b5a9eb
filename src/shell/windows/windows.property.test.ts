import fc from "fast-check";
import { expect, it } from "vitest";
import { analyseDesktopLine, analyseWindowsLine } from "./index.js";

const PIECES = [
  ...Array.from("abc \t\n\"'`^%!&|;(){}[]<>,$@#-/\\:=.*?~+"),
  "rm ",
  "cmd /c ",
  "powershell -c ",
  "iex ",
  "$x",
  "%x%",
  "&&",
  "||",
  "::",
  "$(",
  "@'\n",
  "if ",
  "for ",
  " in ",
  " do ",
  "--% ",
  "é",
  "\u{1f600}",
];
const line = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((all) => all.join(""));

it("reads any text without a throw, and says of every invocation what it is", () => {
  fc.assert(
    fc.property(fc.oneof(line, fc.string({ maxLength: 200 })), (text) => {
      for (const shell of ["cmd", "powershell", "unknown"] as const) {
        const { invocations, line: kept, tokens, unparsed } = analyseWindowsLine(text, shell);
        expect(kept).toBe(text);
        expect(tokens.length === 0 || unparsed !== undefined).toBe(true);
        for (const { argv, exec, dynamic, pipeFrom, pipeTo } of invocations) {
          expect(argv[0] ?? null).toBe(exec);
          expect(dynamic).toBe(exec === null);
          for (const other of [pipeFrom, pipeTo])
            if (other !== undefined) expect(invocations[other]).toBeDefined();
        }
      }
    }),
    { numRuns: process.env["LONG"] === undefined ? 250 : 20_000 },
  );
});

it("hides no command behind another: what stands alone stands in a chain too", () => {
  fc.assert(
    fc.property(fc.constantFrom("&", "&&", "||", "\n", "|"), fc.nat(3), (chain, before) => {
      const text = `${"ver ".repeat(before)}ver ${chain} reg add x`;
      const names = analyseDesktopLine(text).invocations.map(({ exec }) => exec);
      expect(names).toContain("reg");
    }),
    { numRuns: 50 },
  );
});

/** Of lines that try to be slow; the longest that is read at all is sixteen times as long. */
const LENGTH = 1_000;

it("takes time in proportion to the line", () => {
  for (const piece of PIECES) {
    const { unparsed, invocations } = analyseDesktopLine(
      piece.repeat(Math.floor(LENGTH / piece.length)),
    );
    expect(unparsed !== undefined || invocations.length >= 0).toBe(true);
  }
});
