import { describe, expect, it } from "vitest";
import { encodeUtf8, requestId } from "../kernel/index.js";
import { PTY, scene } from "./scene.testing.js";

describe("a channel that is asked for", () => {
  it("is refused with an event when policy denies its kind", () => {
    const { channel } = scene();
    const { lines } = channel({
      type: "direct-tcpip",
      host: "db",
      port: 5432,
      originHost: "",
      originPort: 0,
    });
    expect(lines).toEqual(["tell channel.refused localForward", "answer refused"]);
  });

  it("is told when it opens, and with its bytes when it closes", () => {
    const { channel, step, told } = scene({ channels: { localForward: "allow" } });
    const { id } = channel({
      type: "direct-tcpip",
      host: "db",
      port: 5432,
      originHost: "",
      originPort: 0,
    });
    step({ kind: "channel-closed", channel: id, bytes: { toTarget: 7, toPerson: 9 } });
    expect(told.slice(1)).toEqual([
      "tell channel.opened localForward",
      "answer granted",
      "tell channel.closed localForward",
    ]);
  });

  it("starts one stream only", () => {
    const { channel, asks } = scene();
    const { id } = channel();
    expect(asks(id, { type: "exec", command: "true" })).toContain("answer started stream");
    expect(asks(id, { type: "exec", command: "true" })).toEqual(["answer refused"]);
    expect(asks(id, { type: "shell" })).toEqual(["answer refused"]);
  });
});

describe("an exec request", () => {
  it("passes the same rules as a typed line", () => {
    const { channel, asks } = scene();
    const lines = asks(channel().id, { type: "exec", command: "sudo rm -rf /" });
    expect(lines.slice(0, 4)).toEqual([
      "tell rule.matched",
      "tell command.entered blocked",
      "tell action.taken",
      "tell channel.refused exec",
    ]);
    expect(lines[4]).toContain('answer ended {"type":"code","code":126} chaperone: Blocked');
  });

  it("is refused with an explanation when a rule asks who the person is", () => {
    const { channel, asks } = scene();
    const lines = asks(channel().id, { type: "exec", command: "touch secret" });
    expect(lines).toContain("tell command.entered unanswered");
    expect(lines.at(-1)).toContain("there is no terminal to ask on here");
  });

  it("ends the session when a rule says so", () => {
    const { channel, asks } = scene();
    expect(asks(channel().id, { type: "exec", command: "touch kill" }).at(-1)).toBe(
      "close-session",
    );
  });

  it("is not mistaken for a copy because it begins like one", () => {
    const { channel, asks } = scene();
    const lines = asks(channel().id, { type: "exec", command: "scp -t /tmp/x; rm -rf /" });
    expect(lines).toContain("tell command.entered blocked");
  });
});

describe("a shell that reads a script", () => {
  it("gets each command when it is complete and judged", () => {
    const { channel, asks, types, step } = scene();
    const { id } = channel();
    expect(asks(id, { type: "shell" })).toContain("answer started lines");
    expect(types(id, "echo o")).toEqual([]);
    expect(types(id, "ne\nfor i in 1 2; do\n")).toEqual([
      "tell command.entered allowed",
      'to target "echo one\\n"',
    ]);
    expect(types(id, "echo $i; done\nls")).toEqual([
      "tell command.entered allowed",
      'to target "for i in 1 2; do\\necho $i; done\\n"',
    ]);
    expect(step({ kind: "client-eof", channel: id })).toEqual([
      "tell command.entered allowed",
      'to target "ls"',
      "eof-to-target",
    ]);
  });

  it("is closed at a forbidden command, and nothing of it is passed on", () => {
    const { channel, asks, types, step } = scene();
    const { id } = channel();
    asks(id, { type: "exec", command: "bash -s" });
    const lines = types(id, "rm -rf /data\necho next\n");
    expect(lines.some((line) => line.startsWith("to target"))).toBe(false);
    expect(lines.slice(-2)).toEqual(["eof-to-target", "set-timer"]);
    expect(types(id, "echo more\n")).toEqual([]);
    // What ran before may still be writing: the channel waits for the end of its shell.
    const ended = step({ kind: "target-exited", channel: id, exit: { type: "code", code: 0 } });
    expect(ended.at(-1)).toBe('close channel 1 {"type":"code","code":126}');
  });

  it("may not hold a command longer than can be inspected", () => {
    const { channel, asks, types, step } = scene();
    const { id } = channel();
    asks(id, { type: "shell" });
    types(id, `echo '${"x".repeat(200 * 1024)}`);
    expect(types(id, "y".repeat(100 * 1024))).toContain("eof-to-target");
    const ended = step({ kind: "timer", timer: "settle", channel: id });
    expect(ended.at(-1)).toContain("close channel");
  });
});

