import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../kernel/index.js";
import { createKeyDecoder } from "../keys/index.js";
import { LINE_CHARACTERS_MAX, type LineEditor } from "./edited-line.js";
import { createLineEditor } from "./line-editor.js";
import { createSessionHistory } from "./session-history.js";

const C = (letter: string): string =>
  String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f);
const M = (key: string): string => `\u001b${key}`;

function editorWith(entries: readonly string[] = []): {
  editor: LineEditor;
  type: (keys: string) => string;
} {
  const history = createSessionHistory();
  for (const entry of entries) history.add(entry);
  const editor = createLineEditor(history);
  const decoder = createKeyDecoder({ honoursPaste: () => true });
  const type = (keys: string): string => {
    for (const { key } of decoder.decode(encodeUtf8(keys))) editor.press(key);
    const { chars, point } = editor.buffer;
    return `${chars.slice(0, point).join("")}|${chars.slice(point).join("")}`;
  };
  return { editor, type };
}

describe("the line editor's model", () => {
  it.each([
    ["typing and moving left", `ab${C("b")}c`, "ac|b"],
    ["to the beginning and the end", `b${C("a")}a${C("e")}c`, "abc|"],
    ["by words", `rm -rf /tmp${M("b")}${M("b")}x`, "rm -x|rf /tmp"],
    ["Ctrl-W takes what stands between blanks", `sudo rm -rf${C("w")}`, "sudo rm |"],
    ["M-DEL takes letters and digits", `sudo rm -rf${M("\u007f")}`, "sudo rm -|"],
    ["kill and yank", `rm -rf${C("a")}${C("k")}x${C("y")}`, "xrm -rf|"],
    ["kills in a row join", `a b c${C("w")}${C("w")}${C("y")}${C("y")}`, "a b cb c|"],
    ["yank-pop", `one${C("u")}two${C("u")}${C("y")}${M("y")}`, "one|"],
    ["transpose characters", `ab${C("t")}`, "ba|"],
    ["transpose words", `one two${M("t")}`, "two one|"],
    ["case of words", `rm tmp${C("a")}${M("u")}${M("c")}`, "RM Tmp|"],
    ["numeric arguments", `${M("3")}a${M("2")}${C("b")}x`, "ax|aa"],
    ["a negative argument", `abc${C("a")}${M("-")}${C("b")}x`, "ax|bc"],
    ["a quoted key", `a${C("v")}${C("a")}b`, "a\u0001b|"],
    ["delete forward", `abc${C("a")}${C("d")}`, "|bc"],
    ["undo", `abc${C("w")}${C("_")}`, "abc|"],
    ["a macro", `${C("x")}(ab${C("x")})${C("x")}e`, "abab|"],
    ["find a character", `abcabc${C("a")}${C("]")}cx`, "abx|cabc"],
    ["mark and point", `ab${M(" ")}cd${C("x")}${C("x")}x`, "abx|cd"],
    ["a paste with newlines", "\u001b[200~a\rb\u001b[201~", "a\nb|"],
  ])("knows %s", (_, keys, expected) => {
    expect(editorWith().type(keys)).toBe(expected);
  });

  it("recalls what this session ran, and says where its knowledge ends", () => {
    const { editor, type } = editorWith(["one", "two"]);
    expect(type("x\u001b[A")).toBe("two|");
    expect(type("\u001b[A")).toBe("one|");
    expect(editor.trust).toBe("guess");
    expect(type("\u001b[B\u001b[B")).toBe("x|");
    type("\u001b[A\u001b[A\u001b[A");
    expect(editor.trust).toBe("unclear");
  });

  it.each(["\t", "\u0012x", M("."), M("*"), "\u001b[99~"])(
    "does not pretend to know %j",
    (keys) => {
      const { editor, type } = editorWith();
      type(`ab${keys}`);
      expect(editor.trust).toBe("unclear");
    },
  );

  it("is exact again to the letter once the screen has told it the line", () => {
    const { editor, type } = editorWith();
    type("ab\t");
    editor.seed("abcdef ", 7);
    expect(type("x")).toBe("abcdef x|");
    expect(editor.trust).toBe("guess");
  });

  it("keeps a line up to its limit and says when there was more", () => {
    const { editor, type } = editorWith();
    type("x".repeat(LINE_CHARACTERS_MAX));
    expect(editor.overflowed).toBe(false);
    type("x");
    expect(editor.overflowed).toBe(true);
    expect(editor.buffer.chars).toHaveLength(LINE_CHARACTERS_MAX);
  });
});
