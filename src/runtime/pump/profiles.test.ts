import { describe, expect, it } from "vitest";
import { ok } from "../../kernel/index.js";
import type { Effect, Input } from "../../model/index.js";
import type { Session } from "../../session/index.js";
import { createClock } from "../clock/index.js";
import { eventually } from "../testing/eventually.testing.js";
import { createToySession, TOY_DESK, toyFacts } from "../testing/toy-session.testing.js";
import { createPump } from "./pump.js";
import type { ProfileDesk, SessionHandle } from "./ports.js";

type Known = Extract<Input, { kind: "profile-known" }>;

/** A session that asks for a profile when it opens, and keeps what it got when it ends. */
function asking(): { readonly session: Session; readonly got: Known[] } {
  const got: Known[] = [];
  const session: Session = {
    ...createToySession(toyFacts("s-1")),
    step(input): readonly Effect[] {
      if (input.kind === "opened") return [{ kind: "ask-profile", part: "habits" }];
      if (input.kind === "profile-known") got.push(input);
      if (input.kind !== "disconnected") return [];
      return [{ kind: "keep-profile", revision: 3, profile: "{}" }];
    },
  };
  return { session, got };
}

function pump(session: Session, profiles?: ProfileDesk): SessionHandle {
  return createPump(
    {
      session,
      clock: createClock(),
      spool: { append: () => ok(undefined), sync: () => ok(undefined) },
      recorder: { record: () => undefined, close: () => undefined },
      traffic: { carryOut: () => undefined },
      desk: TOY_DESK,
      show: () => undefined,
      ...(profiles === undefined ? {} : { profiles }),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    {
      facts: toyFacts("s-1"),
      source: "/chaperone/lab/test",
      firstSequence: 0,
      audit: "normal",
      ended: () => undefined,
    },
  );
}

describe("a profile of behaviour", () => {
  it("comes to the session that asks for it, and goes back when it ends", async () => {
    const kept: unknown[] = [];
    const { session, got } = asking();
    const handle = pump(session, {
      ask: (_session, part) => Promise.resolve({ profile: `{"part":"${part}"}`, revision: 2 }),
      keep: (...all) => void kept.push(all),
    });
    handle.input({ kind: "opened" });
    await eventually(() => got.length).toBe(1);
    expect(got[0]).toMatchObject({ part: "habits", profile: '{"part":"habits"}', revision: 2 });
    handle.input({ kind: "disconnected", reason: "the client went" });
    expect(kept).toEqual([[toyFacts("s-1").id, 3, "{}"]]);
  });

  it.each([
    ["nobody keeps any", undefined],
    [
      "it can not be had",
      { ask: () => Promise.resolve(null), keep: () => undefined } satisfies ProfileDesk,
    ],
    [
      "asking fails",
      {
        ask: () => Promise.reject(new Error("the parent is gone")),
        keep: () => undefined,
      } satisfies ProfileDesk,
    ],
  ])("is told not to be there where %s", async (_why, desk) => {
    const { session, got } = asking();
    pump(session, desk).input({ kind: "opened" });
    await eventually(() => got.length).toBe(1);
    expect(got[0]).toMatchObject({ profile: null, revision: null });
  });
});
