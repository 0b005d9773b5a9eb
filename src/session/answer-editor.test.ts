import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8, decodeUtf8 } from "../kernel/index.js";
import { ANSWER_BYTES_MAX, createAnswerEditor } from "./answer-editor.js";

/** What the person would submit by typing `keys` and Enter. */
function answerTo(keys: string): string {
  const event = createAnswerEditor().feed(encodeUtf8(`${keys}\r`));
  if (event.type !== "entered") return event.type;
  return event.answer.reveal(decodeUtf8);
}

describe("the answer to a challenge", () => {
  it.each([
    ["123456", "123456"],
    ["123x\x7f456", "123456"],
    ["pä\x7fass", "pass"],
    ["wrong\x15123456", "123456"],
    ["12\x1b[D3\x1bOA4\x1b[1;5C", "1234"],
    ["\x1b[200~654321\x1b[201~", "654321"],
    ["12\x1b]11;rgb:0000/0000/0000\x0734", "1234"],
    ["12\x1b]11;rgb:0000/0000/0000\x1b\\34", "1234"],
    ["a\x03b", "cancelled"],
    ["\x04", "cancelled"],
  ])("is read from %j as %j", (keys, answer) => {
    expect(answerTo(keys)).toBe(answer);
  });

  it("takes as many bytes as a passphrase may have and not one more", () => {
    expect(answerTo("x".repeat(ANSWER_BYTES_MAX)).length).toBe(ANSWER_BYTES_MAX);
    expect(answerTo("x".repeat(ANSWER_BYTES_MAX + 1)).length).toBe(ANSWER_BYTES_MAX);
  });

  it("is the same however the network cuts the bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 0, max: 60 }),
        (bytes, cut) => {
          const outcome = (parts: Uint8Array[]): string => {
            const editor = createAnswerEditor();
            for (const part of parts) {
              const event = editor.feed(part);
              if (event.type === "cancelled") return "cancelled";
              if (event.type === "entered")
                return event.answer.reveal((b) => `entered ${b.join(",")}`);
            }
            return "typing";
          };
          expect(outcome([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(outcome([bytes]));
        },
      ),
    );
  });
});
