import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8, type ChannelId } from "../../kernel/index.js";
import type { RequestAsked } from "../../model/index.js";
import { longRun } from "../../testing/seed.js";
import { openStage, type Stage } from "../stage.testing.js";
import type { SeedOptions } from "../seed.testing.js";

/** A target that is played: what it says and when is decided here. */
const NONCE = "feedc0de";
const PROMPT = "\x1b[?2004h$ ";
const MODES = { VINTR: 3, ISIG: 1, ICANON: 1, ECHO: 1, ICRNL: 1 };
const PTY: RequestAsked = {
  type: "pty",
  pty: { term: "xterm", columns: 80, rows: 24, widthPixels: 0, heightPixels: 0, modes: MODES },
};

interface Played {
  readonly stage: Stage;
  readonly channel: ChannelId;
}

function openShell(options: SeedOptions = {}): Played {
  const stage = openStage({ integration: { shell: "auto", nonce: NONCE }, ...options });
  const { channel } = stage.open({ type: "session" });
  stage.ask(channel, PTY);
  stage.ask(channel, { type: "shell" });
  return { stage, channel };
}

const mark = (kind: string, count: number, flags: string, text: string): string =>
  `\x1b]633;${kind};${NONCE}1;${String(count)};${flags};${text}\x07`;
const executing = (count: number, text: string): string => mark("E", count, "t", text);
const prompt = (count: number, cwd = "/srv"): string => `${mark("D", count, "0", cwd)}${PROMPT}`;

/** A bash that has taken the hooks. */
function integrated(options: SeedOptions = {}): Played {
  const played = openShell(options);
  const { stage, channel } = played;
  stage.print(channel, PROMPT);
  stage.pass(50);
  expect(stage.sent(channel)).toContain("__chp_m");
  stage.print(channel, `echo of it\r\n\x1b[?2004l\r${mark("R", 1, "bash", "ready")}${prompt(2)}`);
  expect(states(stage)).toEqual(["active"]);
  return played;
}

function states(stage: Stage): readonly string[] {
  return stage.events("integration.changed").map(({ state }) => state);
}

/** Typed, echoed, entered; the shell runs it and shows its prompt. */
function runs({ stage, channel }: Played, count: number, text: string, ran = text): void {
  stage.line(channel, text);
  stage.print(channel, `\r\n\x1b[?2004l\r${executing(count, ran)}out\r\n${prompt(count + 1)}`);
}

