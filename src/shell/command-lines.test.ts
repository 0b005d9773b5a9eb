import { describe, expect, it } from "vitest";
import { commandLines } from "./index.js";

describe("commands of a text of several lines", () => {
  it("stay together where the shell asks for more", () => {
    expect(commandLines("say a\n\nfor x in 1; do\n  say $x\ndone\nsay 'b\nc'\nsay d")).toEqual([
      "say a",
      "for x in 1; do\n  say $x\ndone",
      "say 'b\nc'",
      "say d",
    ]);
  });

  it("are not counted where there are very many", () => {
    expect(commandLines("say a\n".repeat(100))).toBeNull();
  });
});
