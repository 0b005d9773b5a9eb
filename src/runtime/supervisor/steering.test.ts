import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../events/index.js";
import {
  channelId,
  micros,
  ok,
  sessionId,
  wallMicros,
  type SessionId,
} from "../../kernel/index.js";
import type { CommandOutcome, ObservedEntry } from "../../model/index.js";
import { createFakeClock } from "../../testing/index.js";
import type { LockedPerson } from "../registry/person-locks.js";
import type { Registry, RunningSession } from "../registry/registry.js";
import { toyFacts } from "../testing/toy-session.testing.js";
import { WAITING_BYTES_MAX } from "./observations.js";
import { createSteering } from "./steering.js";
import type { Workforce, WorkOrder } from "./workforce.js";

/** A registry with sessions of alice and bob, and a workforce that does what it is told. */
function lab(silent: readonly string[] = []) {
  const sessions = new Map<SessionId, RunningSession>();
  for (const [id, name] of [
    ["a1", "alice"],
    ["a2", "alice"],
    ["b1", "bob"],
  ] as const) {
    const person = { name, groups: [], phrase: "", factors: [] };
    sessions.set(sessionId(id), {
      facts: toyFacts(id, { person }),
      stream: "w0",
      since: wallMicros(1_000),
    });
  }
  const locks = new Map<string, LockedPerson>();
  const orders: WorkOrder[] = [];
  const told: { session: string; kind: string }[] = [];
  const events: EventDraft[] = [];
  let ids = 0;
  const registry: Pick<Registry<unknown>, "sessions" | "personLocks" | "approvals"> = {
    sessions,
    approvals: {
      list: () => [],
      changed: () => () => undefined,
      decide: () => ({ type: "decided" }),
    },
    personLocks: {
      of: (person) => locks.get(person) ?? null,
      all: () => [...locks.values()],
      lock(one) {
        locks.set(one.person, one);
        return Promise.resolve(ok(undefined));
      },
      unlock(person) {
        locks.delete(person);
        return Promise.resolve(ok(undefined));
      },
    },
  };
  const workforce: Pick<Workforce, "order" | "tell" | "views"> = {
    order(order) {
      orders.push(order);
      const outcomes = order.sessions
        .filter((id) => !silent.includes(id))
        .map((id): [SessionId, CommandOutcome] => [id, { type: "done" }]);
      return Promise.resolve(new Map(outcomes));
    },
    tell: (session, input) => void told.push({ session, kind: input.kind }),
    views: () =>
      Promise.resolve([
        {
          id: sessionId("a1"),
          state: "suspended",
          channels: [],
          counts: { channels: 1, commands: 2, blocked: 0, reauths: 0 },
          observers: [],
        },
      ]),
  };
  const steering = createSteering({
    registry: registry as Registry<unknown>, // what steering uses of it
    workforce: workforce as Workforce, // what steering uses of it
    clock: createFakeClock(),
    tellEvent: (event) => void events.push(event),
    newId: () => `id-${String((ids += 1))}`,
  });
  return { steering, sessions, orders, told, events };
}

const BY = { kind: "operator", name: "maria" } as const;
const KILL = { do: "kill", by: BY, reason: "enough" } as const;

