import { describe, expect, it } from "vitest";
import { encodeUtf8, type ChannelId } from "../kernel/index.js";
import { PTY, scene } from "./scene.testing.js";
import { LAB_RULES, rulesFrom, type SeedOptions } from "./seed.testing.js";
import type { SessionSeed } from "./index.js";
import { HELD_BYTES_MAX } from "./terminal-channel.js";

/** A terminal at which the line was typed and shown, and Enter pressed. */
function entered(line: string, options: SeedOptions = {}, change: Partial<SessionSeed> = {}) {
  const talk = scene(options, change);
  const { id } = talk.channel();
  talk.asks(id, PTY);
  talk.asks(id, { type: "shell" });
  const prints = (text: string): readonly string[] =>
    talk.step({ kind: "target-sent", channel: id, stream: "stdout", bytes: encodeUtf8(text) });
  prints("lab> ");
  talk.types(id, line);
  prints(line);
  return { ...talk, id, prints, lines: talk.types(id, "\r") };
}

describe("what is typed while a question is open", () => {
  const flood =
    (talk: { types(id: ChannelId, text: string): readonly string[]; id: ChannelId }) =>
    (bytes: number): readonly string[] =>
      talk.types(talk.id, "x".repeat(bytes));

  /** Suspended: nothing that is typed is an answer, all of it waits. */
  function suspended() {
    const talk = entered("ls");
    talk.step({
      kind: "command",
      command: { id: "o-1", do: "suspend", by: { kind: "operator", name: "olga" }, reason: "look" },
    });
    return talk;
  }

  it("waits up to its limit, and the person's side is read no further from half of it", () => {
    const talk = suspended();
    const told = flood(talk)(HELD_BYTES_MAX);
    expect(told).toContain(`valve ${String(talk.id)} held`);
    expect(told.some((line) => /^(to target|close)/.test(line))).toBe(false);
  });

  it("closes the channel one byte above, and none of it ever arrives", () => {
    const talk = suspended();
    flood(talk)(HELD_BYTES_MAX);
    const told = flood(talk)(1);
    expect(told.at(-1)).toMatch(/^close channel/);
    expect(told.some((line) => line.startsWith("to target"))).toBe(false);
  });
});

describe("an inspector that throws", () => {
  const broken = (): Partial<SessionSeed> => {
    const ruleset = rulesFrom(LAB_RULES);
    const judge = (): never => {
      throw new Error("a bug");
    };
    return { rules: { current: () => ({ ...ruleset, judge }) } };
  };

  it("stops the line, and says that it could not be inspected", () => {
    const { lines } = entered("ls", {}, broken());
    expect(lines).toContain("tell command.entered blocked");
    expect(lines.some((line) => line.includes("could not be inspected"))).toBe(true);
    expect(lines).not.toContain('to target "\\r"');
  });

  it("lets the line pass only where the administrator decided so", () => {
    const { lines } = entered("ls", { doubt: { onFault: "allow" } }, broken());
    expect(lines).toContain("tell command.entered allowed");
    expect(lines).toContain('to target "\\r"');
  });

  it("does not end the session: the next line is judged by itself", () => {
    const talk = entered("ls", {}, broken());
    talk.prints("\r\nlab> ");
    talk.types(talk.id, "id");
    talk.prints("id");
    expect(talk.types(talk.id, "\r")).toContain("tell command.entered blocked");
  });
});
