import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createScreen } from "./index.js";
import type { Screen } from "./index.js";
import { fullPictureOfScreen } from "./reference-terminal.testing.js";
import { cut, hostileBytes } from "./streams.testing.js";

const encoder = new TextEncoder();

function screenOf(text: string, columns = 20, rows = 4): Screen {
  const screen = createScreen({ columns, rows });
  screen.feed(encoder.encode(text));
  return screen;
}

/** Letters of a row whose cells fulfil the condition; the others as dots. */
function lettersWhere(screen: Screen, condition: "faint" | "concealed"): string {
  const cells = Array.from({ length: screen.columns }, (_, column) => screen.cell(0, column));
  return cells
    .map((cell) => (cell[condition] ? cell.text : "."))
    .join("")
    .replace(/\.+$/, "");
}

describe("the bytes of the target", () => {
  it("may be anything and be cut anywhere: the screen is the same", () => {
    fc.assert(
      fc.property(hostileBytes(), fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        const whole = createScreen({ columns: 9, rows: 4 });
        const parts = createScreen({ columns: 9, rows: 4 });
        whole.feed(bytes);
        for (const part of cut(bytes, places)) parts.feed(part);
        expect(fullPictureOfScreen(parts)).toEqual(fullPictureOfScreen(whole));
        expect(parts.scrolled).toBe(whole.scrolled);
      }),
      { numRuns: 500 },
    );
  });

  it("may come one by one", () => {
    fc.assert(
      fc.property(hostileBytes(), (bytes) => {
        const whole = createScreen({ columns: 9, rows: 4 });
        const single = createScreen({ columns: 9, rows: 4 });
        whole.feed(bytes);
        for (const byte of bytes) single.feed(Uint8Array.of(byte));
        expect(fullPictureOfScreen(single)).toEqual(fullPictureOfScreen(whole));
      }),
      { numRuns: 200 },
    );
  });

  it("always leave the cursor on the screen and wide characters whole", () => {
    fc.assert(
      fc.property(hostileBytes(), fc.integer({ min: 2, max: 12 }), (bytes, columns) => {
        const screen = createScreen({ columns, rows: 3 });
        screen.feed(bytes);
        screen.resize({ columns: 14 - columns, rows: 1 + (columns % 4) });
        expect(screen.cursor.row).toBeLessThan(screen.rows);
        expect(screen.cursor.column).toBeLessThanOrEqual(screen.columns);
        for (let row = 0; row < screen.rows; row += 1) {
          for (let column = 0; column < screen.columns; column += 1) {
            const next = column + 1 < screen.columns ? screen.cell(row, column + 1).width : 1;
            expect(next === 0).toBe(screen.cell(row, column).width === 2);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("that are not UTF-8 show as U+FFFD, one for each maximal wrong part", () => {
    const screen = createScreen({ columns: 20, rows: 2 });
    screen.feed(Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x62, 0xed, 0xa0, 0x80, 0x63));
    expect(screen.rowText(0).trimEnd()).toBe("a\ufffd\ufffd(\ufffdb\ufffd\ufffd\ufffdc");
  });

  it("can not make a string, a sequence or a cell grow without bound", () => {
    const endless = "\x1b]0;" + "x".repeat(100_000);
    expect(screenOf(endless).rowText(0).trim()).toBe("");
    expect(
      screenOf(endless + "\x07ok")
        .rowText(0)
        .trim(),
    ).toBe("ok");
    expect(
      screenOf(`\x1b[${"1;".repeat(50_000)}mok`)
        .rowText(0)
        .trim(),
    ).toBe("ok");
    expect(screenOf(`\x1b[${"9".repeat(50_000)}Cx`).cursor.column).toBe(20);
    expect(
      screenOf(`\x1b${"(".repeat(50_000)}0ok`)
        .rowText(0)
        .trim(),
    ).toBe("ok");
  });

  it("can put sixteen code points into a cell, and not one more", () => {
    const cellWith = (marks: number) => screenOf(`e${"\u0301".repeat(marks)}`).cell(0, 0).text;
    expect(Array.from(cellWith(15))).toHaveLength(16);
    expect(cellWith(16)).toBe(cellWith(15));
  });

  it("can hold marks that show nowhere, and those are counted", () => {
    expect(screenOf(`e${"\u0301".repeat(15)}`).marksLost).toBe(0);
    expect(screenOf(`e${"\u0301".repeat(16)}`).marksLost).toBe(1);
    expect(screenOf("e\r\u0301x\u0301").marksLost).toBe(1);
  });

  it("keep thirty-two parameters of a sequence, and not one more", () => {
    const pad = (count: number) => `\x1b[${"0;".repeat(count)}2mx`;
    expect(screenOf(pad(31)).cell(0, 0).faint).toBe(true);
    expect(screenOf(pad(32)).cell(0, 0).faint).toBe(false);
  });

  it("may combine characters without end: those that left the screen are forgotten", () => {
    const screen = createScreen({ columns: 4, rows: 2 });
    for (let i = 0; i < 5_000; i += 1) {
      const mark = String.fromCodePoint(0x300 + (i % 0x50), 0x300 + (Math.floor(i / 0x50) % 0x50));
      screen.feed(encoder.encode(`a${mark}`));
    }
    screen.feed(encoder.encode("\r\na\u0301b"));
    expect(screen.rowText(1)).toBe("a\u0301b  ");
    expect(Array.from(screen.cell(0, 0).text)).toHaveLength(3);
  });
});

describe("a cell", () => {
  it("is faint under SGR 2 and grey, as shells show what was not typed", () => {
    expect(lettersWhere(screenOf("ab\x1b[2mcd\x1b[22me"), "faint")).toBe("..cd");
    expect(lettersWhere(screenOf("a\x1b[90mb\x1b[38;5;8mc\x1b[38;5;244md\x1b[me"), "faint")).toBe(
      ".bcd",
    );
    expect(lettersWhere(screenOf("\x1b[38;2;85;85;85ma\x1b[38;2;147;161;161mb"), "faint")).toBe(
      "ab",
    );
  });

  it("is not faint in colour, white or black", () => {
    const bright = "\x1b[31ma\x1b[97mb\x1b[38;5;255mc\x1b[38;2;230;230;230md\x1b[38;2;200;60;60me";
    expect(lettersWhere(screenOf(bright), "faint")).toBe("");
    expect(lettersWhere(screenOf("\x1b[30ma\x1b[38;2;0;0;0mb"), "faint")).toBe("");
  });

  it("is concealed under SGR 8, and its text is known all the same", () => {
    const screen = screenOf("a\x1b[8mrm\x1b[28mb");
    expect(lettersWhere(screen, "concealed")).toBe(".rm");
    expect(screen.rowText(0).trimEnd()).toBe("armb");
  });

  it("knows when it was written, and a blank that nobody wrote from a typed space", () => {
    const screen = createScreen({ columns: 10, rows: 2 });
    screen.feed(encoder.encode("$ "));
    screen.feed(encoder.encode("l"));
    screen.feed(encoder.encode("s"));
    const written = [0, 1, 2, 3, 4].map((column) => screen.cell(0, column).written);
    expect(written).toEqual([1, 1, 2, 3, 0]);
    screen.feed(encoder.encode("\b\x1b[K"));
    expect(screen.cell(0, 3).written).toBe(0);
  });

  it("takes its revision along when it is shifted or scrolled", () => {
    const screen = createScreen({ columns: 10, rows: 2 });
    screen.feed(encoder.encode("ab"));
    screen.feed(encoder.encode("\r\x1b[@x"));
    expect([0, 1, 2].map((column) => screen.cell(0, column).written)).toEqual([2, 1, 1]);
    screen.feed(encoder.encode("\n\n"));
    expect(screen.cell(0, 1).written).toBe(0);
  });

  it("holds a wide character in two columns", () => {
    const screen = screenOf("漢e\u0301");
    expect(screen.cell(0, 0)).toMatchObject({ text: "漢", width: 2 });
    expect(screen.cell(0, 1)).toMatchObject({ text: "", width: 0 });
    expect(screen.cell(0, 2)).toMatchObject({ text: "e\u0301", width: 1 });
    expect(screen.rowText(0)).toBe(`漢e\u0301${" ".repeat(17)}`);
  });

  it("gets a mark that arrives after the cursor came back to it", () => {
    expect(screenOf("ae\x1b[1;3H\u0301").rowText(0).trimEnd()).toBe("ae\u0301");
  });

  it("outside the screen is a blank that nobody wrote", () => {
    const screen = screenOf("abc");
    for (const [row, column] of [
      [-1, 0],
      [0, -1],
      [4, 0],
      [0, 20],
      [Number.NaN, Number.NaN],
    ] as const) {
      expect(screen.cell(row, column)).toMatchObject({ text: " ", written: 0 });
    }
    expect(screen.rowText(4)).toBe("");
    expect(screen.wrapped(-1)).toBe(false);
  });
});

describe("the revision", () => {
  it("rises once for a feed that writes, and not for one that only moves or switches", () => {
    const screen = screenOf("abc");
    expect(screen.revision).toBe(1);
    screen.feed(encoder.encode("\r\x1b[2C\x1b[1m\x1b[?25l\x07\x1b]0;t\x07"));
    expect(screen.revision).toBe(1);
    screen.feed(encoder.encode("x\r\ny\x1b[K"));
    expect(screen.revision).toBe(2);
  });

  it("rises when lines scroll, are erased, or the screen is resized", () => {
    const screen = screenOf("abc");
    for (const text of ["\n\n\n\n", "\x1b[2J", "\x1b[?1049h", "\x1b[?1049l", "\x1bc"]) {
      const before = screen.revision;
      screen.feed(encoder.encode(text));
      expect(screen.revision, JSON.stringify(text)).toBe(before + 1);
    }
    const before = screen.revision;
    screen.resize({ columns: 30, rows: 4 });
    expect(screen.revision).toBe(before + 1);
    screen.resize({ columns: 30, rows: 4 });
    expect(screen.revision).toBe(before + 1);
  });
});

describe("row plus scrolled", () => {
  it("names a line while others push it up", () => {
    const screen = screenOf("one\r\ntwo\r\nthree\r\n");
    const name = screen.cursor.row + screen.scrolled;
    screen.feed(encoder.encode("FOUR\r\nfive\r\nsix"));
    expect(screen.scrolled).toBe(2);
    expect(screen.rowText(name - screen.scrolled).trim()).toBe("FOUR");
  });

  it("counts neither the alternate screen nor a part of the screen", () => {
    expect(screenOf("\x1b[?1049h\n\n\n\n\n\n").scrolled).toBe(0);
    expect(screenOf("\x1b[2;3r\x1b[3H\n\n\n\n").scrolled).toBe(0);
    expect(screenOf("\x1b[2S").scrolled).toBe(2);
  });
});

describe("another size of the terminal", () => {
  it("keeps the cursor's row: rows go from below it first, then from the top", () => {
    const screen = screenOf("1\r\n2\r\n3\r\n4\x1b[3;2H");
    screen.resize({ columns: 20, rows: 3 });
    expect([0, 1, 2].map((row) => screen.rowText(row).trim())).toEqual(["1", "2", "3"]);
    screen.resize({ columns: 20, rows: 1 });
    expect(screen.rowText(0).trim()).toBe("3");
    expect(screen.cursor).toEqual({ row: 0, column: 1 });
    expect(screen.scrolled).toBe(2);
  });

  it("keeps columns in place and brings the cursor in", () => {
    const screen = screenOf("0123456789abc");
    screen.resize({ columns: 8, rows: 4 });
    expect(screen.rowText(0)).toBe("01234567");
    expect(screen.cursor).toEqual({ row: 0, column: 7 });
    screen.resize({ columns: 30, rows: 4 });
    expect(screen.rowText(0).trimEnd()).toBe("01234567");
    screen.feed(encoder.encode("\r\t\t\t\tx"));
    expect(screen.cursor.column).toBe(30);
  });

  it("cuts no wide character in half", () => {
    const screen = screenOf("漢字");
    screen.resize({ columns: 3, rows: 4 });
    expect(screen.rowText(0)).toBe("漢 ");
  });

  it("changes the alternate screen and the primary one behind it", () => {
    const screen = screenOf("1\r\n2\r\n3\r\n4\x1b[?1049h\x1b[2J\x1b[Hvi");
    screen.resize({ columns: 20, rows: 2 });
    expect(screen.rowText(0).trim()).toBe("vi");
    screen.feed(encoder.encode("\x1b[?1049l"));
    expect([0, 1].map((row) => screen.rowText(row).trim())).toEqual(["3", "4"]);
    expect(screen.cursor).toEqual({ row: 1, column: 1 });
  });

  it("of nothing means unknown, and of too much is limited", () => {
    expect(createScreen({ columns: 0, rows: 0 })).toMatchObject({ columns: 80, rows: 24 });
    expect(createScreen({ columns: 1, rows: 1 })).toMatchObject({ columns: 2, rows: 1 });
    expect(createScreen({ columns: 1000, rows: 500 })).toMatchObject({ columns: 1000, rows: 500 });
    expect(createScreen({ columns: 1001, rows: 501 })).toMatchObject({ columns: 1000, rows: 500 });
    expect(createScreen({ columns: 4294967295, rows: Number.NaN })).toMatchObject({
      columns: 1000,
      rows: 24,
    });
    const screen = screenOf("abc");
    screen.resize({ columns: 0, rows: 6 });
    expect(screen).toMatchObject({ columns: 20, rows: 6 });
  });
});

describe("under DECOM", () => {
  it("places count from the scroll region and relative moves stay in it", () => {
    const screen = screenOf("\x1b[2;3r\x1b[?6h");
    expect(screen.cursor).toEqual({ row: 1, column: 0 });
    screen.feed(encoder.encode("\x1b[2;5H\x1b[9B\x1b[3D"));
    expect(screen.cursor).toEqual({ row: 2, column: 1 });
    screen.feed(encoder.encode("\x1b[9A\x1b[7G"));
    expect(screen.cursor).toEqual({ row: 1, column: 6 });
  });
});

describe("DECRC", () => {
  it("brings back the charsets that DECSC found", () => {
    expect(screenOf("\x1b7\x1b(0q\x1b8\x0eq\x0fq").rowText(0).trimEnd()).toBe("qq");
  });
});

describe("the modes", () => {
  it("tell what the target asked the person's terminal to send", () => {
    const screen = screenOf("\x1b[?2004h\x1b[?1h\x1b=\x1b[?7l\x1b[?25l\x1b[?1002h");
    expect(screen.modes).toEqual({
      bracketedPaste: true,
      applicationCursor: true,
      applicationKeypad: true,
      autowrap: false,
      cursorVisible: false,
      mouse: true,
    });
    screen.feed(encoder.encode("\x1bc"));
    expect(screen.modes).toEqual({
      bracketedPaste: false,
      applicationCursor: false,
      applicationKeypad: false,
      autowrap: true,
      cursorVisible: true,
      mouse: false,
    });
  });
});
