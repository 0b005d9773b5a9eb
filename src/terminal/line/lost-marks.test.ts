import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const MARK = "\x1b[?2004h";
const OVER = "\x1b[?2004l";
const PREVIOUS = "\x10";
/** Behind a prompt of five columns its accent is the first thing in the second row of twenty columns. */
const LINE = "abcdefghijklmne\u0301a";
/** As readline draws it: the letter fills the row, a blank makes the cursor go on, then comes the accent. */
const DRAWN = "abcdefghijklmne \r\u0301a";

function atBash() {
  const bash = transcript({ columns: 20 });
  bash.prints(`${MARK}lab$ `);
  bash.typesEchoed("true");
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}lab$ `);
  return bash;
}

/** A line from before the session, behind the one that is known, is brought, and the person looks at it. */
function atRecalled(drawn: string) {
  const bash = atBash();
  bash.types(PREVIOUS + PREVIOUS);
  bash.prints(drawn);
  bash.wait(3_000);
  return bash;
}

/** The same ran, read without its accent, and a prompt came. */
function behindMisread(prompt: string) {
  const bash = atRecalled(DRAWN);
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}${prompt}`);
  bash.wait(3_000);
  return bash;
}

describe("an accent that the screen loses at its margin", () => {
  it("makes a line doubtful that is read off the screen", () => {
    expect(atRecalled(DRAWN).reads().confidence).toBeLessThan(0.9);
  });

  it("makes it doubtful still when the person types on", () => {
    const bash = atRecalled(DRAWN);
    bash.typesEchoed(" zz");
    bash.wait(3_000);
    expect(bash.reads().confidence).toBeLessThan(0.9);
  });

  it("is not made up for by a recall that loses it again", () => {
    const bash = behindMisread("lab$ ");
    bash.types(PREVIOUS);
    bash.prints(DRAWN);
    bash.wait(3_000);
    expect(bash.reads().confidence).toBeLessThan(0.9);
  });

  it("is not passed over where a recall shows it", () => {
    const bash = behindMisread("$ ");
    bash.types(PREVIOUS);
    bash.prints(LINE);
    bash.wait(3_000);
    const { confidence, candidates } = bash.reads();
    expect(confidence).toBeLessThan(0.9);
    expect(candidates).toContain(LINE);
  });

  it("takes nothing from a line that was typed", () => {
    const bash = atBash();
    bash.types(LINE);
    bash.prints(DRAWN);
    bash.wait(3_000);
    expect(bash.reads()).toMatchObject({ text: LINE, confidence: 1 });
  });

  it("takes nothing from a typed line that is brought again", () => {
    const bash = atBash();
    bash.types(LINE);
    bash.prints(DRAWN);
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}lab$ `);
    bash.types(PREVIOUS);
    bash.prints(DRAWN);
    bash.wait(3_000);
    expect(bash.reads()).toMatchObject({ text: LINE, confidence: 0.99 });
  });

  it("takes nothing from the lines behind it", () => {
    const bash = behindMisread("lab$ ");
    bash.types(PREVIOUS.repeat(3));
    bash.prints("say plain");
    bash.wait(3_000);
    expect(bash.reads()).toMatchObject({ text: "say plain", confidence: 0.95 });
  });
});

describe("an accent within the row", () => {
  it("is read off the screen", () => {
    const bash = atRecalled("say e\u0301a");
    bash.typesEchoed(" zz");
    bash.wait(3_000);
    expect(bash.reads()).toMatchObject({ text: "say e\u0301a zz", confidence: 0.99 });
  });
});