describe("setting up the third witness", () => {
  it("shows the person one prompt, and nothing of what was typed", () => {
    const { stage, channel } = integrated();
    expect(stage.shown(channel)).toBe(PROMPT);
  });

  it("keeps what the person types meanwhile, and gives it to the shell afterwards", () => {
    const { stage, channel } = openShell();
    stage.type(channel, "e");
    stage.print(channel, PROMPT);
    stage.pass(50);
    stage.type(channel, "c");
    expect(stage.sent(channel)).not.toMatch(/^e/);
    stage.print(channel, `\r\n\x1b[?2004l\r${mark("R", 1, "bash", "ready")}${prompt(2)}`);
    expect(stage.sent(channel)).toMatch(/\rec$/);
  });

  it("asks nothing where a log-in asks the person something first", () => {
    const { stage, channel } = openShell();
    stage.print(channel, "Your password has expired. New password: ");
    stage.type(channel, "x");
    expect(stage.sent(channel)).toBe("");
    stage.pass(600);
    expect(stage.sent(channel)).toBe("x");
    stage.print(channel, `\r\n${PROMPT}`);
    stage.pass(1_000);
    expect(stage.sent(channel)).toBe("x");
    expect(states(stage)).toEqual(["absent"]);
  });

  it("lets the person type when nothing comes at all", () => {
    const { stage, channel } = openShell();
    stage.type(channel, "x");
    stage.pass(2_900);
    expect(stage.sent(channel)).toBe("");
    stage.pass(200);
    expect(stage.sent(channel)).toBe("x");
  });

  it("types nothing into a program that covers the screen", () => {
    const { stage, channel } = openShell();
    stage.print(channel, `\x1b[?1049h${PROMPT}`);
    stage.pass(5_000);
    expect(stage.sent(channel)).toBe("");
  });

  it("types nothing to a target while the session stands still", () => {
    const { stage, channel } = openShell();
    stage.command("suspend");
    stage.print(channel, PROMPT);
    stage.pass(2_000);
    expect(stage.sent(channel)).toBe("");
    stage.command("resume");
    stage.pass(300);
    expect(stage.sent(channel)).toContain("__chp_m");
  });

  it("gives up on a shell that does not answer, and shows where it stands", () => {
    const { stage, channel } = openShell();
    stage.print(channel, PROMPT);
    stage.pass(50);
    stage.type(channel, "ls");
    stage.print(channel, "echo of it\r\nsyntax error\r\n> ");
    stage.pass(5_000);
    expect(states(stage)).toEqual(["absent"]);
    expect(stage.shown(channel)).toBe(`${PROMPT}\r\n> `);
    expect(stage.sent(channel)).toMatch(/\rls$/);
    // A late answer is not the person's business either.
    stage.print(channel, mark("R", 1, "bash", "ready"));
    expect(stage.shown(channel)).toBe(`${PROMPT}\r\n> `);
  });

  it("gives up at once on a shell that shows its prompt and has told nothing", () => {
    const { stage, channel } = openShell();
    stage.print(channel, PROMPT);
    stage.pass(50);
    stage.print(channel, `echo of it\r\n\x1b[?2004l\rno such command\r\n${PROMPT}`);
    expect(states(stage)).toEqual(["absent"]);
    expect(stage.shown(channel)).toBe(PROMPT);
  });

  it("shows the new prompt where it is another one than before", () => {
    const { stage, channel } = openShell();
    stage.print(channel, PROMPT);
    stage.pass(50);
    const ready = mark("R", 1, "bash", "ready");
    stage.print(channel, `\r\n\x1b[?2004l\r${ready}${mark("D", 2, "0", "/")}\x1b[?2004hfailed$ `);
    stage.pass(1_000);
    expect(stage.shown(channel)).toBe(`${PROMPT}\r\n\x1b[?2004hfailed$ `);
    expect(states(stage)).toEqual(["active"]);
  });
});

