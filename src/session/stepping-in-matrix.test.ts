import { describe, expect, it } from "vitest";
import { encodeUtf8, type ChannelId } from "../kernel/index.js";
import type { Effect } from "../model/index.js";
import type { SeedOptions } from "./seed.testing.js";
import { begin, openStage, PROMPT, WAYS, type Stage, type Way } from "./stage.testing.js";

/** What is asked, and where: on a terminal, out of band, of somebody else, or one after the other. */
const QUESTIONS = ["typed", "out-of-band", "approve", "both"] as const;
type Asked = (typeof QUESTIONS)[number];
const ENDINGS = ["right", "wrong", "timeout", "client-gone", "target-gone", "given-up"] as const;
type Ending = (typeof ENDINGS)[number];

const STREAMS: ReadonlySet<Way> = new Set(["sftp", "forward"]);
const OWN_TERMINAL: ReadonlySet<Way> = new Set(["shell", "exec-pty"]);

interface Scene {
  readonly stage: Stage;
  readonly way: Way;
  readonly asked: Asked;
  /** What waits. */
  readonly subject: ReturnType<typeof begin>;
  /** Where the question is drawn; null: nowhere. */
  readonly surface: ChannelId | null;
  /** A channel beside it, opened before. */
  readonly other: ChannelId;
}

const rows = WAYS.flatMap((way) =>
  QUESTIONS.flatMap((asked) => ENDINGS.map((ending) => ({ way, asked, ending }))),
).filter(makesSense);

/** Channel policy asks one thing; and where no terminal is, nobody can press Ctrl-C or lose it. */
function makesSense({ way, asked, ending }: { way: Way; asked: Asked; ending: Ending }): boolean {
  if (STREAMS.has(way) && asked === "both") return false;
  const nowhere = asked === "out-of-band" && !OWN_TERMINAL.has(way);
  return !(nowhere && (ending === "given-up" || ending === "target-gone"));
}

/** A link has to be shown somewhere: on a terminal or on stderr, which these streams do not have. */
function outOfBandFor(way: Way): "webauthn" | "webhook" {
  return STREAMS.has(way) ? "webhook" : "webauthn";
}

function optionsFor(way: Way, asked: Asked): SeedOptions {
  const demand = asked === "approve" ? "approve" : "reauth";
  const streams = STREAMS.has(way);
  return {
    factors: asked === "out-of-band" ? [outOfBandFor(way)] : ["totp"],
    stepUp: { factors: ["totp", "webauthn", "webhook"], attempts: 2, graceMs: 0 },
    channels: {
      sftp: streams && way === "sftp" ? demand : "allow",
      localForward: streams && way === "forward" ? demand : "allow",
    },
  };
}

function enact(way: Way, asked: Asked): Scene {
  const stage = openStage(optionsFor(way, asked));
  const beside = !OWN_TERMINAL.has(way) && asked !== "out-of-band" ? stage.terminal() : null;
  const word = asked === "approve" ? "approve" : asked === "both" ? "both" : "reauth";
  const other = stage.sessionChannel();
  const subject = begin(stage, way, word);
  return {
    stage,
    way,
    asked,
    subject,
    surface: beside ?? (OWN_TERMINAL.has(way) ? subject.channel : null),
    other,
  };
}

/** Everything that reaches the target, or makes the adapter let something reach it. */
function passed(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === "send-to-target") return [JSON.stringify([...effect.bytes])];
    if (effect.kind === "eof-to-target") return ["eof"];
    if (
      effect.kind === "answer" &&
      (effect.answer.type === "started" || effect.answer.type === "granted")
    )
      return [`answer ${effect.answer.type}`];
    return effect.kind === "valve" && effect.state === "open" ? ["valve"] : [];
  });
}

/** A shell whose next command is refused is told that nothing more comes: it ends by itself. */
function notEof(deed: string): boolean {
  return deed !== "eof";
}

