import { describe, expect, it } from "vitest";
import { fishAsksForMore } from "./fish-lines.js";

describe("fish asks for more", () => {
  it.each([
    "for x in 1 2",
    "begin",
    "if true",
    "if true\necho a\nelse if false\necho b",
    "function f",
    "switch $x\ncase a",
    "echo 'one",
    'echo "one',
    "echo one \\",
    "echo one |",
    "echo one | # why",
    "true &&",
    "echo (ls",
    "while true; begin; end",
  ])("behind %j", (text) => {
    expect(fishAsksForMore(text)).toBe(true);
  });

  it.each([
    "",
    "echo one",
    "for x in 1 2; echo $x; end",
    "begin; echo a; end",
    "begin\necho a\nend",
    "echo for if begin",
    "echo 'it'\"s\"",
    "echo \\'",
    "echo it # isn't",
    "sleep 1 &",
    "echo (ls (pwd))",
    "if true; echo a; else if false; echo b; end",
    "not begin; true; end",
    "echo a | cat",
    "end",
  ])("not behind %j", (text) => {
    expect(fishAsksForMore(text)).toBe(false);
  });
});