describe("marks of a hostile target", () => {
  it("are the same however the network cuts them", () => {
    const said = [
      executing(3, "ls"),
      "out\x1b[?1049h",
      "\x1b]633;E;forged;1\x07",
      `\x1b[?1049l\x1b]633;${"garbage\u0000\u00ff".repeat(3)}`,
      prompt(4, "/tmp"),
      executing(5, "never typed"),
      executing(5, "replayed"),
      "\x1b]133;D;0\x07",
      prompt(6, "relative"),
    ].join("");
    const told = (chunks: readonly string[]): unknown => {
      const { stage, channel } = integrated();
      stage.line(channel, "ls");
      for (const chunk of chunks) stage.print(channel, chunk);
      const events = [...stage.events("command.finished"), ...stage.events("integration.changed")];
      return {
        shown: stage.shown(channel),
        events: events.map((event) => ({ ...event, durationMs: 0 })),
        entered: stage.events("command.entered").map(({ text, source }) => ({ text, source })),
      };
    };
    const whole = told([said]);
    expect(whole).toMatchObject({
      entered: [
        { text: "ls", source: "both" },
        { text: "never typed", source: "hook" },
      ],
    });
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 }), (cuts) => {
        const chunks: string[] = [];
        for (let from = 0, i = 0; from < said.length; i += 1) {
          const length = (cuts[i % cuts.length] ?? 0) + 1;
          chunks.push(said.slice(from, from + length));
          from += length;
        }
        expect(told(chunks)).toEqual(whole);
      }),
      { numRuns: longRun ? 200 : 15 },
    );
  });

  it("count for nothing without the nonce, and shake the trust in what follows", () => {
    const played = integrated();
    const { stage, channel } = played;
    runs(played, 3, "cd /srv/app");
    stage.print(channel, "\x1b]633;E;rm -rf /srv;guess\x07\x1b]633;P;Cwd=/\x07");
    expect(states(stage)).toEqual(["active", "forged"]);
    expect(stage.events("command.entered")).toHaveLength(1);
  });

  it("can lie about what ran, and then it is answered for twice", () => {
    const played = integrated();
    runs(played, 3, "ls", "touch alert");
    const [first, second] = played.stage.events("command.entered");
    expect([first?.text, second?.text]).toEqual(["ls", "touch alert"]);
    expect(second).toMatchObject({ source: "hook", decision: "alerted" });
    expect(played.stage.events("command.finished")[0]).toMatchObject({ judged: "different" });
  });

  it("can not make a path be judged where it does not lead alone", () => {
    const rules = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: kept, version: 1.0.0 }
rules:
  - { id: kept, name: Kept, criticality: high, match: { command: { exec: unlink, args: { path: "/etc/kept" } } }, action: block }
`;
    const played = integrated({ rules });
    const { stage, channel } = played;
    stage.line(channel, "cd /etc");
    stage.print(channel, `\r\n\x1b[?2004l\r${executing(3, "cd /etc")}${prompt(4, "/tmp")}`);
    stage.line(channel, "unlink kept");
    expect(stage.events("command.entered").at(-1)).toMatchObject({ decision: "blocked" });
  });

  it("tell nothing of what was typed unseen", () => {
    const played = integrated();
    const { stage, channel } = played;
    stage.line(channel, "stty -echo");
    stage.print(channel, `\r\n\x1b[?2004l\r${executing(3, "stty -echo")}${prompt(4)}`);
    stage.type(channel, "passphrase of mine");
    stage.pass(1_000);
    stage.type(channel, "\r");
    stage.pass(1_000);
    stage.print(channel, `\r\n\x1b[?2004l\r${executing(5, "passphrase of mine")}${prompt(6)}`);
    const told = JSON.stringify(stage.effects.filter((effect) => effect.kind === "emit"));
    expect(told).not.toContain("passphrase");
    expect(stage.events("command.finished").at(-1)).toMatchObject({ hidden: true, judged: "same" });
  });
});

describe("a command that was not judged before it ran", () => {
  it("makes the person prove who they are where doubt asks for it", () => {
    const played = integrated({ doubt: { onUncertain: "reauth" } });
    runs(played, 3, "ls", "cat other");
    expect(played.stage.events("reauth.requested")).toHaveLength(1);
  });

  it("closes the terminal where doubt is not allowed", () => {
    const played = integrated({ doubt: { onUncertain: "block" } });
    runs(played, 3, "ls", "cat other");
    expect(played.stage.last("close-channel")).toMatchObject({ channel: played.channel });
  });

  it("stops the session, or ends it, where a rule says so", () => {
    const suspended = integrated();
    runs(suspended, 3, "ls", "touch suspend");
    expect(suspended.stage.events("session.suspended")).toHaveLength(1);
    const killed = integrated();
    runs(killed, 3, "ls", "touch kill");
    expect(killed.stage.last("close-session")).toBeDefined();
  });
});

describe("a shell that stops telling", () => {
  it("is told as lost, and as active when it speaks again", () => {
    const played = integrated();
    const { stage, channel } = played;
    for (let i = 0; i < 4; i += 1) {
      stage.line(channel, "ls");
      stage.print(channel, `\r\n\x1b[?2004l\rout\r\n${PROMPT}`);
      stage.pass(1_500);
    }
    expect(states(stage)).toEqual(["active", "lost"]);
    runs(played, 3, "ls");
    expect(states(stage)).toEqual(["active", "lost", "active"]);
  });

  it("is not lost while a program or another shell runs in it", () => {
    const played = integrated();
    const { stage, channel } = played;
    stage.line(channel, "ssh other");
    stage.print(channel, `\r\n\x1b[?2004l\r${executing(3, "ssh other")}${PROMPT}`);
    for (let i = 0; i < 5; i += 1) {
      stage.line(channel, "ls");
      stage.print(channel, `\r\nout\r\n${PROMPT}`);
      stage.pass(2_000);
    }
    expect(states(stage)).toEqual(["active"]);
  });
});

it("keeps its hooks' secret out of everything that is told and shown", () => {
  const played = integrated();
  runs(played, 3, "ls");
  const { stage, channel } = played;
  expect(stage.shown(channel)).not.toContain(NONCE);
  const told = JSON.stringify(
    stage.effects.filter((effect) => effect.kind !== "send-to-target" && !("bytes" in effect)),
  );
  expect(told).not.toContain(NONCE);
  expect(encodeUtf8(stage.sent(channel)).length).toBeLessThan(4_096);
});
