import { describe, expect, it, vi } from "vitest";
import { createKeyboard } from "./keyboard.js";

/** A session that takes keys when it is let; the answers are given one by one. */
function seat() {
  const sent: string[] = [];
  const answers: ((refused: string | null) => void)[] = [];
  const over: (string | null)[] = [];
  const keyboard = createKeyboard({
    send: (text) => {
      sent.push(text);
      return new Promise((resolve) => answers.push(resolve));
    },
    over: (reason) => over.push(reason),
  });
  const type = (text: string): void => {
    keyboard.typed(Buffer.from(text));
  };
  const answer = async (refused: string | null = null): Promise<void> => {
    answers.shift()?.(refused);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { sent, over, type, answer, keyboard };
}

describe("the keyboard of an operator who has taken a session's", () => {
  it("sends keys in order, those that were typed meanwhile together", async () => {
    const { sent, type, answer } = seat();
    type("l");
    type("s");
    type("\r");
    expect(sent).toEqual(["l"]);
    await answer();
    expect(sent).toEqual(["l", "s\r"]);
  });

  it("joins a character that came in two parts", () => {
    const { sent, keyboard } = seat();
    const [first, ...rest] = Buffer.from("ä");
    keyboard.typed(Uint8Array.of(first ?? 0));
    expect(sent).toEqual([]);
    keyboard.typed(Uint8Array.from(rest));
    expect(sent).toEqual(["ä"]);
  });

  it("sends Ctrl-C on, and leaves with Ctrl-] whatever waits", async () => {
    const { sent, over, type, answer } = seat();
    type("\u0003");
    type("more");
    type("\u001d");
    expect(over).toEqual([null]);
    await answer();
    type("afterwards");
    expect(sent).toEqual(["\u0003"]);
  });

  it("ends when its keys are not taken any more", async () => {
    const { over, type, answer } = seat();
    type("a");
    type("b");
    await answer("bob has the keyboard");
    expect(over).toEqual(["bob has the keyboard"]);
  });

  it("cuts what one call does not take, and drops what is beyond measure", async () => {
    const { sent, type, answer } = seat();
    type("x");
    type(`${"y".repeat(4_095)}🙂z`);
    type("w".repeat(70_000));
    await answer();
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toBe("y".repeat(4_095));
    await answer();
    expect(sent[2]).toBe("🙂z");
  });
});
