import { describe, expect, it } from "vitest";
import { createLineContext } from "./line-context.js";
import { createPromptBook } from "./prompt-book.js";

const SEEN = { marked: false, alternate: false };

describe("who reads a line", () => {
  it("is not told by a word that was typed unseen: it may be a password that was wrong", () => {
    const context = createLineContext(createPromptBook());
    const shell = { context: "shell", prompt: "primary" } as const;
    context.ran({ programs: ["ssh"], complete: true }, shell);
    const asked = context.readerAt("bob@there's password: ", SEEN);
    context.ran({ programs: ["hunter2"], complete: true, unseen: true }, asked);
    expect(JSON.stringify(context.readerAt("bob@there's password: ", SEEN))).not.toContain(
      "hunter2",
    );
    expect(context.readerAt("bob@there's password: ", SEEN).program).toBe("ssh");
  });

  it("at a shell's prompt without echo, is told by names of programs that people know, and no others", () => {
    const context = createLineContext(createPromptBook());
    const shell = { context: "shell", prompt: "primary" } as const;
    context.ran({ programs: ["hunter2", "python3"], complete: true, unseen: true }, shell);
    const reader = context.readerAt(">>> ", SEEN);
    expect(reader.program).toBe("python3");
    expect(JSON.stringify(reader)).not.toContain("hunter2");
  });
});
