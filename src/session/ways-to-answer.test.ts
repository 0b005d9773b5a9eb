import { describe, expect, it } from "vitest";
import type { ChannelId } from "../kernel/index.js";
import type { FactorOutcome } from "../model/index.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";
import { begin, openStage, STAGE_RULES, type Stage } from "./stage.testing.js";

const ENROLLED: SeedOptions = {
  factors: ["totp", "webauthn", "webhook"],
  stepUp: { factors: ["totp", "webauthn", "webhook"], attempts: 2, graceMs: 0 },
};

function asked(options: SeedOptions = ENROLLED): { stage: Stage; terminal: ChannelId } {
  const stage = openStage(options);
  return { stage, terminal: begin(stage, "shell", "reauth-1").channel };
}

function settle(stage: Stage, kind: "verify-factor" | "ask-factor", outcome: FactorOutcome): void {
  const request = stage.last(kind)?.request;
  if (request === undefined) throw new Error("nothing was asked");
  stage.step({ kind: "factor-verified", request, outcome });
}
const WRONG = { type: "refused", reason: "wrong" } as const;

describe("another way to answer", () => {
  it("is one key away, comes round again, and each is told", () => {
    const { stage, terminal } = asked();
    expect(stage.shown(terminal)).toContain("Tab:    answer with a passkey instead");
    stage.type(terminal, "\t");
    expect(stage.last("ask-factor")).toMatchObject({ factor: "webauthn" });
    expect(stage.shown(terminal)).toContain("Tab:    answer with another device instead");
    const passkey = stage.last("ask-factor")?.request;
    stage.type(terminal, "\t");
    expect(stage.last("withdraw")).toMatchObject({ request: passkey, reason: "another-factor" });
    expect(stage.last("ask-factor")).toMatchObject({ factor: "webhook" });
    stage.type(terminal, "\t");
    // What is typed is an answer again.
    stage.type(terminal, "123456\r");
    expect(stage.last("verify-factor")?.answer.factor).toBe("totp");
    settle(stage, "verify-factor", { type: "accepted" });
    expect(stage.session.view().state).toBe("open");
    expect(stage.events("reauth.requested").map((one) => [one.factor, one.insteadOf])).toEqual([
      ["totp", undefined],
      ["webauthn", "totp"],
      ["webhook", "webauthn"],
      ["totp", "webhook"],
    ]);
    expect(stage.events("reauth.succeeded")).toMatchObject([{ factor: "totp", attempts: 1 }]);
    expect(stage.sent(terminal)).toMatch(/touch reauth-1\r$/);
  });

  it("gives no more attempts, and no more time", () => {
    const { stage, terminal } = asked();
    stage.pass(40_000);
    stage.type(terminal, "000000\r");
    settle(stage, "verify-factor", WRONG);
    stage.type(terminal, "\t");
    expect(stage.events("reauth.requested").at(-1)).toMatchObject({ attempts: 1 });
    settle(stage, "ask-factor", WRONG);
    expect(stage.events("reauth.failed")).toMatchObject([{ factor: "webauthn", attempts: 2 }]);
    const late = asked();
    late.stage.pass(40_000);
    late.stage.type(late.terminal, "\t");
    late.stage.pass(21_000);
    expect(late.stage.events("reauth.failed")).toMatchObject([{ reason: "timed-out" }]);
  });

  it("takes nothing along: what was typed before it, and an answer that comes too late", () => {
    const { stage, terminal } = asked();
    stage.type(terminal, "12\t");
    const passkey = stage.last("ask-factor")?.request;
    if (passkey === undefined) throw new Error("no factor was asked");
    stage.type(terminal, "\t\t3456\r");
    const code = stage.last("verify-factor")?.answer.answer;
    expect(code?.reveal((bytes) => String.fromCharCode(...bytes))).toBe("3456");
    stage.step({ kind: "factor-verified", request: passkey, outcome: { type: "accepted" } });
    expect(stage.session.view().state).toBe("challenged");
  });

  it("is no other when the person has only one", () => {
    const { stage, terminal } = asked({ stepUp: { graceMs: 0 } });
    expect(stage.shown(terminal)).not.toContain("Tab:");
    stage.type(terminal, "12\t3456\r");
    expect(stage.last("verify-factor")?.answer.factor).toBe("totp");
  });
});

describe("an answer that a gateway hands in", () => {
  const hand = (stage: Stage, question: number, outcome: FactorOutcome) => {
    stage.step({ kind: "factor-answered", id: "a-1", question, outcome, by: "gateway:portal" });
    const done = stage.last("done");
    return done?.id === "a-1" ? done.outcome.type : undefined;
  };
  const numberOf = (stage: Stage): number => stage.events("reauth.requested").at(-1)?.question ?? 0;

  it("is taken as if the person had typed it, once, and told with who did", () => {
    const { stage, terminal } = asked();
    expect(hand(stage, numberOf(stage), WRONG)).toBe("done");
    expect(stage.shown(terminal)).toContain("1 attempt left");
    expect(hand(stage, numberOf(stage), { type: "accepted" })).toBe("done");
    expect(stage.events("reauth.succeeded")).toMatchObject([
      { factor: "totp", attempts: 2, by: "gateway:portal" },
    ]);
    expect(hand(stage, numberOf(stage), { type: "accepted" })).toBe("refused");
    expect(stage.sent(terminal)).toMatch(/touch reauth-1\r$/);
  });

  it("is not taken for another question, nor for a factor that nobody types", () => {
    const { stage, terminal } = asked();
    const first = numberOf(stage);
    expect(hand(stage, first + 1, { type: "accepted" })).toBe("refused");
    stage.type(terminal, "\t");
    expect(hand(stage, first, { type: "accepted" })).toBe("refused");
    expect(hand(stage, numberOf(stage), { type: "accepted" })).toBe("refused");
    expect(stage.session.view().state).toBe("challenged");
  });

  it("takes effect only when a suspended session goes on", () => {
    const { stage, terminal } = asked();
    stage.command("suspend");
    expect(hand(stage, numberOf(stage), { type: "accepted" })).toBe("done");
    expect(stage.sent(terminal)).not.toContain("\r");
    stage.command("resume");
    expect(stage.sent(terminal)).toMatch(/touch reauth-1\r$/);
  });

  it("is waited for where the gateway is the only one who can answer", () => {
    const { facts } = seedOf({ rules: STAGE_RULES, ...ENROLLED });
    const relayed = openStage({}, { facts: { ...facts, answeredByGateway: true } });
    const { channel, request } = begin(relayed, "exec", "reauth-2");
    if (request === null) throw new Error("an exec is a request");
    expect(relayed.unanswered.has(request)).toBe(true);
    expect(relayed.shown(channel)).toContain("your gateway has handed in a verification code");
    expect(hand(relayed, numberOf(relayed), { type: "accepted" })).toBe("done");
    expect(relayed.answerTo(request)).toMatchObject({ type: "started" });
    // Without a gateway it is refused, as before.
    const alone = openStage({});
    const refused = begin(alone, "exec", "reauth-3");
    expect(refused.request !== null && alone.answerTo(refused.request)).toMatchObject({
      type: "ended",
    });
  });
});
