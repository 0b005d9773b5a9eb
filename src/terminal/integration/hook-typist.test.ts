import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../kernel/index.js";
import { createHookTypist, type HookTypist } from "./hook-typist.js";
import { hooksFor } from "./hooks.js";

const SIZE = { columns: 60, rows: 8 };
const NONCE = "cafe0002";
const EDITOR = "\x1b[?2004h";

function typistAt(screen: string, shell: "bash" | "zsh" = "bash"): HookTypist {
  return createHookTypist(hooksFor(shell, NONCE), { size: SIZE, screen: encodeUtf8(screen) });
}
const print = (typist: HookTypist, text: string): void => typist.printed(encodeUtf8(text));
const ready = { kind: "ready", count: 1, shell: "bash" } as const;
const prompt = { kind: "prompt", count: 2, exitCode: 0, cwd: "/" } as const;

/** The shell echoes, runs, tells, and draws its prompt. */
function answers(typist: HookTypist, drawn: string): void {
  expect(typist.next().length).toBeGreaterThan(0);
  print(typist, `${"hooks ".repeat(60)}\r\n\x1b[?2004l\r`);
  typist.marked(ready);
  typist.marked(prompt);
  print(typist, drawn);
}

describe("typing hooks at a prompt", () => {
  it("is done when the prompt stands there again, wherever the screen has scrolled to", () => {
    const typist = typistAt(`Welcome.\r\n${EDITOR}lab> `);
    answers(typist, `${EDITOR}lab> `);
    expect(typist.state).toBe("done");
    expect(typist.ready).toBe(true);
  });

  it("is not done before all of the prompt is drawn", () => {
    const typist = typistAt(`${EDITOR}[/srv]\r\nlab> `);
    answers(typist, `${EDITOR}[/sr`);
    expect(typist.state).toBe("elsewhere");
    print(typist, "v]\r\nlab> ");
    expect(typist.state).toBe("done");
  });

  it("sees that the upper row of a prompt is another one", () => {
    const typist = typistAt(`${EDITOR}[/srv]\r\nlab> `);
    answers(typist, `${EDITOR}[/tmp]\r\nlab> `);
    expect(typist.state).toBe("elsewhere");
    expect(decodeUtf8(typist.shown())).toBe(`\r\n${EDITOR}[/tmp]\r\nlab> `);
  });

  it("takes a clock that has gone on for the same prompt", () => {
    const typist = typistAt(`${EDITOR}12:59:59 lab> `);
    answers(typist, `${EDITOR}13:00:00 lab> `);
    expect(typist.state).toBe("done");
  });

  it("gives each thing to type once, and the next when the shell has answered", () => {
    const typist = typistAt(`lab> \x1b[K${EDITOR}`, "zsh");
    expect(decodeUtf8(typist.next())).toMatch(/\t$/);
    expect(typist.next()).toHaveLength(0);
    print(typist, "x\b${__chp_o\b\boffon");
    expect(decodeUtf8(typist.next()).startsWith("\x15 ")).toBe(true);
    expect(typist.state).toBe("typing");
  });

  it("fails at once when an editor begins a line and nothing was told", () => {
    const typist = typistAt(`${EDITOR}lab> `);
    typist.next();
    print(typist, `hooks\r\n\x1b[?2004l\rsyntax error\r\n${EDITOR}lab> `);
    expect(typist.state).toBe("done");
    expect(typist.ready).toBe(false);
  });

  it("clears the line when it is given up where nothing was entered, and only there", () => {
    const zsh = typistAt(`lab> \x1b[K${EDITOR}`, "zsh");
    zsh.next();
    expect(decodeUtf8(zsh.giveUp())).toBe("\x15");
    expect(zsh.giveUp()).toHaveLength(0);
    const bash = typistAt(`${EDITOR}lab> `);
    bash.next();
    expect(bash.giveUp()).toHaveLength(0);
  });

  it("shows where the cursor stands, and not what was typed, when nothing was told", () => {
    const typist = typistAt(`${EDITOR}lab> `);
    typist.next();
    print(typist, "hooks hooks\r\nlogin: \x1b[1m");
    typist.giveUp();
    expect(decodeUtf8(typist.shown())).toBe("\r\nlogin: ");
  });

  it("goes on when the window changes", () => {
    const typist = typistAt(`${EDITOR}lab> `);
    typist.next();
    typist.resized({ columns: 40, rows: 5 });
    print(typist, `${"hooks ".repeat(60)}\r\n\x1b[?2004l\r`);
    typist.marked(ready);
    typist.marked(prompt);
    print(typist, `${EDITOR}lab> `);
    expect(typist.state).toBe("done");
  });
});
