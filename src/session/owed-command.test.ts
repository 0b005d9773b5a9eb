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

describe("a doubtful line that looks like the beginning of a command", () => {
  function owing() {
    const owed = createOwedCommand();
    const told: string[] = [];
    owed.owe(() => told.push("told"), "prompt");
    return { owed, told };
  }

  it("is forgotten when the shell asks for more", () => {
    const { owed, told } = owing();
    owed.settle("ran");
    owed.asked("continuation");
    owed.over();
    expect(told).toEqual([]);
  });

  it.each(["primary", "unknown"] as const)("is told at a prompt that is %s", (prompt) => {
    const { owed, told } = owing();
    expect(owed.waitsForPrompt).toBe(true);
    owed.asked(prompt);
    owed.asked(prompt);
    expect(told).toEqual(["told"]);
    expect(owed.waitsForPrompt).toBe(false);
  });

  it("is told when nothing comes behind it", () => {
    const { owed, told } = owing();
    owed.over();
    expect(told).toEqual(["told"]);
  });
});
