import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis } from "../model/index.js";
import { analyseLine, learnFromLine, type ShellKnowledge } from "./index.js";

const PIECES = [
  "rm",
  "-rf",
  "/",
  "sudo",
  "sh",
  "-c",
  "eval",
  "xargs",
  "find",
  "-exec",
  "env",
  "-S",
  "alias",
  "ssh",
  "$",
  "$(",
  ")",
  "(",
  "{",
  "}",
  "${",
  "x",
  "x=",
  "x=rm",
  "$x",
  "${x",
  ":-",
  "##",
  "//",
  "`",
  "'",
  '"',
  "$'",
  "\\",
  "\n",
  " ",
  ";",
  ";;",
  "|",
  "||",
  "&",
  "&&",
  ">",
  ">>",
  "<",
  "<<",
  "<<<",
  "<(",
  ">(",
  "E",
  "if",
  "then",
  "fi",
  "for",
  "in",
  "do",
  "done",
  "while",
  "case",
  "esac",
  "f()",
  "function",
  "coproc",
  "[[",
  "]]",
  "((",
  "))",
  "$((",
  "+",
  "!",
  "#",
  "*",
  "?",
  "[",
  "]",
  "~",
  "{a,b}",
  "{1..9}",
  "=",
  "[0]",
  "echo",
  "printf",
  "base64",
  "-d",
  "trap",
  "EXIT",
  "set",
  "--",
  "$@",
  "$1",
  "\u0000",
  "\u202e",
  "é",
  "😀",
];

const shellish = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 40 })
  .map((pieces) => pieces.join(""));
const spaced = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 30 })
  .map((pieces) => pieces.join(" "));
const anything = fc.oneof(shellish, spaced, fc.string({ unit: "binary", maxLength: 200 }));

const knowledge: ShellKnowledge = {
  cwd: "/home/alice",
  home: "/home/alice",
  aliases: new Map([["x", "sudo "]]),
  functions: new Map([["f", "{ $1 f; x; }"]]),
  variables: new Map([["x", "rm -rf"]]),
};

function isWellFormed({ invocations, tokens, unparsed }: Analysis): boolean {
  const inRange = (index: number | undefined): boolean =>
    index === undefined || (index >= 0 && index < invocations.length);
  return (
    invocations.every((one) => inRange(one.pipeFrom) && inRange(one.pipeTo)) &&
    (unparsed !== undefined || tokens.length === 0)
  );
}

describe("whatever is typed", () => {
  it("the analysis answers, well formed, and always the same", () => {
    fc.assert(
      fc.property(anything, (line) => {
        const analysis = analyseLine(line, knowledge);
        expect(isWellFormed(analysis)).toBe(true);
        expect(analyseLine(line, knowledge)).toEqual(analysis);
      }),
      { numRuns: 3000 },
    );
  });

  it("learning from it never fails, and keeps its tables bounded", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 5 }), (lines) => {
        let known = knowledge;
        for (const line of lines) known = learnFromLine(known, analyseLine(line, known));
        for (const table of [known.variables, known.aliases, known.functions, known.files])
          expect(table?.size ?? 0).toBeLessThanOrEqual(512);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    "$(",
    "$((",
    "<(",
    '"$(',
    "${",
    "`",
    "(",
    "{",
    "[[ ",
    "if ",
    "while ",
    "case ",
    "f() ",
    "eval ",
    "sudo ",
    "a;",
    "a|",
    "a&&",
    "<<E ",
    "$x",
    "{a,b}",
    "\\",
    "'",
    '"',
    "a=(",
    "${x:-",
    "!",
    "coproc ",
    "for i in a b; do ",
    "while a; do x=1; ",
    "{1..9}",
    "${x//a/",
    "$(echo ",
    "x=$x$x;",
    "alias a=a;a;",
  ])("hostile text made of %j costs bounded time", (piece) => {
    const line = piece.repeat(Math.floor((16 * 1024) / piece.length));
    // Nothing to time here: what hangs fails by the test's own limit.
    expect(analyseLine(line, knowledge)).toHaveProperty("complete");
  });
});
