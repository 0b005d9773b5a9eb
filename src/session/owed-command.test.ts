import { describe, expect, it } from "vitest";
import { createOwedCommand } from "./owed-command.js";

describe("a line that its editor was to go on with", () => {
  it("is told when it ran all the same, once", () => {
    const owed = createOwedCommand();
    let told = 0;
    owed.owe(() => (told += 1));
    owed.settle("unknown");
    expect(told).toBe(0);
    owed.settle("ran");
    owed.settle("ran");
    expect(told).toBe(1);
  });

  it("is forgotten when it goes on", () => {
    const owed = createOwedCommand();
    owed.owe(() => {
      throw new Error("told");
    });
    owed.settle("goes-on");
    owed.settle("ran");
  });
});
