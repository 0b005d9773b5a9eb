import { describe, expect, it } from "vitest";
import { createUnusualWords } from "./unusual-words.js";

function typed(...words: string[]): ReturnType<typeof createUnusualWords> {
  const book = createUnusualWords();
  for (const word of words) {
    for (const character of word) book.typed(character);
    book.ended();
  }
  book.newLine();
  return book;
}

describe("words that an editor does not draw whole", () => {
  it("are put back for question marks, the newest at the end", () => {
    expect(typed("日本", "ﬀ").restored("say ?? ? x", "question-marks")).toBe("say 日本 ﬀ x");
  });

  it("are put back where the marks were lost", () => {
    expect(typed("e\u0301te").restored("say ete x", "no-marks")).toBe("say e\u0301te x");
  });

  it("leave the words alone that were drawn whole, or only look alike", () => {
    const book = typed("e\u0301te");
    expect(book.restored("say e\u0301te", "no-marks")).toBe("say e\u0301te");
    expect(book.restored("autocomplete", "no-marks")).toBe("autocomplete");
  });

  it("are bounded in number and length", () => {
    const book = typed(...Array.from({ length: 100 }, (_, i) => `${"日".repeat(100)}${String(i)}`));
    expect(book.restored("?".repeat(64), "question-marks").length).toBeLessThan(10_000);
  });
});