function answerFactor({ stage, asked, surface }: Scene, right: boolean): void {
  if (asked === "out-of-band") {
    const request = stage.last("ask-factor")?.request;
    if (request === undefined) throw new Error("no factor was asked");
    stage.step({
      kind: "factor-verified",
      request,
      outcome: right ? { type: "accepted" } : { type: "refused", reason: "wrong" },
    });
    return;
  }
  if (surface === null) throw new Error("nowhere to type");
  stage.type(surface, "123456\r");
  const request = stage.last("verify-factor")?.request;
  if (request === undefined) throw new Error("nothing was verified");
  stage.step({
    kind: "factor-verified",
    request,
    outcome: right ? { type: "accepted" } : { type: "refused", reason: "wrong" },
  });
}

function decide({ stage }: Scene, approve: boolean): void {
  const request = stage.last("ask-approval")?.request;
  if (request === undefined) throw new Error("no approval was asked");
  stage.step({
    kind: "approval-decided",
    request,
    outcome: approve
      ? { type: "approved", by: "bob" }
      : { type: "denied", by: "bob", reason: "not today" },
  });
}

function end(scene: Scene, ending: Ending): void {
  const { stage, asked, subject, surface } = scene;
  switch (ending) {
    case "right":
      if (asked !== "approve") answerFactor(scene, true);
      if (asked === "approve" || asked === "both") decide(scene, true);
      return;
    case "wrong":
      if (asked === "approve") decide(scene, false);
      else for (let i = 0; i < 2; i += 1) answerFactor(scene, false);
      return;
    case "timeout":
      stage.pass(61_000);
      return;
    case "given-up":
      if (surface !== null) stage.type(surface, "\x03");
      return;
    case "client-gone":
      stage.step({
        kind: "channel-closed",
        channel: subject.channel,
        bytes: { toTarget: 0, toPerson: 0 },
      });
      return;
    case "target-gone":
      if (surface !== null)
        stage.step({ kind: "target-exited", channel: surface, exit: { type: "none" } });
      return;
  }
}

describe("stepping in, on every way to the target", () => {
  it.each(rows)("$way, $asked, $ending: nothing passes before, nothing hangs after", (row) => {
    const scene = enact(row.way, row.asked);
    const { stage, subject } = scene;
    const judged = stage.effects.length;
    expect(stage.session.view().state).toBe("challenged");
    if (subject.request !== null) expect(stage.unanswered).toContain(subject.request);

    // What is tried meanwhile, on this channel and on another one.
    if (row.way === "shell" || row.way === "lines") {
      // Text that is no answer: a terminal with a question takes it as one, so only beside it.
      if (scene.surface !== subject.channel) stage.type(subject.channel, "echo x\n");
      stage.step({ kind: "client-eof", channel: subject.channel });
    }
    const parallel = stage.ask(scene.other, { type: "exec", command: "true" });
    const late = stage.open({ type: "session" }).request;
    expect(passed(stage.effects.slice(judged))).toEqual([]);
    expect(stage.answerTo(parallel)).toBeUndefined();
    expect(stage.answerTo(late)).toBeUndefined();

    const ended = stage.effects.length;
    end(scene, row.ending);
    stage.pass(10_000);
    const after = passed(stage.effects.slice(ended));
    expect(stage.unanswered).toEqual(new Set());
    expect(stage.session.view().state).toBe("open");
    expect(stage.answerTo(parallel)).toMatchObject({ type: "started" });
    expect(stage.answerTo(late)).toMatchObject({ type: "granted" });

    if (row.ending === "right") {
      if (subject.request !== null) {
        const type = row.way === "forward" ? "granted" : "started";
        expect(stage.answerTo(subject.request)).toMatchObject({ type });
      } else expect(stage.sent(subject.channel)).toContain(row.way === "shell" ? "\r" : "touch");
    } else {
      if (subject.request !== null) {
        const { type } = stage.answerTo(subject.request) ?? { type: "none" };
        expect(type).toBe(row.way === "forward" ? "refused" : "ended");
      }
      // The line itself never passes: at most the interrupt that drops it.
      expect(stage.sent(subject.channel)).not.toMatch(/[\r\n]/);
      expect(after.filter((deed) => deed.startsWith("["))).toEqual(
        row.way === "shell" && !["client-gone", "target-gone"].includes(row.ending)
          ? expect.arrayContaining(["[3]"])
          : [],
      );
    }
  });

  it.each(rows.filter((row) => row.ending === "right"))(
    "$way, $asked: whoever hangs up while it is asked leaves no question behind",
    (row) => {
      const { stage } = enact(row.way, row.asked);
      const from = stage.effects.length;
      stage.step({ kind: "disconnected", reason: "gone" });
      expect(passed(stage.effects.slice(from)).filter(notEof)).toEqual([]);
      expect(stage.events("session.closed")).toHaveLength(1);
      const asked =
        stage.events("reauth.requested").length + stage.events("approval.requested").length;
      const over = stage.events("reauth.failed").length + stage.events("approval.decided").length;
      expect(over).toBe(asked);
      if (row.asked !== "typed" && row.asked !== "both")
        expect(stage.last("withdraw")).toBeDefined();
    },
  );

  it("both: a right code alone is not enough", () => {
    const scene = enact("shell", "both");
    answerFactor(scene, true);
    expect(scene.stage.session.view().state).toBe("challenged");
    expect(scene.stage.sent(scene.subject.channel)).not.toContain("\r");
    decide(scene, false);
    scene.stage.pass(5_000);
    expect(scene.stage.sent(scene.subject.channel)).not.toContain("\r");
    expect(scene.stage.events("command.entered").at(-1)?.decision).toBe("unanswered");
  });
});

