import { describe, expect, it } from "vitest";
import { micros, wallMicros } from "../kernel/index.js";
import { createCommandDesk, type CommandToJudge } from "./command-desk.js";
import { createGraces } from "./graces.js";
import { createOutbox } from "./outbox.js";
import { seedOf } from "./seed.testing.js";

function doubtsOf(line: string, how: Partial<CommandToJudge>): readonly string[] {
  const seed = seedOf();
  const outbox = createOutbox(seed.facts, 0);
  outbox.begin({ at: micros(1), wall: wallMicros(1) });
  const desk = createCommandDesk(seed, outbox, createGraces(outbox));
  return desk.judge({
    candidates: [line],
    channelKind: "shell",
    knowledge: {},
    confidence: 1,
    hidden: false,
    ...how,
  }).doubts;
}

describe("a line that a program reads", () => {
  it("is no broken line of a shell", () => {
    const line = "print(open('x').read()) if (a) else f(')";
    expect(doubtsOf(line, {})).toContain("unparsed");
    expect(doubtsOf(line, { context: "program", program: "python3" })).toEqual([]);
  });

  it("is one for a shell where the program hands it on", () => {
    const how = { context: "program", program: "vim", escaped: true } as const;
    expect(doubtsOf('sh -c "$cmd"', how)).toContain("unparsed");
  });
});
