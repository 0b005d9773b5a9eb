import { describe, expect, it } from "vitest";
import {
  channelId,
  err,
  fault,
  micros,
  ok,
  requestId,
  Secret,
  type Fault,
  type Result,
} from "../../kernel/index.js";
import type { Effect, FactorOutcome, Input } from "../../model/index.js";
import type { Session } from "../../session/index.js";
import { createClock } from "../clock/index.js";
import { createToySession, TOY_DESK, toyFacts } from "../testing/toy-session.testing.js";
import { createPump } from "./pump.js";
import type { EventSpool, SessionHandle, TrafficEffect } from "./ports.js";
import { sessionRef } from "./told.js";
import { createTurnSpool } from "./turn-spool.js";
import { eventually } from "../testing/eventually.testing.js";

interface Told {
  readonly type: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

const spoolOf = (turns: boolean, spool: EventSpool): EventSpool =>
  turns ? createTurnSpool(spool) : spool;

/** A pump with everything around it written down in one order. */
function bench(session: Session, over: Partial<Bench> = {}) {
  const deeds: string[] = [];
  const events: Told[] = [];
  const outcome: { closed: boolean | null } = { closed: null };
  const setting: Bench = {
    audit: "normal",
    append: () => ok(undefined),
    turns: false,
    verify: () => Promise.resolve({ type: "accepted" }),
    traffic: () => undefined,
    ...over,
  };
  const clock = createClock();
  const handle: SessionHandle = createPump(
    {
      session,
      clock,
      spool: spoolOf(setting.turns, {
        append(lines) {
          const result = setting.append(lines);
          if (!result.ok) return result;
          for (const line of lines.trim().split("\n")) {
            const told = JSON.parse(line) as Told;
            events.push(told);
            deeds.push(`told ${told.type.replace(/^io\.chaperone\.|\.v1$/g, "")}`);
          }
          return result;
        },
        sync() {
          deeds.push("synced");
          return ok(undefined);
        },
      }),
      recorder: {
        record: (_channel, entry) => deeds.push(`recorded ${entry.type}`),
        close: () => deeds.push("recorder closed"),
      },
      traffic: {
        carryOut(effect) {
          deeds.push(effect.kind);
          setting.traffic(effect, handle);
        },
      },
      desk: { ...TOY_DESK, verifyFactor: () => setting.verify() },
      show: (_to, entry) => deeds.push(`shown ${entry.type}`),
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (event) => deeds.push(`logged ${event}`),
      },
    },
    {
      facts: toyFacts("s-1"),
      source: "/chaperone/lab/node",
      firstSequence: 0,
      audit: setting.audit,
      ended: ({ closed }) => (outcome.closed = closed),
    },
  );
  return { handle, deeds, events, outcome, clock };
}

interface Bench {
  /** What can wait is written once a turn. */
  readonly turns: boolean;
  readonly audit: "normal" | "strict";
  readonly append: (lines: string) => Result<void, Fault>;
  readonly verify: () => Promise<FactorOutcome>;
  readonly traffic: (effect: TrafficEffect, handle: SessionHandle) => void;
}

/** A session that answers each kind of input with fixed effects and remembers its inputs. */
function scripted(script: Partial<Record<Input["kind"], readonly Effect[]>>) {
  const inputs: Input[] = [];
  const { view } = createToySession(toyFacts("s-1"));
  const session: Session = {
    view,
    step(input) {
      inputs.push(input);
      return script[input.kind] ?? [];
    },
  };
  return { session, inputs };
}

const typed = (
  text: string,
): { kind: "client-sent"; channel: ReturnType<typeof channelId>; bytes: Uint8Array } => ({
  kind: "client-sent",
  channel: channelId(0),
  bytes: Buffer.from(text),
});

const requested = (sequence: number): Effect => ({
  kind: "emit",
  sequence,
  event: {
    type: "web.requested",
    data: {
      session: sessionRef(toyFacts("s-1")),
      request: sequence,
      method: "GET",
      url: "http://wiki/",
      status: 200,
      bytes: { toTarget: 0, toPerson: 1 },
      decision: "allowed",
      rules: [],
      durationMs: 1,
      rulesDigest: "",
    },
  },
});

