import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { analyseLine } from "./index.js";

/** Lines that bash takes, rejects, or wants more of, written by hand. */
const LINES: readonly string[] = [
  "ls",
  "ls;",
  "ls &",
  "ls # comment",
  "ls # comment with ' quote",
  "echo 'a",
  'echo "a',
  'echo "a\nb"',
  "echo $'a",
  "echo `ls",
  "echo $(ls",
  "echo $(ls)",
  'echo "$(ls',
  "echo ${x",
  "echo $((1+",
  "echo <(ls",
  "cat <<E",
  "cat <<E\nx",
  "cat <<E\nx\nE",
  "cat <<'E'\nx\nE",
  "cat <<-E\n\tx\n\tE",
  "cat <<E; ls",
  "cat <<A <<B\na\nA\nb",
  "cat <<A <<B\na\nA\nb\nB",
  "a |",
  "a |&",
  "a &&",
  "a ||",
  "a && # why",
  "a |\n",
  "a |\nb",
  "| a",
  "&& a",
  "a ;; b",
  "if a",
  "if a; then",
  "if a; then b",
  "if a; then b; fi",
  "if a; then b; else",
  "if a; then; fi",
  "while a",
  "while a; do",
  "while a; do b; done",
  "while a; do b; done |",
  "until a; do b",
  "for i in 1 2",
  "for i in 1 2; do",
  "for i in 1 2; do a; done",
  "for ((i=0;i<1;i++)); do",
  "case x in",
  "case x in a)",
  "case x in a) b;;",
  "case x in a) b;; esac",
  "select x in a; do",
  "{ a;",
  "{ a; }",
  "{ a }",
  "(a",
  "(a; b",
  "(a)",
  "a )",
  "}",
  "fi",
  "done",
  "f() {",
  "f() { a; }",
  "f()",
  "[[ -f x",
  "[[ -f x ]]",
  "[[ -f x &&",
  "((1+1))",
  "((1+1",
  "a=(1 2",
  "a=(1 2)",
  "coproc {",
  "! a",
  "time a",
  "echo \\",
  "echo \\\\",
  "echo a\\\nb",
  "echo 'a\\'",
  "a > ",
  "a >",
  "a < b > c",
  "echo }",
  "echo {a,b",
  "echo ${x:-'a'}",
  "echo ${x:-'a}",
  "x=$(cat <<E\na\nE\n)",
  "x=$(cat <<E\na",
  "",
  "   ",
  "# only",
];

const bash = spawnSync("bash", ["--version"]).status === 0;

/** Runs nothing: `-n` reads only. */
function bashWantsMore(line: string): boolean {
  const { stderr } = spawnSync("bash", ["-n"], { input: `${line}\n`, encoding: "utf8" });
  if (/unexpected end of file|unexpected EOF|token `EOF'|here-document at line/.test(stderr))
    return true;
  return stderr === "" && /(?:^|[^\\])(?:\\\\)*\\$/.test(line) && !line.includes("'");
}

describe("a line is complete exactly when bash would not ask for more", () => {
  it.skipIf(!bash).each(LINES)("%j", (line) => {
    expect(analyseLine(line, {}).complete).toBe(!bashWantsMore(line));
  });
});
