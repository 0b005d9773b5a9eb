import { describe, expect, it } from "vitest";
import { openStage, PROMPT, type Stage } from "./stage.testing.js";

/** What the person has seen since, without control sequences. */
function since(stage: Stage, terminal: ReturnType<Stage["terminal"]>, from: number): string {
  return stage.shown(terminal).slice(from);
}

describe("what an operator says", () => {
  it("is not said again when the session is suspended later", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.print(terminal, PROMPT);
    stage.command("message", "backup at noon");
    stage.pass(20_000);
    const from = stage.shown(terminal).length;
    stage.command("suspend", "one moment");
    expect(since(stage, terminal, from)).toContain("one moment");
    expect(since(stage, terminal, from)).not.toContain("backup at noon");
  });

  it("stands in the suspension in which it is said, and in no later one", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.command("suspend", "one moment");
    let from = stage.shown(terminal).length;
    stage.command("message", "I am looking at it");
    expect(since(stage, terminal, from)).toContain("I am looking at it");
    stage.command("resume");
    from = stage.shown(terminal).length;
    stage.command("suspend", "again");
    expect(since(stage, terminal, from)).not.toContain("I am looking at it");
  });
});

describe("two lines said one after the other", () => {
  it("are not both on the screen: the first one is painted over", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.print(terminal, `was here before\r\n${PROMPT}`);
    stage.command("message", "maria has the keyboard now");
    const from = stage.shown(terminal).length;
    stage.command("message", "maria looks on no longer");
    const after = since(stage, terminal, from);
    expect(after.indexOf("was here before")).toBeGreaterThan(-1);
    expect(after.indexOf("was here before")).toBeLessThan(after.indexOf("looks on no longer"));
  });
});

describe("who did not prove themselves", () => {
  it.each([
    ["no answer was right", "wrong"],
    ["not answered", "silent"],
  ])("reads that %s, and who had asked", (words, how) => {
    const stage = openStage({ stepUp: { attempts: 1, timeoutMs: 10_000 } });
    const terminal = stage.terminal();
    stage.command("reauth", "odd hours");
    const from = stage.shown(terminal).length;
    if (how === "silent") stage.pass(11_000);
    else {
      stage.type(terminal, "000000\r");
      const asked = stage.last("verify-factor");
      if (asked === undefined) throw new Error("not asked");
      const outcome = { type: "refused", reason: "wrong" } as const;
      stage.step({ kind: "factor-verified", request: asked.request, outcome });
    }
    expect(stage.session.view().state).toBe("suspended");
    expect(since(stage, terminal, from)).toContain(words);
    expect(since(stage, terminal, from)).toContain("policy (operator maria)");
  });
});

describe("a line that ends or holds the session", () => {
  it("says that the person is locked out, where they are", () => {
    const ended = (line: string): string => {
      const stage = openStage();
      const terminal = stage.terminal();
      stage.line(terminal, line);
      return stage.shown(terminal);
    };
    expect(ended("touch lock")).toContain("You are locked out");
    expect(ended("touch kill")).not.toContain("locked out");
  });

  it("does not tell somebody whose session stands still that they can go on", () => {
    const stage = openStage();
    const { channel } = stage.open({ type: "session" });
    const request = stage.ask(channel, { type: "exec", command: "touch suspend" });
    expect(stage.session.view().state).toBe("suspended");
    const said = JSON.stringify(stage.answerTo(request));
    expect(said).toContain("Chaperone holds this session");
    expect(said).not.toContain("You can go on");
  });
});
