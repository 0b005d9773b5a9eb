import { describe, expect, it } from "vitest";
import { requestId, type RequestId } from "../kernel/index.js";
import type { ChannelAsked, GlobalAsked } from "../model/index.js";
import { openStage, type Stage } from "./stage.testing.js";

const origin = { originHost: "10.0.0.7", originPort: 4_242 };
const AGENT: ChannelAsked = { type: "auth-agent" };
const FORWARDED: ChannelAsked = { type: "forwarded-tcpip", host: "", port: 8_080, ...origin };

function decide(stage: Stage, approve: boolean): void {
  const request = stage.last("ask-approval")?.request;
  if (request === undefined) throw new Error("no approval was asked");
  const outcome = approve
    ? ({ type: "approved", by: "bob" } as const)
    : ({ type: "denied", by: "bob", reason: "no" } as const);
  stage.step({ kind: "approval-decided", request, outcome });
}

function forward(stage: Stage, port: number): RequestId {
  const request = requestId(9_000 + port);
  const asked: GlobalAsked = { type: "tcpip-forward", host: "", port };
  stage.step({ kind: "global-asked", request, asked });
  return request;
}

describe("what a person lends to the target", () => {
  const policy = { channels: { agent: "approve", remoteForward: "approve" } } as const;

  it("is asked about once, not each time that the target uses it", () => {
    const stage = openStage(policy);
    const channel = stage.sessionChannel();
    const request = stage.ask(channel, { type: "agent" });
    expect(stage.answerTo(request)).toBeUndefined();
    decide(stage, true);
    expect(stage.answerTo(request)).toEqual({ type: "granted" });
    for (let use = 0; use < 3; use += 1) {
      expect(stage.answerTo(stage.open(AGENT).request)).toEqual({ type: "granted" });
    }
    expect(stage.events("approval.requested")).toHaveLength(1);
    // Another thing that is lent is another question.
    forward(stage, 8_080);
    expect(stage.events("approval.requested")).toHaveLength(2);
    decide(stage, true);
    expect(stage.answerTo(stage.open(FORWARDED).request)).toEqual({ type: "granted" });
    forward(stage, 9_090);
    expect(stage.events("approval.requested")).toHaveLength(3);
  });

  it("is not lent by a target that takes it, nor after a no", () => {
    const stage = openStage(policy);
    const channel = stage.sessionChannel();
    stage.ask(channel, { type: "agent" });
    decide(stage, false);
    const taken = stage.open(AGENT).request;
    expect(stage.answerTo(taken)).toBeUndefined();
    expect(stage.events("approval.requested")).toHaveLength(2);
    decide(stage, false);
    expect(stage.answerTo(taken)).toMatchObject({ type: "refused" });
  });
});
