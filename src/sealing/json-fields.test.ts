import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seed } from "../testing/index.js";
import { splitFields } from "./json-fields.js";

const NAMES = ["session", "text", "url"];
const name = fc.oneof(fc.constantFrom(...NAMES, "decision", "textual"), fc.string());
const json = fc.dictionary(name, fc.jsonValue(), { maxKeys: 6 });

/** As an envelope has it: something before, one brace behind. */
const split = (data: string) => splitFields(`{"data":${data}}`, 8, NAMES);
const parsed = (members: string): unknown => JSON.parse(`{${members}}`);
const pick = (data: object, wanted: (field: string) => boolean) =>
  Object.fromEntries(Object.entries(data).filter(([field]) => wanted(field)));

describe("the fields of an event", () => {
  it("are told apart as a parser would, whatever stands in them", () => {
    fc.assert(
      fc.property(json, (told) => {
        const data = JSON.parse(JSON.stringify(told)) as object;
        // Of names that JSON escapes nothing is known: they are hidden.
        const isHidden = (field: string) =>
          NAMES.includes(field) || JSON.stringify(field) !== `"${field}"`;
        const { hidden, open } = split(JSON.stringify(data));
        expect(parsed(hidden)).toEqual(pick(data, isHidden));
        expect(parsed(open)).toEqual(pick(data, (field) => !isHidden(field)));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("are hidden where they are cut off: at worst too much is", () => {
    fc.assert(
      fc.property(json, fc.nat(), (data, at) => {
        const whole = JSON.stringify({ ...data, text: "secret-4711" });
        const { hidden, open } = split(whole.slice(0, at % whole.length));
        expect(() => parsed(hidden)).not.toThrow();
        expect(() => parsed(open)).not.toThrow();
        expect(open).not.toContain("secret-4711");
      }),
      { seed, numRuns: 300 },
    );
  });
});
