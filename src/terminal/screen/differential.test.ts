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
const RUNS_PER_FLAVOUR = 400;

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
});