describe("the pump", () => {
  it("spools the events of a step before it does anything of the step", () => {
    const toy = createToySession(toyFacts("s-1"));
    const { handle, deeds } = bench(toy);
    handle.input({ kind: "opened" });
    handle.input(typed("ls"));
    expect(deeds).toEqual(["told session.opened", "told command.entered", "send-to-target"]);
  });

  it("tells requests of one turn in one write, in their order, and anything else at once behind them", async () => {
    const writes: string[] = [];
    let next = 0;
    const { handle } = bench(
      {
        view: createToySession(toyFacts("s-1")).view,
        step: (input) =>
          input.kind === "web-ended"
            ? [requested(next++)]
            : [
                requested(next++),
                { kind: "web-verdict", request: requestId(1), verdict: { type: "pass" } },
              ],
      },
      {
        turns: true,
        append(lines) {
          writes.push(
            [...lines.matchAll(/"sequence":(\d+)/g)].map(([, number]) => number).join(" "),
          );
          return ok(undefined);
        },
      },
    );
    const outcome = { status: 200, bytes: { toTarget: 0, toPerson: 1 }, durationMs: 1 };
    const end = () => handle.input({ kind: "web-ended", request: requestId(1), outcome });
    const answered: string[] = [];
    end();
    end();
    handle.told((kept) => answered.push(`${String(kept)} after ${String(writes.length)}`));
    expect([writes, answered]).toEqual([[], []]);
    await eventually(() => answered).toEqual(["true after 1"]);
    end();
    handle.input({ kind: "opened" });
    expect(writes).toEqual(["0 1", "2", "3"]);
    handle.told((kept) => answered.push(String(kept)));
    expect(answered.at(-1)).toBe("true");
  });

  it("ends the session whose requests could not be kept, and says so to who waits for that", async () => {
    const { handle, deeds } = bench(
      {
        view: createToySession(toyFacts("s-1")).view,
        step: () => [requested(0)],
      },
      { turns: true, append: () => err(fault("CHP_RUNTIME_SPOOL_FULL", "full")) },
    );
    const kept: boolean[] = [];
    handle.input({ kind: "opened" });
    handle.told((one) => kept.push(one));
    await eventually(() => kept).toEqual([false]);
    expect(deeds).toEqual(["logged session-audit-lost", "recorder closed", "close-session"]);
  });

  it("tells nothing behind a request that could not be kept, and does nothing more", () => {
    const writes: string[] = [];
    let next = 0;
    const { handle, deeds } = bench(
      {
        view: createToySession(toyFacts("s-1")).view,
        step: (input) =>
          input.kind === "web-ended"
            ? [requested(next++)]
            : [
                requested(next++),
                { kind: "web-verdict", request: requestId(1), verdict: { type: "pass" } },
              ],
      },
      {
        turns: true,
        append(lines) {
          writes.push(lines);
          // Full for a moment: what is told next would find room again.
          return writes.length === 1 ? err(fault("CHP_RUNTIME_SPOOL_FULL", "full")) : ok(undefined);
        },
      },
    );
    const outcome = { status: 200, bytes: { toTarget: 0, toPerson: 1 }, durationMs: 1 };
    handle.input({ kind: "web-ended", request: requestId(1), outcome });
    handle.input({ kind: "opened" });
    expect(writes).toHaveLength(1);
    expect(deeds).not.toContain("web-verdict");
    expect(deeds).toContain("close-session");
  });

  it("says of a request that could not be kept that it is not, when its session has ended meanwhile", async () => {
    const { handle } = bench(
      {
        view: createToySession(toyFacts("s-1")).view,
        step: (input) => (input.kind === "web-ended" ? [requested(0)] : []),
      },
      { turns: true, append: () => err(fault("CHP_RUNTIME_SPOOL_FULL", "full")) },
    );
    const outcome = { status: 200, bytes: { toTarget: 0, toPerson: 1 }, durationMs: 1 };
    const kept: boolean[] = [];
    handle.input({ kind: "web-ended", request: requestId(1), outcome });
    handle.told((one) => kept.push(one));
    handle.input({ kind: "disconnected", reason: "gone" });
    await eventually(() => kept).toEqual([false]);
  });

  it("sends what a person waits for before it keeps the recording of it, in the order of both", () => {
    const channel = channelId(0);
    const bytes = new Uint8Array(1);
    const shown = { kind: "send-to-person", channel, stream: "stdout", bytes } as const;
    const at = micros(0);
    const recorded = (type: "output" | "input"): Effect => ({
      kind: "record",
      channel,
      entry: { type, at, bytes },
    });
    const { session } = scripted({
      "target-sent": [recorded("output"), shown, recorded("input"), shown],
    });
    const { handle, deeds } = bench(session);
    handle.input({ kind: "target-sent", channel, stream: "stdout", bytes });
    expect(deeds).toEqual([
      "send-to-person",
      "send-to-person",
      "recorded output",
      "recorded input",
    ]);
  });

  it("waits for the disk at each command when the audit is strict, and only then", () => {
    const { handle, deeds } = bench(createToySession(toyFacts("s-1")), { audit: "strict" });
    handle.input({ kind: "opened" });
    handle.input(typed("ls"));
    expect(deeds).toEqual([
      "told session.opened",
      "told command.entered",
      "synced",
      "send-to-target",
    ]);
  });

  it("gives every input the time at which it arrived", () => {
    const { session, inputs } = scripted({});
    const { handle, clock } = bench(session);
    const before = clock.now();
    handle.input({ kind: "opened" });
    expect(inputs[0]?.at).toBeGreaterThanOrEqual(before);
    expect(inputs[0]?.at).toBeLessThanOrEqual(clock.now());
    expect(inputs[0]?.wall).toBeGreaterThan(Date.UTC(2020, 0, 1) * 1_000);
  });

  it("finishes a step before it takes an input that arises in the middle of it", () => {
    const { session, inputs } = scripted({
      opened: [
        { kind: "answer", request: requestId(1), answer: { type: "granted" } },
        { kind: "eof-to-target", channel: channelId(0) },
      ],
    });
    const lent = Buffer.from("abc");
    const { handle, deeds } = bench(session, {
      traffic(effect, self) {
        if (effect.kind !== "answer") return;
        self.input({ kind: "client-sent", channel: channelId(0), bytes: lent });
        lent.fill(0);
      },
    });
    handle.input({ kind: "opened" });
    expect(deeds).toEqual(["answer", "eof-to-target"]);
    expect(inputs.map((input) => input.kind)).toEqual(["opened", "client-sent"]);
    const second = inputs[1];
    expect(second?.kind === "client-sent" && Buffer.from(second.bytes).toString()).toBe("abc");
  });

  it("ends a session whose inputs breed inputs without end", () => {
    const { session } = scripted({
      opened: [{ kind: "eof-to-target", channel: channelId(0) }],
    });
    const { handle, deeds, events } = bench(session, {
      traffic(effect, self) {
        if (effect.kind !== "eof-to-target") return;
        for (let i = 0; i < 2_000; i += 1) self.input({ kind: "rules-changed" });
      },
    });
    handle.input({ kind: "opened" });
    expect(deeds.filter((deed) => deed === "close-session")).toHaveLength(1);
    expect(events.at(-1)?.data["reason"]).toBe("mailbox-full");
  });

  it("ends a session whose step throws with its events in order, and nothing else", () => {
    const toy = createToySession(toyFacts("s-1"));
    const session: Session = {
      view: toy.view,
      step(input) {
        if (input.kind === "client-eof") throw new Error("the secret is hunter2");
        return toy.step(input);
      },
    };
    const { handle, events, deeds, outcome } = bench(session);
    handle.input({ kind: "opened" });
    handle.input(typed("ls"));
    handle.input({ kind: "client-eof", channel: channelId(0) });
    handle.input(typed("not any more"));
    handle.input({ kind: "disconnected", reason: "gone" });
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ["io.chaperone.session.opened.v1", 0],
      ["io.chaperone.command.entered.v1", 1],
      ["io.chaperone.session.failed.v1", 2],
      ["io.chaperone.session.closed.v1", 3],
    ]);
    expect(events[3]?.data["counts"]).toMatchObject({ commands: 1 });
    expect(deeds.slice(deeds.indexOf("logged session-step-failed"))).toEqual([
      "logged session-step-failed",
      "told session.failed",
      "told session.closed",
      "recorder closed",
      "close-session",
      "recorder closed",
    ]);
    expect(JSON.stringify(events)).not.toContain("hunter2");
    expect(outcome.closed).toBe(true);
  });

  it("does nothing that it can not write down: the session ends instead", () => {
    let broken = false;
    const { handle, deeds, outcome } = bench(createToySession(toyFacts("s-1")), {
      append: () =>
        broken ? err(fault("CHP_RUNTIME_SPOOL_WRITE", "no space left on device")) : ok(undefined),
    });
    handle.input({ kind: "opened" });
    broken = true;
    handle.input(typed("rm -rf /"));
    expect(deeds).not.toContain("send-to-target");
    expect(deeds.slice(-3)).toEqual([
      "logged session-audit-lost",
      "recorder closed",
      "close-session",
    ]);
    handle.input({ kind: "disconnected", reason: "gone" });
    expect(outcome.closed).toBe(false);
  });

  it("tells the end of a session that leaves without telling it", () => {
    const toy = createToySession(toyFacts("s-1"));
    const forgetful: Session = {
      view: toy.view,
      step: (input) => (input.kind === "disconnected" ? [] : toy.step(input)),
    };
    const { handle, events, outcome } = bench(forgetful);
    handle.input({ kind: "opened" });
    handle.input({ kind: "disconnected", reason: "gone" });
    expect(events.map((event) => event.type)).toEqual([
      "io.chaperone.session.opened.v1",
      "io.chaperone.session.closed.v1",
    ]);
    expect(outcome.closed).toBe(true);
  });

  it("rings a timer once, not before its time, and not after it was cleared", async () => {
    const { session, inputs } = scripted({});
    const { clock } = bench(session);
    const rings: Input[] = [];
    const at = clock.now() + 20_000;
    const setting: Session = {
      view: session.view,
      step(input) {
        if (input.kind === "timer") rings.push(input);
        if (input.kind === "opened") {
          return [
            { kind: "set-timer", timer: "settle", channel: null, at: at as Input["at"] },
            { kind: "set-timer", timer: "settle", channel: channelId(1), at: at as Input["at"] },
            { kind: "clear-timer", timer: "settle", channel: channelId(1) },
          ];
        }
        return [];
      },
    };
    const { handle } = bench(setting);
    handle.input({ kind: "opened" });
    await eventually(() => rings.length).toBe(1);
    expect(rings[0]?.at).toBeGreaterThanOrEqual(at);
    expect(inputs).toEqual([]);
    handle.input({ kind: "disconnected", reason: "gone" });
  });

  it.each([
    ["the answer", () => Promise.resolve<FactorOutcome>({ type: "accepted" }), "accepted"],
    ["a refusal, when the registry fails", () => Promise.reject(new Error("bug")), "refused"],
  ])("brings %s back as an input", async (_what, verify, expected) => {
    const answer = new Secret(Buffer.from("123456"));
    const { session, inputs } = scripted({
      opened: [
        {
          kind: "verify-factor",
          request: requestId(7),
          answer: { person: "alice", factor: "totp", answer },
          deadlineMs: 1_000,
        },
      ],
    });
    const { handle } = bench(session, { verify });
    handle.input({ kind: "opened" });
    await eventually(() => inputs.length).toBe(2);
    expect(inputs[1]).toMatchObject({
      kind: "factor-verified",
      request: 7,
      outcome: { type: expected },
    });
  });
});
