import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../kernel/index.js";
import { createScreen } from "../screen/index.js";
import { asBytesBeyond, withoutBytes } from "./drawn-otherwise.js";
import { compareLine, readScreenLine } from "./line-on-screen.js";

function shown(output: string, columns = 40): ReturnType<typeof createScreen> {
  const screen = createScreen({ columns, rows: 5 });
  screen.feed(encodeUtf8(output));
  return screen;
}

const START = { line: 0, column: 0, since: 0 };
const ZWJ = "\u200d";

describe("a line with characters that an editor draws otherwise", () => {
  it("is known where zle shows a joiner by its number", () => {
    const screen = shown("a 👨\x1b[7m<200d>\x1b[27m👩 b");
    expect(compareLine(screen, START, `a 👨${ZWJ}👩 b`).same).toBe(true);
    expect(readScreenLine(screen, START).text).toBe(`a 👨${ZWJ}👩 b`);
  });

  it("is read with the point behind such a number, over the end of a row", () => {
    const screen = shown("12345678\x1b[7m<200d>\x1b[27mx", 10);
    expect(readScreenLine(screen, START)).toMatchObject({ text: `12345678${ZWJ}x`, point: 10 });
  });

  it("keeps a number that was typed as it is", () => {
    expect(readScreenLine(shown("a <200d>"), START).text).toBe("a <200d>");
  });

  it("is known where mksh shows bytes", () => {
    const screen = shown("say \\xF0\\x9F\\x8E\\x89 x");
    expect(compareLine(screen, START, "say 🎉 x").same).toBe(true);
    expect(compareLine(screen, START, "say 🎈 x").same).toBe(false);
    expect(withoutBytes("say \\xF0\\x9F\\x8E\\x89 x")).toBe("say 🎉 x");
    expect(asBytesBeyond("é🎉").length).toBe(1 + 16);
  });

  it("is known where busybox shows question marks, and only there", () => {
    const screen = shown("say ?? é x");
    expect(compareLine(screen, START, "say 日本 é x", { lists: false, masks: true }).same).toBe(
      true,
    );
    expect(compareLine(screen, START, "say 日本 é x").same).toBe(false);
  });

  it("is known where fish counts no column for a skin tone", () => {
    const screen = createScreen({ columns: 40, rows: 5 });
    screen.skinTonesJoin = true;
    screen.feed(encodeUtf8("say 👍🏽 x"));
    expect(compareLine(screen, START, "say 👍🏽 x").same).toBe(true);
    expect(screen.cursor.column).toBe(8);
  });
});
