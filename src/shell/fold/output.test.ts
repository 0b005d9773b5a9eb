import { describe, expect, it } from "vitest";
import { createScope } from "../walk/scope.js";
import { field, known } from "../words/text.js";
import { foldCommand } from "./output.js";

/** What the program writes; null where that is not claimed to be known. Blanks separate the words. */
function output(words: readonly string[], stdin?: string): string | null {
  const text = foldCommand(words.map(field), {
    stdin: stdin === undefined ? undefined : known(stdin),
    scope: createScope({ files: new Map([["/f", "one\ntwo\n"]]) }),
    processes: [],
  });
  return text.known ? text.text : null;
}

/** Each answer was given by the GNU tool. */
describe("the output of a program over constant text", () => {
  it.each<[string, readonly string[], string | undefined, string]>([
    ["echo", ["-n", "a", "b"], undefined, "a b"],
    ["echo", ["-e", "a\\tb\\c", "d"], undefined, "a\tb"],
    ["printf", ["%s-%s\\n", "a", "b", "c"], undefined, "a-b\nc-\n"],
    ["printf", ["%03d|%-3s|%x", "7", "a", "255"], undefined, "007|a  |ff"],
    ["printf", ["\\x72\\155"], undefined, "rm"],
    ["cat", ["/f"], undefined, "one\ntwo\n"],
    ["cat", ["-", "/f"], "zero\n", "zero\none\ntwo\n"],
    ["rev", [], "abc\nde\n", "cba\ned\n"],
    ["tac", [], "a\nb\n", "b\na\n"],
    ["tr", ["a-c", "x"], "abcd", "xxxd"],
    ["tr", ["-d", "[:digit:]"], "a1b2", "ab"],
    ["tr", ["-s", "a"], "aabaa", "aba"],
    ["tr", ["-cd", "a-z"], "a1 b\n", "ab"],
    ["cut", ["-d:", "-f2-"], "a:b:c\nx\n", "b:c\nx\n"],
    ["cut", ["-c1,3"], "abcd\n", "ac\n"],
    ["cut", ["-d", ",", "-f", "2", "--complement"], "a,b,c\n", "a,c\n"],
    ["head", ["-n1"], "a\nb\n", "a\n"],
    ["head", ["-c", "2"], "abc", "ab"],
    ["head", ["-n", "-1"], "a\nb\nc\n", "a\nb\n"],
    ["tail", ["-1"], "a\nb\n", "b\n"],
    ["tail", ["-n", "+2"], "a\nb\nc\n", "b\nc\n"],
    ["sort", ["-r"], "a\nc\nb\n", "c\nb\na\n"],
    ["sort", ["-u"], "b\na\nb\n", "a\nb\n"],
    ["uniq", [], "a\na\nb\n", "a\nb\n"],
    ["grep", ["-v", "a"], "ab\nc\n", "c\n"],
    ["grep", ["^b"], "ab\nba\n", "ba\n"],
    ["sed", ["s/a/b/g"], "aba\n", "bbb\n"],
    ["sed", ["s|/|-|"], "a/b/c\n", "a-b/c\n"],
    ["sed", ["s/^a*b$/[&]/"], "aab\n", "[aab]\n"],
    ["sed", ["-n", "2p"], "a\nb\n", "b\n"],
    ["sed", ["-e", "s/a/b/", "-e", "s/b/c/"], "a\n", "c\n"],
    ["sed", ["1d;s/b/x/"], "a\nb\n", "x\n"],
    ["sed", ["y/ab/ba/"], "ab\n", "ba\n"],
    ["sed", ["$d"], "a\nb\n", "a\n"],
    ["sed", ['s/.*:"\\(.*\\)".*/\\1/'], '{"p":"/x"}\n', "/x\n"],
    ["sed", ["-E", "s/([a-z]+) (.+)/\\2 \\1/"], "a bc\n", "bc a\n"],
    ["sed", ["s/[[:digit:]]\\{2\\}/&&/"], "a12b\n", "a1212b\n"],
    ["grep", ["-o", "/[a-z]*"], "x /ab c/d\n", "/ab\n/d\n"],
    ["grep", ["-E", "^(ab|c)$"], "ab\nabc\n", "ab\n"],
    ["expr", ["xrm", ":", "x\\(.*\\)"], undefined, "rm\n"],
    ["expr", ["abc", ":", "ab"], undefined, "2\n"],
    ["awk", ["{print $2}"], "a b c\n", "b\n"],
    ["awk", ["-F:", '{print $1 "-" $NF}'], "a:b:c\n", "a-c\n"],
    ["base64", [], "rm\n", "cm0K\n"],
    ["base64", ["-d"], "cm0K", "rm\n"],
    ["base32", ["-d"], "OJWQ====", "rm"],
    ["xxd", ["-r", "-p"], "726d", "rm"],
    ["xxd", ["-r"], "00000000: 726d 0a                                  rm.\n", "rm\n"],
    ["od", ["-An", "-c"], "rm\n", "   r   m  \\n\n"],
    ["od", ["-A", "n", "-t", "x1"], "rm", " 72 6d\n"],
    ["fold", ["-w", "2"], "abcde\n", "ab\ncd\ne\n"],
    ["paste", ["-s", "-d", "+"], "1\n2\n", "1+2\n"],
    ["basename", ["/a/b.txt", ".txt"], undefined, "b\n"],
    ["dirname", ["/a/b"], undefined, "/a\n"],
    ["dirname", ["a"], undefined, ".\n"],
    ["seq", ["2", "2", "6"], undefined, "2\n4\n6\n"],
    ["seq", ["-s", ",", "3"], undefined, "1,2,3\n"],
    ["expr", ["substr", "xrmx", "2", "2"], undefined, "rm\n"],
    ["expr", ["2", "+", "3"], undefined, "5\n"],
    ["true", [], undefined, ""],
  ])("%s %j", (name, words, stdin, expected) => {
    expect(output([name, ...words], stdin)).toBe(expected);
  });

  it.each<readonly string[]>([
    ["date"],
    ["cat", "/g"],
    ["sed", "s/\\(a\\)\\1/x/"],
    ["sed", "s/a\\|b/c/"],
    ["sed", "s/\\(a*\\)*b/x/"],
    ["grep", "-o", "a\\|ab"],
    ["sort", "-k2"],
    ["awk", "{print length($1)}"],
    ["printf", "%e", "1"],
    ["which", "rm"],
    ["xxd"],
  ])("is not known for %s %s", (...words: readonly string[]) => {
    expect(output(words, "ab\n")).toBeNull();
  });
});
