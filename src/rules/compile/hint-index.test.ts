import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHintIndex } from "./hint-index.js";

const letters = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom("a", "b", "c", "/", "\u00e9", "\u{1f600}"),
    minLength: min,
    maxLength: max,
  });
const hintsOf = (texts: readonly string[], ofWords = false) => ({ texts, ofWords, leads: [] });

describe("rules found by the text in a line", () => {
  it("are exactly those whose text is in it, and those of which nothing is known", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.array(letters(1, 6), { minLength: 1, maxLength: 3 })), {
          maxLength: 30,
        }),
        fc.array(letters(0, 40), { minLength: 1, maxLength: 4 }),
        (entries, lines) => {
          const index = createHintIndex(entries.map((one) => one && hintsOf(one)));
          for (const text of lines) {
            const may = index.open({ text, wild: [] });
            entries.forEach((hints, i) => {
              const wanted = hints === null || hints.some((hint) => text.includes(hint));
              const short = hints?.some((hint) => hint.length < 3) === true;
              expect(may(i, false)).toBe(wanted || short);
            });
          }
        },
      ),
    );
  });

  it("are all that look at words when a word can not be known", () => {
    const index = createHintIndex([hintsOf(["secret"], true), hintsOf(["secret"])]);
    const may = index.open({ text: "cat x", wild: [] });
    expect([may(0, false), may(0, true), may(1, true)]).toEqual([false, true, false]);
  });

  it("are those of a path that a word with wildcards may mean", () => {
    const path = (text: string, lead: string) => ({ texts: [text], ofWords: true, leads: [lead] });
    const index = createHintIndex([path("/etc", "/etc"), path("/srv", "/srv"), path("x.key", "")]);
    const may = index.open({ text: "rm /e*", wild: ["/e"] });
    expect([may(0, false), may(1, false), may(2, false)]).toEqual([true, false, true]);
  });
});