describe("a verdict that asks nobody, on every way that has commands", () => {
  const COMMANDS = ["shell", "exec-pty", "exec", "lines"] as const;

  it.each(COMMANDS)("%s: block stops it and the session goes on", (way) => {
    const stage = openStage();
    const { channel, request } = begin(stage, way, "block");
    expect(stage.sent(channel)).not.toMatch(/[\r\n]/);
    if (request !== null)
      expect(stage.answerTo(request)).toMatchObject({ type: "ended", exit: { code: 126 } });
    expect(stage.session.view().state).toBe("open");
    expect(stage.events("command.entered").at(-1)?.decision).toBe("blocked");
  });

  it.each(COMMANDS)("%s: kill ends the session", (way) => {
    const stage = openStage();
    const { channel } = begin(stage, way, "kill");
    expect(stage.sent(channel)).not.toMatch(/[\r\n]/);
    expect(stage.last("close-session")).toBeDefined();
  });

  it.each(COMMANDS)("%s: lock-user ends it too, and keeps the person out", (way) => {
    const stage = openStage();
    begin(stage, way, "lock");
    expect(stage.last("lock-person")).toMatchObject({ rule: "st-lock" });
    expect(stage.last("close-session")).toBeDefined();
  });

  it.each(COMMANDS)("%s: suspend holds everything until somebody resumes it", (way) => {
    const stage = openStage();
    const side = stage.terminal();
    const { channel } = begin(stage, way, "suspend");
    expect(stage.session.view().state).toBe("suspended");
    expect(stage.events("session.suspended").at(-1)).toMatchObject({
      by: "rule",
      actor: "st-suspend",
    });
    const from = stage.effects.length;
    stage.type(side, "echo x\r");
    stage.type(channel, "echo y\n");
    stage.pass(5_000);
    expect(passed(stage.effects.slice(from))).toEqual([]);
    expect(stage.command("resume")).toEqual({ type: "done" });
    stage.print(side, "echo x");
    stage.pass(5_000);
    expect(stage.session.view().state).toBe("open");
    expect(stage.sent(channel)).not.toMatch(/[\r\n]/);
    expect(stage.sent(side)).toContain("echo x");
  });

  it.each(["shell", "exec-pty"] as const)("%s: warn runs after a yes, and only then", (way) => {
    for (const [answer, runs] of [
      ["yes\r", true],
      ["no\r", false],
    ] as const) {
      const stage = openStage();
      const { channel, request } = begin(stage, way, "warn");
      stage.type(channel, answer);
      const ran =
        request === null
          ? stage.sent(channel).includes("\r")
          : stage.answerTo(request)?.type === "started";
      expect(ran).toBe(runs);
    }
  });

  it.each(["exec", "lines"] as const)("%s: a warning is told on stderr, and it runs", (way) => {
    const stage = openStage();
    const { channel, request } = begin(stage, way, "warn");
    expect(stage.shown(channel)).toContain("Warning.");
    if (request === null) expect(stage.sent(channel)).toContain("touch warn");
    else expect(stage.answerTo(request)?.type).toBe("started");
  });
});

