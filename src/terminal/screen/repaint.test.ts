import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createScreen } from "./index.js";
import type { Screen } from "./index.js";
import {
  createReferenceTerminal,
  fullPictureOfScreen,
  pictureOfScreen,
} from "./reference-terminal.testing.js";
import { cut, hostileBytes, outputOf } from "./streams.testing.js";

const encoder = new TextEncoder();
const RUNS = 500;
const size = fc.record({
  columns: fc.integer({ min: 2, max: 16 }),
  rows: fc.integer({ min: 1, max: 6 }),
});

function repainted(screen: Screen): Screen {
  const copy = createScreen(screen);
  copy.feed(screen.repaint());
  return copy;
}

/** The one state no sequence can make: see repaintBytes. */
function isUnreachable(screen: Screen): boolean {
  return (
    screen.alternate &&
    screen.cursor.column === screen.columns &&
    screen.cell(screen.cursor.row, screen.columns - 1).written === 0
  );
}

describe("a repainted terminal", () => {
  it("shows the same in every observable, whatever the target had printed", () => {
    fc.assert(
      fc.property(size, hostileBytes(), (at, bytes) => {
        const screen = createScreen(at);
        screen.feed(bytes);
        fc.pre(!isUnreachable(screen));
        expect(fullPictureOfScreen(repainted(screen))).toEqual(fullPictureOfScreen(screen));
      }),
      { numRuns: RUNS },
    );
  });

  it("goes on as the terminal would have, wherever the output is cut", () => {
    // REP repeats only what was printed just before, which no repainting can be.
    const output = outputOf("everything").map((text) => text.replaceAll(/\[[\d;]*b/g, ""));
    fc.assert(
      fc.property(size, output, fc.nat(), (at, text, place) => {
        const bytes = encoder.encode(text);
        const [before, after] = cut(bytes, [place]);
        const screen = createScreen(at);
        screen.feed(before ?? bytes);
        fc.pre(!isUnreachable(screen));
        const copy = repainted(screen);
        if (after !== undefined) for (const one of [screen, copy]) one.feed(after);
        expect(fullPictureOfScreen(copy)).toEqual(fullPictureOfScreen(screen));
      }),
      { numRuns: RUNS },
    );
  });

  it("is the same for xterm.js", () => {
    fc.assert(
      fc.property(size, outputOf("everything"), (at, text) => {
        const screen = createScreen(at);
        screen.feed(encoder.encode(text));
        fc.pre(!isUnreachable(screen));
        const reference = createReferenceTerminal(at.columns, at.rows, "ours");
        reference.write(screen.repaint());
        expect(reference.picture()).toEqual(pictureOfScreen(screen));
      }),
      { numRuns: RUNS },
    );
  });

  it("keeps every colour and flag that xterm.js shows", () => {
    fc.assert(
      fc.property(size, fc.oneof(outputOf("narrow"), outputOf("unicode")), (at, text) => {
        const screen = createScreen(at);
        const original = createReferenceTerminal(at.columns, at.rows, "ours");
        const copy = createReferenceTerminal(at.columns, at.rows, "ours");
        screen.feed(encoder.encode(text));
        original.write(encoder.encode(text));
        copy.write(screen.repaint());
        expect(copy.attributes()).toEqual(original.attributes());
      }),
      { numRuns: RUNS },
    );
  });
});
