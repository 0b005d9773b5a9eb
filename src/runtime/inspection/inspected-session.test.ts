import { describe, expect, it } from "vitest";
import { sessionId } from "../../kernel/index.js";
import type { InputBody } from "../../model/index.js";
import type { TrafficEffect } from "../pump/ports.js";
import { createInspectedSession, type InspectedMessage } from "./index.js";

/** A machine that answers as it is told, and remembers what it was given. */
function stage(react: (body: InputBody, act: (effect: TrafficEffect) => void) => void) {
  const inputs: InputBody[] = [];
  const said: InspectedMessage[] = [];
  let act: (effect: TrafficEffect) => void = () => undefined;
  const session = createInspectedSession(sessionId("s-1"), (carryOut) => {
    act = carryOut;
    return {
      input(body) {
        inputs.push(body);
        react(body, carryOut);
      },
    };
  });
  session.listen((message) => said.push(message));
  return { session, inputs, said, act: (effect: TrafficEffect) => act(effect) };
}

/** Lets channels open, and answers what is asked on them. */
const answering =
  (answer: Extract<TrafficEffect, { kind: "answer" }>["answer"]) =>
  (body: InputBody, act: (effect: TrafficEffect) => void): void => {
    if (body.kind === "channel-asked")
      act({ kind: "answer", request: body.request, answer: { type: "granted" } });
    if (body.kind === "request-asked") act({ kind: "answer", request: body.request, answer });
  };

const started = { type: "started", inspect: "terminal", channelKind: "shell" } as const;
const blocked = {
  type: "ended",
  message: "not here",
  exit: { type: "code", code: 126 },
} as const;
const command = (text: string) => ({ kind: "command", command: text }) as const;

describe("a thing that is asked about", () => {
  it("is allowed when it may start, and is over for the machine at once", async () => {
    const { session, inputs } = stage(answering(started));
    expect(await session.inspect(1, command("ls"), 50)).toEqual({
      seq: 1,
      verdict: "allow",
      told: "",
    });
    expect(inputs.map((one) => one.kind)).toEqual([
      "opened",
      "channel-asked",
      "request-asked",
      "target-exited",
      "channel-closed",
    ]);
  });

  it("keeps its verdict for the same thing under the same number, and for nothing else", async () => {
    const { session } = stage(answering(started));
    expect((await session.inspect(1, command("ls"), 50)).verdict).toBe("allow");
    expect((await session.inspect(1, command("rm x"), 50)).verdict).toBe("block");
    expect((await session.inspect(1, command("ls"), 50)).verdict).toBe("allow");
  });

  it("is held while nothing is decided, blocked with the reason, and killed with the session", async () => {
    const waiting = stage((body, act) => {
      if (body.kind === "channel-asked") answering(started)(body, act);
    });
    expect((await waiting.session.inspect(1, command("ls"), 10)).verdict).toBe("hold");
    const second = waiting.session.inspect(1, command("ls"), 15_000);
    waiting.act({ kind: "close-session", reason: "killed", exitCode: 137 });
    expect((await second).verdict).toBe("kill");
    expect((await waiting.session.inspect(2, command("ls"), 10)).verdict).toBe("block");
    const { session } = stage(answering(blocked));
    expect(await session.inspect(1, command("ls"), 50)).toEqual({
      seq: 1,
      verdict: "block",
      told: "not here",
    });
  });

  it("is bounded: what is undecided is not forgotten for what is new", async () => {
    const { session } = stage((body, act) => {
      if (body.kind === "channel-asked") answering(started)(body, act);
    });
    const all = Array.from({ length: 256 }, (_, seq) => session.inspect(seq, command("ls"), 1));
    expect((await Promise.all(all)).every((one) => one.verdict === "hold")).toBe(true);
    expect((await session.inspect(256, command("ls"), 1)).verdict).toBe("block");
  });
});

describe("frames of a channel", () => {
  const open = { type: "open", seq: 1, channel: 7 } as const;
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
  const echo = (body: InputBody, act: (effect: TrafficEffect) => void): void => {
    answering(started)(body, act);
    if (body.kind === "client-sent" && body.bytes[0] !== 13)
      act({ kind: "send-to-target", channel: body.channel, bytes: body.bytes });
  };

  it("pass as they came, or are replaced by what the machine lets through", () => {
    const { session, said, act, inputs } = stage(echo);
    session.frame(open);
    session.frame({ type: "client", seq: 2, channel: 7, data: bytes("a") });
    session.frame({ type: "client", seq: 3, channel: 7, data: bytes("\r") });
    expect(said).toEqual([
      { type: "started", channel: 7 },
      { type: "verdict", seq: 1, verdict: "pass" },
      { type: "verdict", seq: 2, verdict: "pass" },
      { type: "verdict", seq: 3, verdict: "replace", data: new Uint8Array() },
    ]);
    const asked = inputs.find((one) => one.kind === "channel-asked");
    if (asked === undefined) throw new Error("no channel was asked for");
    act({ kind: "send-to-target", channel: asked.channel, bytes: bytes("\r") });
    expect(said.at(-1)).toEqual({ type: "to-target", channel: 7, data: bytes("\r") });
  });

  it("are blocked on channels that are not there, refused ones included", () => {
    const { session, said } = stage(answering(blocked));
    session.frame({ type: "client", seq: 1, channel: 9, data: bytes("a") });
    session.frame({ ...open, seq: 2 });
    session.frame({ type: "client", seq: 3, channel: 7, data: bytes("a") });
    expect(said.map((one) => (one.type === "verdict" ? one.verdict : one.type))).toEqual([
      "block",
      "block",
      "block",
    ]);
  });

  it("are not taken any more once the session is over", () => {
    const { session, said } = stage(echo);
    session.end("gone");
    session.frame(open);
    expect(said).toEqual([{ type: "end", reason: "gone" }]);
    expect(session.over).toBe(true);
  });
});