describe("a demand on a channel without a terminal", () => {
  it.each(["exec", "lines", "sftp", "forward"] as const)(
    "%s is refused cleanly when the factor has to be typed and nothing is there to type on",
    (way) => {
      const stage = openStage(optionsFor(way, "typed"));
      const { channel, request } = begin(stage, way, "reauth");
      expect(stage.session.view().state).toBe("open");
      expect(stage.unanswered).toEqual(new Set());
      expect(stage.sent(channel)).toBe("");
      if (request !== null) {
        expect(stage.answerTo(request)?.type).toBe(way === "forward" ? "refused" : "ended");
        return;
      }
      stage.step({ kind: "target-exited", channel, exit: { type: "code", code: 0 } });
      expect(stage.last("close-channel")).toMatchObject({ exit: { code: 126 } });
    },
  );

  it("shows the link of another device on stderr of an exec, and nowhere on a stream", () => {
    for (const way of ["exec", "sftp"] as const) {
      const stage = openStage(optionsFor(way, "out-of-band"));
      const { channel } = begin(stage, way, "reauth");
      const request = stage.last("ask-factor")?.request;
      if (request === undefined) throw new Error("not asked");
      stage.step({
        kind: "factor-offered",
        request,
        offer: { text: "Open this page", link: "https://here/abc" },
      });
      if (way === "exec")
        expect(stage.shown(channel)).toContain("chaperone: Link:   https://here/abc\n");
      else expect(stage.shown(channel)).toBe("");
    }
  });

  it.each(["exec", "lines"] as const)("%s: a link is held for and told on stderr", (way) => {
    const stage = openStage(optionsFor(way, "out-of-band"));
    const { channel } = begin(stage, way, "reauth");
    const request = stage.last("ask-factor")?.request;
    if (request === undefined) throw new Error("not asked");
    const offer = { text: "Open this page", link: "https://here/abc", code: "12 34" };
    const told = stage.step({ kind: "factor-offered", request, offer });
    expect(told.filter((one) => one.kind === "send-to-person")).toSatisfy(
      (sent: readonly { readonly stream?: string }[]) =>
        sent.length === 3 && sent.every((one) => one.stream === "stderr"),
    );
    expect(stage.shown(channel)).toContain("chaperone: Code:   12 34\n");
    stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
    expect(stage.session.view().state).toBe("open");
  });

  it.each(["sftp", "forward"] as const)(
    "%s: a link that nobody could see is not waited for, and is seen on a terminal beside it",
    (way) => {
      const demand: SeedOptions = { ...optionsFor(way, "typed"), factors: ["webauthn"] };
      const alone = openStage(demand);
      const refused = begin(alone, way, "reauth").request;
      expect(alone.last("ask-factor")).toBeUndefined();
      expect(alone.unanswered).toEqual(new Set());
      expect(refused === null ? undefined : alone.answerTo(refused)?.type).toBe(
        way === "forward" ? "refused" : "ended",
      );
      const beside = openStage(demand);
      const terminal = beside.terminal();
      begin(beside, way, "reauth");
      const request = beside.last("ask-factor")?.request;
      if (request === undefined) throw new Error("not asked");
      const offer = { text: "Open this page", link: "https://here/abc" };
      beside.step({ kind: "factor-offered", request, offer });
      expect(beside.shown(terminal)).toContain("https://here/abc");
    },
  );

  it.each(WAYS)(
    "%s: a target that is lost meanwhile lets nothing pass, and nothing hangs",
    (way) => {
      const scene = enact(way, "approve");
      const { stage, subject } = scene;
      const from = stage.effects.length;
      stage.step({ kind: "target-failed", reason: "connection reset" });
      // What had begun there ends with it; what waits to begin waits on.
      if (way === "shell" || way === "lines") {
        stage.step({
          kind: "target-exited",
          channel: subject.channel,
          exit: { type: "none" },
        });
      }
      // A question that nobody waits for any more holds nobody else.
      expect(
        passed(stage.effects.slice(from)).filter((deed) => notEof(deed) && deed !== "valve"),
      ).toEqual([]);
      if (stage.session.view().state === "challenged") decide(scene, false);
      stage.pass(10_000);
      expect(stage.session.view().state).toBe("open");
      expect(stage.unanswered).toEqual(new Set());
      expect(stage.events("session.failed")).toHaveLength(1);
      expect(stage.events("approval.decided")).toHaveLength(1);
      expect(stage.sent(subject.channel)).not.toMatch(/[\r\n]/);
      const { type } = (subject.request && stage.answerTo(subject.request)) ?? { type: "none" };
      expect(type).not.toBe("started");
    },
  );

  it("is asked once for several channels, and the grace lets the others through", () => {
    const stage = openStage({ stepUp: { graceMs: 60_000 } });
    const terminal = stage.terminal();
    const channels = [1, 2, 3].map(() => stage.sessionChannel());
    const asked = channels.map((channel) =>
      stage.ask(channel, { type: "exec", command: `touch reauth${String(channel)}` }),
    );
    stage.type(terminal, "123456\r");
    const request = stage.last("verify-factor")?.request;
    if (request === undefined) throw new Error("not asked");
    stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
    for (const one of asked) expect(stage.answerTo(one)?.type).toBe("started");
    expect(stage.events("reauth.requested")).toHaveLength(1);
    expect(stage.last("grant-grace")).toMatchObject({ rules: ["st-reauth"], graceMs: 60_000 });
  });
});

