import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const BACK = "\x7f";
const CLEAR = "\b \b";

/** At a shell that leaves its lines to the kernel (dash), behind its first command. */
function atDash(modes?: Readonly<Record<string, number>>) {
  const dash = transcript(modes === undefined ? {} : { modes });
  dash.prints("$ ");
  dash.typesEchoed("true");
  dash.types("\r");
  dash.prints("\r\n$ ");
  return dash;
}

describe("a line that the kernel edits", () => {
  it.each([
    { what: "a character of two columns", typed: ["日"], key: BACK, cells: 1, left: "say " },
    { what: "a mark of no column", typed: ["e", "\u0301"], key: BACK, cells: 1, left: "say e" },
    { what: "a word of wide characters", typed: ["日", "本"], key: "\x17", cells: 2, left: "say " },
    { what: "a control character", typed: ["a", "\x01"], key: BACK, cells: 2, left: "say a" },
    { what: "everything", typed: ["a", "日", "b"], key: "\x15", cells: 7, left: "" },
  ])("is known after $what was taken back", ({ typed, key, cells, left }) => {
    const dash = atDash();
    dash.typesEchoed("say ");
    for (const character of typed) {
      dash.types(character);
      dash.prints(character === "\x01" ? "^A" : character);
    }
    dash.types(key);
    dash.prints(CLEAR.repeat(cells));
    dash.typesEchoed("x y");
    expect(dash.reads()).toMatchObject({ text: `${left}x y`, confidence: 1, hidden: false });
  });

  it("is settled as soon as the kernel has shown all of it", () => {
    const dash = atDash();
    dash.types(`say 日${BACK}x`);
    expect(dash.settled()).toBe(false);
    dash.prints(`say 日${CLEAR}`);
    expect(dash.settled()).toBe(false);
    dash.prints("x");
    expect(dash.settled()).toBe(true);
  });

  it("is known when it was typed ahead of the prompt", () => {
    const dash = atDash();
    dash.typesEchoed("sleep 1");
    dash.types("\r");
    dash.prints("\r\n");
    dash.types(`say 日${BACK}x`);
    dash.prints(`say 日${CLEAR}x`);
    dash.prints("$ ");
    dash.typesEchoed(" y");
    expect(dash.reads()).toMatchObject({ text: "say x y" });
    expect(dash.reads().confidence).toBeGreaterThanOrEqual(0.9);
  });

  it("begins behind all the prompts that lines typed ahead have left", () => {
    const dash = atDash();
    dash.typesEchoed("sleep 1");
    dash.types("\r");
    dash.prints("\r\n");
    dash.typesEchoed("true");
    dash.types("\r");
    dash.prints("\r\n$ $ ");
    dash.wait(500);
    dash.typesEchoed("say z");
    dash.types(BACK);
    dash.prints(CLEAR);
    expect(dash.reads()).toMatchObject({ text: "say ", confidence: 1 });
  });

  it("is not sure where something stood before the first key", () => {
    const dash = atDash();
    dash.prints("rm -rf x;");
    dash.wait(500);
    dash.typesEchoed("ls");
    expect(dash.reads().confidence).toBeLessThan(0.9);
    expect(dash.reads().candidates).toContain("rm -rf x;ls");
  });

  it("is not sure where the kernel cuts characters apart", () => {
    const dash = atDash({ ECHO: 1, ICANON: 1, VERASE: 127 });
    dash.typesEchoed("say é");
    dash.types(BACK);
    dash.prints(CLEAR);
    dash.typesEchoed("x");
    expect(dash.reads().confidence).toBeLessThan(0.9);
  });

  it("is an editor's where what it draws is not the kernel's", () => {
    const mksh = atDash();
    mksh.typesEchoed("say 日");
    mksh.types(BACK);
    mksh.prints("\b\b  \b\b");
    mksh.typesEchoed("x");
    expect(mksh.reads().confidence).toBeLessThan(1);
  });

  it("is no command for certain where Ctrl-D was a key of an editor's", () => {
    const mksh = atDash();
    mksh.types("say x\x02\x04", "say x\b");
    expect(mksh.readings.at(-1)?.confidence).toBeLessThan(0.9);
  });

  it("is no command for certain where Ctrl-D gives a shell the beginning of it", () => {
    const dash = atDash();
    dash.typesEchoed("say one");
    dash.types("\x04");
    expect(dash.readings.at(-1)?.text).toBe("say one");
    expect(dash.readings.at(-1)?.confidence).toBeLessThan(0.9);
  });

  it("is not nothing where something was typed and nothing shows", () => {
    const ash = atDash();
    ash.types("\x1b[A");
    ash.wait(500);
    ash.types(" more");
    ash.wait(5_000);
    expect(ash.reads().text).toContain("more");
    expect(ash.reads().confidence).toBeLessThan(0.9);
  });
});
