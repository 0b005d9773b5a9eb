import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createScreen } from "./index.js";
import { createReferenceTerminal, pictureOfScreen } from "./reference-terminal.testing.js";
import { cut, outputOf } from "./streams.testing.js";
import type { Flavour } from "./streams.testing.js";

const encoder = new TextEncoder();
const size = fc.record({
  columns: fc.integer({ min: 2, max: 25 }),
  rows: fc.integer({ min: 1, max: 8 }),
});
const RUNS_PER_FLAVOUR = 500;

/** Ours gets the bytes cut; xterm.js whole, as it loses a character cut before a byte 0x80. */
function compare(
  at: { columns: number; rows: number },
  bytes: Uint8Array,
  places: readonly number[],
  widths: "own" | "ours",
): void {
  const screen = createScreen(at);
  const reference = createReferenceTerminal(at.columns, at.rows, widths);
  for (const part of cut(bytes, places)) screen.feed(part);
  reference.write(bytes);
  expect(pictureOfScreen(screen)).toEqual(reference.picture());
}

const SITUATIONS: readonly (readonly [name: string, text: string])[] = [
  ["a line that fills the last column waits with the wrap", "0123456789"],
  ["the character after the last column begins the next row", "0123456789a"],
  ["CR after the last column stays in the row", "0123456789\rX"],
  ["LF after the last column does not wrap", "0123456789\nX"],
  ["BS after the last column goes to the last but one", "0123456789\bX"],
  ["EL after the last column erases nothing", "0123456789\x1b[K"],
  ["a tab after the last column does nothing", "0123456789\tX"],
  ["DECSC forgets the pending wrap", "0123456789\x1b7\x1b8X"],
  ["autowrap off writes over the last column", "\x1b[?7l0123456789abc"],
  ["readline's redraw of a wrapped line", "$ 0123456789abc\b\b\b\b\b\x1b[CX\x1b[K"],
  ["readline's insertion into a line", "$ abc\b\b\x1b[1@X\b\x1b[C"],
  ["readline's deletion in a line", "$ abcdef\b\b\b\x1b[2P"],
  ["readline's way to force a wrap", "$ 01234567 \r\x1b[Kx"],
  ["a wide character that does not fit goes down whole", "123456789漢字"],
  ["half of a wide character overwritten from the right", "漢字\x1b[1;2Hx"],
  ["half of a wide character overwritten from the left", "漢字\x1b[1;1Hx"],
  ["a wide character written over two halves", "漢字\x1b[1;2H日"],
  ["erasing through wide characters", "漢字漢字\x1b[1;2H\x1b[4X"],
  ["deleting half of a wide character", "漢字漢字\x1b[1;2H\x1b[P"],
  ["inserting into a wide character", "漢字漢字漢\x1b[1;2H\x1b[@"],
  ["a mark on the last column stays in the row", "012345678e\u0301x"],
  ["two marks on one letter", "e\u0323\u0301x"],
  ["lines leave at the top", "1\r\n2\r\n3\r\n4\r\n5\r\n6"],
  ["a scroll region leaves the rest alone", "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3H\nX\n"],
  ["wrapping in the bottom row of a region", "\x1b[1;2r\x1b[2;1H0123456789ab"],
  ["wrapping below a region", "\x1b[1;2r\x1b[4;1H0123456789ab"],
  ["RI at the top brings a row in", "a\r\nb\x1b[H\x1bMX"],
  ["IL and DL in a region", "a\r\nb\r\nc\r\nd\x1b[1;3r\x1b[2H\x1b[L\x1b[3H\x1b[M"],
  ["vi comes and goes", "$ vi\r\n\x1b[?1049h\x1b[2J~\r\n~\x1b[?1049l$ "],
  ["the alternate screen without saving", "ab\x1b[?47hcd\x1b[?47lef"],
  ["clear", "abc\r\ndef\x1b[H\x1b[2J\x1b[3J$ "],
  ["line drawing", "\x1b(0lqk\x1b(B lqk \x1b)0\x0exx\x0fxx"],
  ["the british pound", "\x1b(A#\x1b(B#"],
  ["REP repeats, and only what was just printed", "-\x1b[3b\r\x1b[3b"],
  ["a control inside a sequence acts", "abc\x1b[1\b;2\rHX"],
  ["CAN ends a sequence", "\x1b[3\x18Cx"],
  ["C1 controls in UTF-8", "ab\u0085cd\u009b1;1HX\u008d"],
  ["an OSC title is not text", "\x1b]0;title\x07a\x1b]2;b\x1b\\c\x1b]x\u009cd"],
  ["a DCS string is not text", "a\x1bPq#0;2;0~\x1b\\b"],
  ["DECALN fills the screen", "\x1b#8"],
  ["tab stops", "\x1b[3g\x1b[4G\x1bH\x1b[7G\x1bH\ra\tb\tc\td\x1b[2Ze"],
  ["reverse wrap goes back over a soft wrap", "\x1b[?45h0123456789a\b\bX"],
  ["protected cells outlast a selective erase", '\x1b[1"qab\x1b[0"qcd\x1b[?2Jx'],
  ["line feed mode returns the carriage", "\x1b[20hab\ncd"],
  ["full reset", "abc\x1b[?1049h\x1b[?2004h\x1b[?1h\x1b[2;3r\x1bcX"],
];

describe("the screen shows what xterm.js shows", () => {
  for (const flavour of ["narrow", "wide", "unicode", "charsets", "tabs"] satisfies Flavour[]) {
    it(`for any output of the flavour "${flavour}", however the network cuts it`, () => {
      fc.assert(
        fc.property(
          size,
          outputOf(flavour),
          fc.array(fc.nat(), { maxLength: 4 }),
          (at, text, places) => {
            compare(at, encoder.encode(text), places, flavour === "unicode" ? "ours" : "own");
          },
        ),
        { numRuns: RUNS_PER_FLAVOUR },
      );
    });
  }

  it.each(SITUATIONS)("%s", (_name, text) => {
    compare({ columns: 10, rows: 4 }, encoder.encode(text), [], "own");
  });

  it("under DECOM, where places count from the scroll region", () => {
    // Relative moves and CHA add the region's top once more in xterm.js: absolute places only.
    const text = "\x1b[2;3r\x1b[?6h\x1b[1;1Ha\x1b[2;2Hb\x1b[9;3Hc\r\nd\x1b[1de\x1b[?6lf";
    compare({ columns: 10, rows: 4 }, encoder.encode(text), [], "own");
  });

  it("after the rows of the terminal have changed", () => {
    fc.assert(
      fc.property(size, outputOf("narrow"), fc.integer({ min: 1, max: 9 }), (at, text, rows) => {
        const screen = createScreen(at);
        const reference = createReferenceTerminal(at.columns, at.rows);
        const bytes = encoder.encode(text);
        screen.feed(bytes);
        reference.write(bytes);
        screen.resize({ columns: at.columns, rows });
        reference.resize(at.columns, rows);
        expect(pictureOfScreen(screen)).toEqual(reference.picture());
      }),
      { numRuns: RUNS_PER_FLAVOUR },
    );
  });
});