describe("an operator", () => {
  it("suspends: streams stand in both directions, terminals show why, and come back", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    const { channel: copy } = begin(stage, "exec", "plain");
    expect(stage.command("suspend", "a closer look")).toEqual({ type: "done" });
    expect(stage.command("suspend")).toEqual({ type: "already" });
    expect(stage.last("valve")).toMatchObject({ channel: copy, state: "shut" });
    expect(stage.shown(terminal)).toContain("a closer look");
    expect(stage.shown(terminal)).toContain("blue heron");
    const from = stage.effects.length;
    stage.type(terminal, "ls\r");
    stage.print(terminal, "printed meanwhile\r\n$ ");
    expect(passed(stage.effects.slice(from))).toEqual([]);
    expect(stage.shown(terminal)).not.toContain("printed meanwhile");
    expect(stage.command("resume")).toEqual({ type: "done" });
    expect(stage.shown(terminal)).toContain("printed meanwhile");
    expect(stage.last("valve")).toMatchObject({ channel: copy, state: "open" });
    stage.print(terminal, "ls");
    stage.pass(3_000);
    expect(stage.sent(terminal)).toBe("ls\r");
    expect(stage.events("session.resumed").at(-1)).toMatchObject({
      by: "operator",
      actor: "maria",
    });
  });

  it("suspends while a question is open: answers wait, and the clock of the question stands", () => {
    const stage = openStage({ stepUp: { timeoutMs: 30_000 }, suspension: { timeoutMs: 600_000 } });
    const { channel } = begin(stage, "shell", "approve");
    stage.command("suspend");
    stage.pass(120_000);
    const request = stage.last("ask-approval")?.request;
    if (request === undefined) throw new Error("not asked");
    stage.step({ kind: "approval-decided", request, outcome: { type: "approved", by: "bob" } });
    expect(stage.sent(channel)).not.toContain("\r");
    stage.command("resume");
    expect(stage.sent(channel)).toContain("\r");
    expect(stage.events("command.entered").at(-1)?.decision).toBe("approved");
  });

  it("suspends too long: what the configuration says happens", () => {
    const killed = openStage({ suspension: { timeoutMs: 5_000, onTimeout: "kill" } });
    killed.terminal();
    killed.command("suspend");
    killed.pass(6_000);
    expect(killed.last("close-session")).toBeDefined();
    const resumed = openStage({ suspension: { timeoutMs: 5_000, onTimeout: "resume" } });
    resumed.terminal();
    resumed.command("suspend");
    resumed.pass(6_000);
    expect(resumed.session.view().state).toBe("open");
  });

  it.each(WAYS)(
    "kills %s while it is asked: nothing passes, and every request is answered",
    (way) => {
      const scene = enact(way, "approve");
      const { stage } = scene;
      const from = stage.effects.length;
      expect(stage.command("kill", "enough")).toEqual({ type: "done" });
      expect(passed(stage.effects.slice(from)).filter(notEof)).toEqual([]);
      expect(stage.unanswered).toEqual(new Set());
      expect(stage.last("close-session")).toMatchObject({ reason: "enough" });
      expect(stage.command("suspend")).toMatchObject({ type: "refused" });
    },
  );

  it("asks who it is: who does not answer is not left at work", () => {
    const stage = openStage({ stepUp: { timeoutMs: 10_000 } });
    const terminal = stage.terminal();
    expect(stage.command("reauth", "odd hours")).toEqual({ type: "done" });
    expect(stage.shown(terminal)).toContain("odd hours");
    stage.pass(11_000);
    expect(stage.session.view().state).toBe("suspended");
    const nobody = openStage();
    expect(nobody.command("reauth")).toMatchObject({ type: "refused" });
  });

  it("sends a message: the line being typed is not touched, and the screen is painted again", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.type(terminal, "ls -l");
    stage.print(terminal, "ls -l");
    const before = stage.shown(terminal).length;
    expect(stage.command("message", "backup at \x1b[31m noon")).toEqual({ type: "done" });
    const message = stage.shown(terminal).slice(before);
    expect(message).toContain("operator maria: backup at");
    expect(message).not.toContain("\x1b[31m");
    expect(stage.sent(terminal)).toBe("ls -l");
    stage.pass(20_000);
    expect(stage.shown(terminal).slice(before + message.length)).toContain("ls -l");
    expect(openStage().command("message")).toMatchObject({ type: "refused" });
  });
});

