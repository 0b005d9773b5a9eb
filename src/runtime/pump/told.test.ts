import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../events/index.js";
import { wallMicros } from "../../kernel/index.js";
import { toyFacts } from "../testing/toy-session.testing.js";
import { createTold, elapsedMs, sessionRef } from "./told.js";

const session = sessionRef(toyFacts("s"));
const opened: EventDraft = {
  type: "session.opened",
  data: {
    session,
    groups: [],
    clientVersion: "",
    authMethods: [],
    targetLabels: {},
    rulesDigest: "",
  },
};
const wall = (ms: number) => wallMicros(1e15 + ms * 1_000);

describe("the story of a session", () => {
  it("that was never opened has no end to tell", () => {
    const told = createTold(toyFacts("s"), 3);
    expect(told.nextSequence).toBe(3);
    expect(told.ending(wall(0), "gone", false)).toEqual([]);
    expect(told.ending(wall(0), "bug", true).map((event) => event.type)).toEqual([
      "session.failed",
    ]);
  });

  it("ends with what it has counted, once", () => {
    const told = createTold(toyFacts("s"), 2);
    told.add(opened, 2, wall(0));
    told.add({ type: "channel.opened", data: { session, channel: 0, kind: "shell" } }, 3, wall(5));
    const bytes = { toTarget: 10, toPerson: 200 };
    told.add(
      { type: "channel.closed", data: { session, channel: 0, kind: "shell", bytes } },
      4,
      wall(9),
    );
    expect(told.nextSequence).toBe(5);
    const [closed] = told.ending(wall(1_500), "gone", false);
    expect(closed).toMatchObject({
      type: "session.closed",
      data: { reason: "gone", durationMs: 1_500, bytes, counts: { channels: 1, commands: 0 } },
    });
    if (closed !== undefined) told.add(closed, 5, wall(1_500));
    expect(told.open).toBe(false);
    expect(told.ending(wall(2_000), "again", false)).toEqual([]);
  });

  it("never lasts a negative time, when the clock was set back", () => {
    expect(elapsedMs(wall(10), wall(0))).toBe(0);
  });
});