describe("while a question is open", () => {
  function questioned() {
    const stage = scene({ channels: { localForward: "allow" } });
    const shell = stage.channel().id;
    stage.asks(shell, PTY);
    stage.asks(shell, { type: "shell" });
    const copy = stage.channel().id;
    stage.asks(copy, { type: "subsystem", name: "sftp" });
    const other = stage.channel().id;
    stage.asks(other, PTY);
    stage.asks(other, { type: "shell" });
    for (const id of [shell, other]) {
      stage.step({ kind: "target-sent", channel: id, stream: "stdout", bytes: encodeUtf8("$ ") });
    }
    stage.wait(1_000);
    for (const key of "touch secret") {
      stage.types(shell, key);
      stage.step({ kind: "target-sent", channel: shell, stream: "stdout", bytes: encodeUtf8(key) });
    }
    const asked = stage.types(shell, "\r");
    return { ...stage, shell, copy, other, asked };
  }

  it("streams are stopped, and everything typed elsewhere waits", () => {
    const { asked, copy, other, types, channel, asks } = questioned();
    expect(asked).toContain(`valve ${String(copy)} held`);
    expect(asked.some((line) => line.includes("blue heron"))).toBe(true);
    expect(types(other, "l")).toEqual([]);
    const { id, lines } = channel({
      type: "direct-tcpip",
      host: "db",
      port: 1,
      originHost: "",
      originPort: 0,
    });
    expect(lines).toEqual([]);
    expect(asks(id, { type: "shell" })).toEqual(["answer refused"]);
  });

  it("goes on with all of it after the answer, in order", () => {
    const { shell, copy, other, types, channel, step } = questioned();
    types(other, "ls");
    channel({ type: "direct-tcpip", host: "db", port: 1, originHost: "", originPort: 0 });
    expect(types(shell, "123456\r")).toContain("verify-factor");
    const lines = step({
      kind: "factor-verified",
      request: requestId(1),
      outcome: { type: "accepted" },
    });
    const deeds = lines.filter((line) => /^(to target|valve|answer|tell command)/.test(line));
    expect(deeds).toEqual([
      "tell command.entered reauthenticated",
      'to target "\\r"',
      `valve ${String(copy)} open`,
      'to target "ls"',
      "answer granted",
    ]);
  });

  it("asks nobody any more when the terminal is closed, and the rest goes on", () => {
    const { shell, other, copy, types, step } = questioned();
    types(other, "ls");
    const lines = step({
      kind: "channel-closed",
      channel: shell,
      bytes: { toTarget: 0, toPerson: 0 },
    });
    expect(lines).toContain("tell reauth.failed");
    expect(lines).toContain(`valve ${String(copy)} open`);
    expect(lines).toContain('to target "ls"');
  });

  it("reads no more of a long paste before its lines have gone on", () => {
    const { shell, other, types, step, wait } = questioned();
    const valve = `valve ${String(other)}`;
    types(other, `rm -rf /\r${"x".repeat(100 * 1024)}`);
    expect(types(other, "x".repeat(100 * 1024))).toEqual([`${valve} held`]);
    types(shell, "123456\r");
    const verified = { type: "accepted" } as const;
    const released = step({ kind: "factor-verified", request: requestId(1), outcome: verified });
    expect(released).toContain('to target "rm -rf /"');
    expect(released.filter((line) => line.startsWith(valve))).toEqual([]);
    wait(5_000);
    const judged = step({ kind: "timer", timer: "settle", channel: other });
    expect(judged).toContain("tell command.entered blocked");
    expect(judged.filter((line) => line.startsWith(valve))).toEqual([]);
    const bytes = encodeUtf8("^C\r\n$ ");
    const dropped = step({ kind: "target-sent", channel: other, stream: "stdout", bytes });
    expect(dropped).toContain(`${valve} open`);
  });

  it("closes a terminal on which more is typed than can be kept", () => {
    const { other, types } = questioned();
    const part = "x".repeat(100 * 1024);
    expect(types(other, part)).toEqual([]);
    expect(types(other, part)).toEqual([`valve ${String(other)} held`]);
    expect(types(other, part).at(-1)).toContain(`close channel ${String(other)}`);
  });
});

