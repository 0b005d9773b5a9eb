import { describe, expect, it } from "vitest";
import { blankDigits, checkedLines, openLine } from "./checked-line.js";
import { splitLines } from "./line-reader.js";

const EVENT = `{"id":"s-1","data":{"text":"ls é 漢"}}\n`;

describe("a line of the spool", () => {
  it("is the event behind its checksum, also where several are written at once", () => {
    const lines = [...splitLines(checkedLines(EVENT.repeat(3)))];
    expect(lines.map((line) => openLine(line)?.toString("utf8"))).toEqual([EVENT, EVENT, EVENT]);
    expect(checkedLines("123456789").toString("latin1")).toBe("cbf43926 123456789");
  });

  it("is the same whether it is long or short, and alone or not", () => {
    for (const times of [1, 10, 1_000, 100_000]) {
      const text = `{"text":"${"ü".repeat(times)}"}\n`;
      const expected = Buffer.from(checkedLines(text)).toString("utf8");
      expect(openLine(Buffer.from(expected))?.toString("utf8")).toBe(text);
      const several = Buffer.from(checkedLines(text + EVENT + text)).toString("utf8");
      expect(several).toBe(expected + checkedLines(EVENT).toString("utf8") + expected);
    }
  });

  it("is not taken for what was written when any bit of it is another", () => {
    const line = checkedLines(EVENT);
    for (let bit = 0; bit < line.length * 8; bit += 1) {
      const flipped = Buffer.from(line);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect([bit, openLine(flipped)]).toEqual([bit, null]);
    }
  });

  it("of an earlier version has no checksum", () => {
    expect(openLine(Buffer.from(EVENT))?.toString("utf8")).toBe(EVENT);
  });

  it("keeps its length where its checksum is looked at and blanked, and stays no JSON when it is damaged", () => {
    const lines = Buffer.from(checkedLines(EVENT.repeat(2)));
    const [first = ""] = lines.toString("latin1").split("\n");
    lines.write("X", first.length + 20);
    const length = lines.length;
    blankDigits(lines);
    expect(lines).toHaveLength(length);
    const [whole = "", damaged = ""] = lines.toString("utf8").split("\n");
    expect(JSON.parse(whole)).toEqual(JSON.parse(EVENT));
    expect(() => void JSON.parse(damaged)).toThrow(SyntaxError);
  });
});