describe("somebody who looks on", () => {
  const observe = (stage: Stage, mode: "watch" | "control" | null): void => {
    stage.step({
      kind: "observe",
      id: "o1",
      observer: mode === null ? null : { id: "o1", name: "maria", mode },
    });
  };
  const seen = (stage: Stage): readonly string[] =>
    stage.effects.flatMap((effect) =>
      effect.kind === "observed"
        ? [
            `${effect.entry.type} ${"bytes" in effect.entry ? new TextDecoder().decode(effect.entry.bytes) : ""}`,
          ]
        : [],
    );

  it("sees the terminal as it stands, then what happens on it, and the person is told", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.print(terminal, "was here before\r\n$ ");
    expect(seen(stage)).toEqual([]);
    observe(stage, "watch");
    expect(seen(stage)[0]).toContain("was here before");
    stage.print(terminal, "new");
    expect(seen(stage).at(-1)).toBe("output new");
    expect(stage.shown(terminal)).toContain("maria looks on.");
    expect(stage.session.view().observers).toEqual(["maria"]);
    observe(stage, null);
    stage.print(terminal, "unseen");
    expect(seen(stage).join()).not.toContain("unseen");
    expect(stage.events("operator.joined")).toHaveLength(1);
    expect(stage.events("operator.left")).toHaveLength(1);
  });

  it("sees nothing of what Chaperone draws: the phrase is between it and the person", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    observe(stage, "watch");
    stage.line(terminal, "touch reauth");
    expect(stage.shown(terminal)).toContain("blue heron");
    expect(seen(stage).join()).not.toContain("blue heron");
  });

  it("takes the keyboard: their keys are judged, the person's wait until it is given back", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    observe(stage, "control");
    stage.type(terminal, "person");
    expect(stage.sent(terminal)).toBe("");
    const keys = (text: string): void => {
      stage.step({
        kind: "observer-typed",
        observer: "o1",
        channel: terminal,
        bytes: encodeUtf8(text),
      });
    };
    keys("touch block");
    stage.print(terminal, "touch block");
    stage.pass(1_000);
    keys("\r");
    stage.pass(500);
    expect(stage.events("command.entered").at(-1)).toMatchObject({
      text: "touch block",
      decision: "blocked",
    });
    stage.print(terminal, `^C\r\n${PROMPT}`);
    stage.pass(1_000);
    expect(stage.sent(terminal)).toBe("touch block\x03");
    observe(stage, "watch");
    expect(stage.sent(terminal)).toBe("touch block\x03person");
  });

  it("does not answer for the person, and is gone when the session is over", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    observe(stage, "control");
    stage.command("reauth");
    stage.step({
      kind: "observer-typed",
      observer: "o1",
      channel: terminal,
      bytes: encodeUtf8("123456\r"),
    });
    expect(stage.last("verify-factor")).toBeUndefined();
    stage.step({ kind: "disconnected", reason: "gone" });
    expect(seen(stage).at(-1)).toBe("end ");
  });
});
