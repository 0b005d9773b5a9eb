import { describe, expect, it } from "vitest";
import type { ChannelId } from "../kernel/index.js";
import { seedOf } from "./seed.testing.js";
import { begin, openStage, PROMPT, STAGE_RULES, WAYS, type Stage } from "./stage.testing.js";

function prove(stage: Stage, channel: ChannelId): void {
  stage.type(channel, "123456\r");
  const request = stage.last("verify-factor")?.request;
  if (request === undefined) throw new Error("nothing was verified");
  stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
}

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
    prove(stage, terminal);
    expect(stage.session.view().state).toBe("open");
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("open");
    blockOne(stage, terminal);
    expect(stage.session.view().state).toBe("challenged");
  });

  it("leaves its marks in the recording of the terminal, beside those of the commands", () => {
    const stage = openStage(counting);
    const terminal = stage.terminal();
    blockOne(stage, terminal);
    blockOne(stage, terminal);
    prove(stage, terminal);
    stage.command("suspend");
    stage.command("resume");
    const marks = stage.effects.flatMap((effect) =>
      effect.kind === "record" && effect.entry.type === "mark" ? [effect.entry.label] : [],
    );
    expect(marks).toEqual([
      "blocked st-block",
      "blocked st-block",
      "session asked identification.blockedCommands",
      "session reauthenticated identification.blockedCommands",
      "session suspended operator maria",
      "session resumed operator maria",
    ]);
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

/** As the registry opens a session of somebody who has not proved who they are since. */
describe("a session that begins with a proof owed", () => {
  const proofOwed = { trigger: "identification.test", reason: "Three log-ins at night." };
  const PTY = {
    type: "pty",
    pty: {
      ...{ term: "xterm", columns: 80, rows: 24, widthPixels: 0, heightPixels: 0 },
      modes: {},
    },
  } as const;

  function owing(options: Parameters<typeof seedOf>[0] = {}): Stage {
    const seed = seedOf({ rules: STAGE_RULES, ...options });
    return openStage(options, { facts: { ...seed.facts, proofOwed } });
  }

  it("asks on the terminal itself, and starts nothing on the target before", () => {
    const stage = owing();
    const channel = stage.sessionChannel();
    stage.ask(channel, PTY);
    const shell = stage.ask(channel, { type: "shell" });
    expect(stage.session.view().state).toBe("challenged");
    expect(stage.answerTo(shell)).toEqual({ type: "asking" });
    expect(stage.shown(channel)).toContain("Three log-ins at night.");
    expect(stage.shown(channel)).toContain("blue heron");
    prove(stage, channel);
    expect(stage.answerTo(shell)).toMatchObject({ type: "started" });
    expect(stage.events("reauth.succeeded")).toMatchObject([{ trigger: "identification.test" }]);
    // Once is enough.
    const next = stage.sessionChannel();
    stage.ask(next, PTY);
    expect(stage.answerTo(stage.ask(next, { type: "shell" }))).toMatchObject({ type: "started" });
  });

  it("starts nothing for who does not prove it, and says why", () => {
    const stage = owing({ stepUp: { attempts: 1 } });
    const channel = stage.sessionChannel();
    stage.ask(channel, PTY);
    const exec = stage.ask(channel, { type: "exec", command: "touch free" });
    stage.type(channel, "000000\r");
    const request = stage.last("verify-factor")?.request;
    if (request === undefined) throw new Error("nothing was verified");
    const outcome = { type: "refused", reason: "wrong" } as const;
    stage.step({ kind: "factor-verified", request, outcome });
    expect(stage.session.view().state).toBe("suspended");
    expect(stage.answerTo(exec)).toEqual({ type: "asking" });
    expect(stage.shown(channel)).toContain("asked who you are, and no answer was right");
    expect(stage.events("command.entered")).toEqual([]);
  });

  it("is asked out of band at once, where the person can answer elsewhere", () => {
    const stage = owing({ factors: ["webhook"], stepUp: { factors: ["webhook"] } });
    expect(stage.session.view().state).toBe("challenged");
    const opening = stage.open({ type: "session" });
    expect(stage.unanswered.has(opening.request)).toBe(true);
    const request = stage.last("ask-factor")?.request;
    if (request === undefined) throw new Error("no factor was asked");
    stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
    expect(stage.answerTo(opening.request)).toEqual({ type: "granted" });
    const exec = stage.ask(opening.channel, { type: "exec", command: "touch free" });
    expect(stage.answerTo(exec)).toMatchObject({ type: "started" });
  });

  it.each(WAYS.filter((way) => !["shell", "exec-pty"].includes(way)))(
    "stands still before anything that can not be asked on: %s",
    (way) => {
      const stage = owing({ channels: { sftp: "allow", localForward: "allow" } });
      const { channel, request } = begin(stage, way, "free");
      expect(stage.session.view().state).toBe("suspended");
      if (request !== null) expect(stage.unanswered.has(request)).toBe(true);
      expect(stage.sent(channel)).toBe("");
      stage.command("resume");
      if (request !== null) expect(stage.unanswered.has(request)).toBe(false);
    },
  );

  it("is not asked twice when the scoring core reminds of it", () => {
    const stage = owing();
    const remind = (): void => {
      const by = { kind: "core", name: "scoring" } as const;
      const command = { id: "r-1", do: "reauth", by, reason: "as was said" } as const;
      stage.step({ kind: "command", command });
      expect(stage.last("done")?.outcome).toEqual({ type: "done" });
    };
    const channel = stage.sessionChannel();
    remind();
    stage.ask(channel, PTY);
    stage.ask(channel, { type: "shell" });
    remind();
    prove(stage, channel);
    expect(stage.session.view().state).toBe("open");
    expect(stage.events("reauth.requested")).toHaveLength(1);
  });
});
