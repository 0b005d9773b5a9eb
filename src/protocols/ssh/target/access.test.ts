import { describe, expect, it } from "vitest";
import { err, fault, ok } from "../../../kernel/index.js";
import type { Channel, ChannelListener } from "../connection/channel.js";
import { CONNECTIONS_MAX, createTargetAccess, type SessionOutcome } from "./access.js";
import type { TargetLeg, TargetLegEvents } from "./leg.js";

const silent: ChannelListener = {
  data: () => undefined,
  eof: () => undefined,
  request: () => undefined,
  closed: () => undefined,
  sent: () => undefined,
};

/** A target that takes so many sessions on each of its connections, and what was made of them. */
function target(sessionsMax: number) {
  const made: { open: number; closed: string | null; readonly events: TargetLegEvents }[] = [];
  const state = { reachable: true };
  const access = createTargetAccess({
    targetName: "db-1",
    channelAsked: () => undefined,
    failed: () => undefined,
    dial: (events) => {
      if (!state.reachable)
        return Promise.resolve(err(fault("CHP_SSH_TARGET_UNREACHABLE", "connection refused")));
      const connection = { open: 0, closed: null as string | null, events };
      made.push(connection);
      const leg: TargetLeg = {
        open({ opened }) {
          if (connection.open >= sessionsMax) {
            opened({ ok: false, reason: 2, description: "open failed" });
            return;
          }
          connection.open += 1;
          opened({ ok: true, channel: {} as Channel }); // nobody speaks through it
        },
        global: () => undefined,
        close: (reason) => (connection.closed = reason),
      };
      return Promise.resolve(ok(leg));
    },
  });
  const opens = (): Promise<SessionOutcome> =>
    new Promise((opened) => access.openSession({ windowBytes: 1, listener: silent, opened }));
  return { access, made, state, opens };
}

describe("sessions on a target", () => {
  it("share one connection as long as it takes them, and get another one when it does not", async () => {
    const { made, opens } = target(10);
    const outcomes = await Promise.all(Array.from({ length: 24 }, opens));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(made.map((connection) => connection.open)).toEqual([10, 10, 4]);
  });

  it("go where one has ended before yet another connection is made", async () => {
    const { made, opens } = target(1);
    await opens();
    await opens();
    const [first] = made;
    if (first !== undefined) first.open = 0;
    await opens();
    expect(made.map((connection) => connection.open)).toEqual([1, 1]);
  });

  it("that refuses the first one is not asked again, and the person is told why", async () => {
    const { made, opens } = target(0);
    expect(await opens()).toEqual({
      ok: false,
      message: "CHP_SSH_TARGET_CHANNEL db-1: open failed",
      next: expect.stringContaining("administrator") as string,
    });
    expect(made).toHaveLength(1);
  });

  it(`have ${CONNECTIONS_MAX} connections at most`, async () => {
    const { made, opens } = target(1);
    const outcomes = await Promise.all(Array.from({ length: CONNECTIONS_MAX + 1 }, opens));
    expect(outcomes.filter((outcome) => !outcome.ok)).toHaveLength(1);
    expect(made).toHaveLength(CONNECTIONS_MAX);
  });

  it("that can not be reached once more is told as such, and the others go on", async () => {
    const { made, opens, state } = target(1);
    await opens();
    state.reachable = false;
    expect(await opens()).toEqual({
      ok: false,
      message: "CHP_SSH_TARGET_UNREACHABLE connection refused",
      next: expect.stringContaining("Try again") as string,
    });
    expect(made.map((connection) => connection.closed)).toEqual([null]);
  });

  it("end on all its connections, and none begins afterwards", async () => {
    const { access, made, opens } = target(1);
    await opens();
    await opens();
    access.close("the session is over");
    expect(made.map((connection) => connection.closed)).toEqual(
      Array.from({ length: 2 }, () => "the session is over"),
    );
    expect(await opens()).toEqual({ ok: false, message: "the session is over" });
    expect(made).toHaveLength(2);
  });
});
