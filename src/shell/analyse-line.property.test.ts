import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../kernel/index.js";
import type { Analysis } from "../model/index.js";
import { analyseLine, learnFromLine, type ShellKnowledge } from "./index.js";
import { LINE_CHARS_MAX } from "./limits.js";

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
      { numRuns: 1500 },
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

  it("a line is told complete or not, and learnt from, whatever bytes it came from", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const line = decodeUtf8(bytes);
        const analysis = analyseLine(line, knowledge);
        expect(isWellFormed(analysis)).toBe(true);
        expect(learnFromLine(knowledge, analysis)).toHaveProperty("home");
      }),
      { numRuns: 1000 },
    );
  });

  it("what is learnt does not depend on who keeps the analysis", () => {
    fc.assert(
      fc.property(anything, (line) => {
        const analysis = analyseLine(line, knowledge);
        // A copy is not the object whose shell was kept: it is read again.
        expect(learnFromLine(knowledge, { ...analysis })).toEqual(
          learnFromLine(knowledge, analysis),
        );
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
    "f() { f|f& };f;",
    "echo a|tr a b|",
    "echo $(echo a)$(echo b);",
    "python3 -c 'os.system(' ",
    "find -exec ",
    "xargs -I{} ",
    "echo 'sh f'>f;sh f;",
    "echo {1..200}",
    "while read x; do echo; done <<< 'a' ;",
    "${x/$(",
    "[[ -v a[$(",
    "yes a|head -1|",
    "PS1='$(a)';",
    "tmux new ",
    "git -c alias.x=!a x;",
    "\u0000",
    "\ufffd",
  ])("hostile text made of %j costs bounded time", (piece) => {
    // Nothing to time here: what hangs fails by the test's own limit.
    for (const size of [16 * 1024, 60 * 1024]) {
      const line = piece.repeat(Math.floor(size / piece.length));
      const analysis = analyseLine(line, knowledge);
      expect(analysis).toHaveProperty("complete");
      expect(learnFromLine(knowledge, analysis)).toBeDefined();
      if (line.length > LINE_CHARS_MAX) expect(analysis.unparsed).toBeDefined();
    }
  });
});