describe("steering", () => {
  it("lists what runs, with what its process says of it", async () => {
    const { steering } = lab();
    const [first, second] = await steering.sessions();
    expect(first).toMatchObject({
      id: "a1",
      state: "suspended",
      counts: { commands: 2 },
      since: 1_000,
    });
    expect(second).toMatchObject({ id: "a2", state: "open", facts: { person: { name: "alice" } } });
    expect(await steering.session(sessionId("nobody"))).toBeNull();
  });

  it("reaches all sessions of a person with one order, and has an outcome for each", async () => {
    const { steering, orders } = lab(["a2"]);
    const outcomes = await steering.commandPerson("alice", KILL);
    expect(orders).toHaveLength(1);
    expect(orders[0]?.sessions).toEqual(["a1", "a2"]);
    expect(Object.fromEntries(outcomes)).toEqual({
      a1: { type: "done" },
      a2: { type: "timeout" },
    });
    const mixed = await steering.commandSessions([sessionId("b1"), sessionId("gone")], KILL);
    expect(Object.fromEntries(mixed)).toEqual({
      b1: { type: "done" },
      gone: { type: "no-such-session" },
    });
  });

  it("locks a person: told, and what runs is ended; unlocking is told too", async () => {
    const { steering, events, orders } = lab();
    const order = { person: "alice", by: BY, reason: "on leave", untilMs: null, kill: true };
    const outcome = await steering.lockPerson(order);
    expect(outcome).toMatchObject({ type: "done" });
    expect([...outcome.sessions.keys()]).toEqual(["a1", "a2"]);
    expect(orders[0]?.input).toMatchObject({ kind: "command", command: { do: "kill" } });
    expect(steering.lockedPeople()).toMatchObject([{ person: "alice", by: "operator:maria" }]);
    expect(await steering.lockPerson({ ...order, kill: false })).toMatchObject({ type: "already" });
    expect(await steering.unlockPerson("alice", BY, "back")).toMatchObject({ type: "done" });
    expect(await steering.unlockPerson("alice", BY, "back")).toMatchObject({ type: "already" });
    expect(events.map((event) => event.type)).toEqual(["person.locked", "person.unlocked"]);
    expect(events[0]?.data).toMatchObject({ person: "alice", sessions: ["a1", "a2"] });
  });
});

describe("an observation", () => {
  const output = (bytes: Uint8Array): ObservedEntry => ({
    type: "output",
    channel: channelId(1),
    bytes,
    at: micros(1),
  });
  async function watched(session = "a1") {
    const stage = lab();
    const seen = await stage.steering.watch(sessionId(session), { name: "maria" });
    if (seen === null) throw new Error("not let in");
    return { ...stage, seen, iterator: seen.entries[Symbol.asyncIterator]() };
  }

  it("shows what its session shows, in order, and nothing of another session", async () => {
    const { steering, iterator } = await watched();
    steering.observed(sessionId("b1"), null, output(Buffer.from("other")));
    steering.observed(sessionId("a1"), null, output(Buffer.from("one")));
    steering.observed(sessionId("a1"), null, output(Buffer.from("two")));
    const texts: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const entry = (await iterator.next()).value as ObservedEntry; // the observation is not over
      if ("bytes" in entry) texts.push(Buffer.from(entry.bytes).toString());
    }
    expect(texts).toEqual(["one", "two"]);
  });

  it("ends when its session does, and is told so", async () => {
    const { steering, iterator } = await watched();
    const next = iterator.next();
    steering.sessionEnded(sessionId("a1"));
    expect((await next).value).toMatchObject({ type: "end", reason: "over" });
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it("is dropped when nobody reads it: told why, and the session shows it nothing more", async () => {
    const { steering, iterator, orders } = await watched();
    const chunk = Buffer.alloc(WAITING_BYTES_MAX / 8);
    for (let i = 0; i < 20; i += 1) steering.observed(sessionId("a1"), null, output(chunk));
    expect((await iterator.next()).value).toMatchObject({ type: "end", reason: "too-slow" });
    expect(orders.at(-1)?.input).toMatchObject({ kind: "observe", observer: null });
  });

  it("takes the keyboard, types, gives it back, and leaves when its reader does", async () => {
    const { seen, orders, told, iterator } = await watched();
    expect(await seen.takeOver()).toEqual({ type: "done" });
    seen.type(channelId(1), Buffer.from("ls"));
    expect(told).toEqual([{ session: "a1", kind: "observer-typed" }]);
    await seen.handBack();
    const modes = orders.map(({ input }) =>
      input.kind === "observe" ? (input.observer?.mode ?? "gone") : input.kind,
    );
    expect(modes).toEqual(["watch", "control", "watch"]);
    const waiting = iterator.next();
    seen.leave();
    expect((await waiting).value).toMatchObject({ type: "end", reason: "left" });
    expect(orders.at(-1)?.input).toMatchObject({ kind: "observe", observer: null });
  });

  it("is not given of a session that does not run", async () => {
    const { steering } = lab(["a2"]);
    expect(await steering.watch(sessionId("nobody"), { name: "maria" })).toBeNull();
    expect(await steering.watch(sessionId("a2"), { name: "maria" })).toBeNull();
  });
});
