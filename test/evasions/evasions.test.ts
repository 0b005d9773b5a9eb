import { describe, expect, it } from "vitest";
import {
  deliveredRules,
  fateOf,
  readSpellings,
  type Fate,
  type Spelling,
} from "./evasions.testing.js";

/** Recursively, and by other tools what the system can not do without. */
const RULES: readonly string[] = ["chp-lnx-0101", "chp-lnx-0102"];
const ruleset = deliveredRules();

interface Tried extends Spelling {
  readonly fate: Fate;
}

function tryAll(name: string): readonly Tried[] {
  return readSpellings(name).map((one) => ({
    ...one,
    fate: fateOf(ruleset, one.lines, (rule) => RULES.includes(rule)),
  }));
}

function report(tried: readonly Tried[], bad: (one: Tried) => boolean): string {
  const chapters = [...new Set(tried.map((one) => `${one.kind}: ${one.chapter}`))];
  const rows = chapters.map((chapter) => {
    const own = tried.filter((one) => `${one.kind}: ${one.chapter}` === chapter);
    const count = (fate: Fate): string =>
      String(own.filter((one) => one.fate === fate).length).padStart(5);
    return `${chapter.padEnd(52)}${String(own.length).padStart(5)}${count("stopped")}${count("doubted")}${count("missed")}`;
  });
  const head = `${"".padEnd(52)}  all stop doubt miss`;
  const failures = tried
    .filter(bad)
    .map((one) => `${one.fate.padEnd(8)}${JSON.stringify(one.lines.join("\u23ce"))}`);
  return ["", head, ...rows, ...failures].join("\n");
}

describe.each(["lookalikes.txt", "lookalikes-admin.txt", "lookalikes-forms.txt"])(
  "lines that only look like it (%s)",
  (name) => {
    const tried = tryAll(name);
    it("are never stopped", () => {
      const stopped = tried.filter((one) => one.fate === "stopped");
      expect(
        stopped.length,
        report(tried, (one) => one.fate === "stopped"),
      ).toBe(0);
    });
  },
);

describe.each([
  "spellings.txt",
  "spellings-more.txt",
  "spellings-angles.txt",
  "spellings-forms.txt",
])("the rules against deleting protected paths (%s)", (name) => {
  const tried = tryAll(name);
  it("stops every spelling that the line itself gives away", () => {
    const own = tried.filter((one) => one.kind === "static");
    const missed = own.filter((one) => one.fate !== "stopped");
    expect(
      missed.length,
      report(own, (one) => one.fate !== "stopped"),
    ).toBe(0);
  });
  it("stops nine of ten that what was typed before gives away, and doubts the others", () => {
    const own = tried.filter((one) => one.kind === "session");
    const stopped = own.filter((one) => one.fate === "stopped").length;
    const why = report(own, (one) => one.fate !== "stopped");
    if (own.length > 0) expect(stopped / own.length, why).toBeGreaterThanOrEqual(0.9);
    expect(own.filter((one) => one.fate === "missed").length, why).toBe(0);
  });
  it("lets none go unnoticed of those that can not be known", () => {
    const unnoticed = tried.filter((one) => one.kind === "doubted" && one.fate === "missed");
    expect(unnoticed.map((one) => one.lines.join("\u23ce"))).toEqual([]);
  });
  it("is told which spellings are known not to be stopped; one that is stopped now leaves the list", () => {
    const stopped = tried.filter((one) => one.kind === "open" && one.fate === "stopped");
    expect(stopped.map((one) => one.lines.join("\u23ce"))).toEqual([]);
  });
});