describe("a target that can not be reached", () => {
  it("is told, and the session goes on: the next channel may try again", () => {
    const { channel, asks, step } = scene();
    expect(step({ kind: "target-failed", reason: "connection refused" })).toEqual([
      "tell session.failed",
    ]);
    expect(asks(channel().id, PTY)).toEqual(["answer granted"]);
  });
});

describe("the end of a session", () => {
  it("tells each terminal why, and closes everything", () => {
    const { channel, asks, step } = scene();
    const { id } = channel();
    asks(id, PTY);
    asks(id, { type: "shell" });
    const lines = step({
      kind: "kill-ordered",
      reason: "the sidecar is restarted",
      by: "shutdown",
    });
    expect(lines[0]).toBe("tell action.taken");
    expect(lines[1]).toContain("the sidecar is restarted");
    expect(lines).toContain("close-session");
    expect(asks(id, { type: "exec", command: "true" })).toEqual(["answer refused"]);
    expect(step({ kind: "disconnected", reason: "bye" }).at(-1)).toBe("tell session.closed");
    expect(step({ kind: "disconnected", reason: "again" })).toEqual([]);
  });
});

describe("a recording", () => {
  function recorded(terminal: "asciicast" | "off"): readonly string[] {
    const { channel, asks, types, step, told } = scene({
      recording: { terminal, input: "masked" },
    });
    const { id } = channel();
    asks(id, PTY);
    asks(id, { type: "shell" });
    step({ kind: "target-sent", channel: id, stream: "stdout", bytes: encodeUtf8("$ ") });
    types(id, "l");
    step({ kind: "channel-closed", channel: id, bytes: { toTarget: 1, toPerson: 2 } });
    return told.filter((line) => line === "record");
  }

  it("is made of each terminal", () => {
    expect(recorded("asciicast").length).toBeGreaterThan(2);
  });

  it("is not made when it is off", () => {
    expect(recorded("off")).toEqual([]);
  });
});

describe("a shell that shows no prompt after a forbidden line was interrupted", () => {
  const blocked = () => {
    const talk = scene();
    const { id } = talk.channel();
    talk.asks(id, PTY);
    talk.asks(id, { type: "shell" });
    const prints = (text: string): readonly string[] =>
      talk.step({
        kind: "target-sent",
        channel: id,
        stream: "stdout",
        bytes: encodeUtf8(text),
      });
    const waited = (): readonly string[] => {
      talk.wait(800);
      return talk.step({ kind: "timer", timer: "fresh-prompt", channel: id });
    };
    prints("lab> ");
    talk.types(id, "rm -rf precious");
    prints("rm -rf precious");
    expect(talk.types(id, "\r")).toContain('to target "\\u0003"');
    return { ...talk, id, prints, waited };
  };

  it("is interrupted again, and goes on at its prompt", () => {
    const talk = blocked();
    talk.prints("^C");
    expect(talk.waited()).toContain('to target "\\u0003"');
    talk.prints("\r\nlab> ");
    expect(talk.types(talk.id, "ls")).toContain('to target "ls"');
  });

  it("is closed when that does not help, and nothing typed meanwhile arrives", () => {
    const talk = blocked();
    talk.prints("^C");
    talk.types(talk.id, "ls\r");
    const told = Array.from({ length: 5 }, talk.waited).flat();
    expect(told.filter((line) => line.startsWith("to target"))).toEqual(
      Array.from({ length: 4 }, () => 'to target "\\u0003"'),
    );
    expect(told.at(-1)).toMatch(/^close channel/);
  });
});
