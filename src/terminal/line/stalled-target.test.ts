import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const MARK = "\x1b[?2004h";
const OVER = "\x1b[?2004l";

/** At bash, behind its first command; keys are answered within a few milliseconds. */
function atBash() {
  const bash = transcript();
  bash.prints(`${MARK}$ `);
  bash.typesEchoed("true");
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}$ `);
  return bash;
}

describe("a target that does not answer Enter", () => {
  it("is not taken to go on with the line", () => {
    const bash = atBash();
    bash.typesEchoed("sleep 1");
    bash.types("\r");
    bash.types("say ahead");
    bash.wait(300);
    expect(bash.settled()).toBe(false);
    bash.prints(`\r\n${OVER}\rsay ahead`);
    bash.wait(50);
    expect(bash.settled()).toBe(true);
    const reading = bash.reads();
    expect(reading).toMatchObject({ text: "say ahead", hidden: false });
    expect(reading.candidates).toEqual(["say ahead"]);
  });

  it("is read with what was typed since, however long it says nothing", () => {
    const bash = atBash();
    bash.typesEchoed("sleep 1");
    bash.types("\r");
    bash.types("say ahead");
    for (let waited = 0; waited < 6_000 && !bash.settled(); waited += 50) bash.wait(50);
    expect(bash.settled()).toBe(true);
    const reading = bash.reads();
    expect(reading.candidates).toContain("say ahead");
    expect(reading.hidden || reading.confidence < 0.9).toBe(true);
  });

  it("is read with what was typed since, where its answer was something else", () => {
    const bash = atBash();
    bash.typesEchoed("sleep 1");
    bash.types("\r");
    bash.types("say ahead");
    bash.prints("\x07");
    for (let waited = 0; waited < 6_000 && !bash.settled(); waited += 50) bash.wait(50);
    const reading = bash.reads();
    expect(reading.candidates.some((one) => one.includes("say ahead"))).toBe(true);
    expect(reading.confidence).toBeLessThan(0.9);
  });
});
