import { describe, expect, it } from "vitest";
import type { ChannelId } from "../kernel/index.js";
import { openStage, PROMPT } from "./stage.testing.js";

describe("continuous identification", () => {
  const counting = { stepUp: { blockedCommandsMax: 2, graceMs: 0 } };
  const blockOne = (stage: ReturnType<typeof openStage>, terminal: ChannelId): void => {
    stage.line(terminal, "touch block");
    stage.print(terminal, `^C\r\n${PROMPT}`);
    stage.pass(1_000);
  };

  it("asks who is there after so many blocked commands, and counts anew", () => {
    const stage = openStage(counting);
    const terminal = stage.terminal();
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("open");
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("challenged");
    expect(stage.events("reauth.requested")).toMatchObject([
      { trigger: "identification.blockedCommands", factor: "totp" },
    ]);
    stage.type(terminal, "123456\r");
    const request = stage.last("verify-factor")?.request;
    if (request === undefined) throw new Error("nothing was verified");
    stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
    expect(stage.session.view().state).toBe("open");
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("open");
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("challenged");
  });

  it("lets nobody go on who can not be asked", () => {
    const stage = openStage({ ...counting, factors: [] });
    const terminal = stage.terminal();
    blockOne(stage, terminal);
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("suspended");
    expect(stage.events("session.suspended").at(-1)).toMatchObject({
      by: "policy",
      actor: "identification.blockedCommands",
    });
  });
});
