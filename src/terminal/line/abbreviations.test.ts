import { describe, expect, it } from "vitest";
import { createAbbreviations } from "./abbreviations.js";

describe("fish's abbreviations", () => {
  it("are known when they were made in this session", () => {
    const abbreviations = createAbbreviations();
    abbreviations.ran("abbr -a rr 'rm -rf'; abbr gs git status", ["abbr"]);
    expect(abbreviations.expand("rr")).toEqual({ text: "rm -rf", sure: true });
    expect(abbreviations.expand("cd /; gs")).toEqual({ text: "cd /; git status", sure: true });
    expect(abbreviations.expand("echo rr")).toEqual({ text: "echo rr", sure: true });
    abbreviations.ran("abbr -e rr", ["abbr"]);
    expect(abbreviations.expand("rr")).toEqual({ text: "rr", sure: false });
  });

  it("may be any word alone that is no known program", () => {
    const abbreviations = createAbbreviations();
    expect(abbreviations.expand("ls").sure).toBe(true);
    expect(abbreviations.expand("gco").sure).toBe(false);
    expect(abbreviations.expand("gco main").sure).toBe(true);
    abbreviations.ran("deploy now", ["deploy"]);
    expect(abbreviations.expand("deploy").sure).toBe(true);
  });

  it("are bounded", () => {
    const abbreviations = createAbbreviations();
    for (let i = 0; i < 300; i += 1) abbreviations.ran(`abbr -a a${String(i)} 'b'`, []);
    expect(abbreviations.expand("a0").sure).toBe(false);
    expect(abbreviations.expand("a299").text).toBe("b");
  });
});
