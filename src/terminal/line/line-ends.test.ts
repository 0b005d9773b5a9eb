import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const MARK = "\x1b[?2004h";
const OVER = "\x1b[?2004l";
const LEFT = "\x1b[D";

/** At bash, behind `say before one`; keys are answered within a few milliseconds. */
function atBash() {
  const bash = transcript();
  bash.prints(`${MARK}$ `);
  bash.typesEchoed("say before one");
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}$ `);
  return bash;
}

function entersAndExpands(bash: ReturnType<typeof atBash>, reference: string) {
  bash.wait(500);
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}$ `);
  bash.typesEchoed(reference);
  return bash.reads();
}

describe("blanks at the end of a line that its editor put something into", () => {
  it("are kept in the history, though the cursor stands in front of them", () => {
    const bash = atBash();
    bash.typesEchoed("say x ");
    bash.types(LEFT, "");
    bash.prints("\b");
    bash.types("\x1b.");
    bash.prints("one \b");
    const reading = entersAndExpands(bash, "!! more");
    expect(bash.readings.at(-1)).toMatchObject({ text: "say xone ", hidden: false });
    expect(reading.text).toBe("say xone  more");
  });

  it("leave what the history makes of it doubtful when they are not known", () => {
    const bash = atBash();
    bash.wait(500);
    // A command from before the session, with its point at the beginning.
    bash.types("\x10\x10\x01");
    bash.prints("\x1b[Kls -l\r\x1b[C\x1b[C");
    const reading = entersAndExpands(bash, "!! more");
    expect(bash.readings.at(-1)).toMatchObject({ text: "ls -l" });
    expect(reading.text).toBe("ls -l more");
    expect(reading.confidence).toBeLessThan(0.9);
    expect(reading.candidates).toContain("ls -l  more");
  });

  it("change nothing where nothing follows them", () => {
    const bash = atBash();
    bash.wait(500);
    bash.types("\x10\x10\x01");
    bash.prints("\x1b[Kls -l\r\x1b[C\x1b[C");
    expect(entersAndExpands(bash, "!!")).toMatchObject({ text: "ls -l", confidence: 0.99 });
  });
});
