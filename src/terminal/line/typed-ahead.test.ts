import { describe, expect, it } from "vitest";
import { createSessionHistory } from "./session-history.js";
import { transcript } from "./transcript.testing.js";
import { takenByReadline } from "./typed-ahead.js";

describe("a line that was typed ahead of readline", () => {
  it("is what the keys in it make of it", () => {
    const history = createSessionHistory();
    history.add("say one");
    expect(takenByReadline("say two\u0001x\u0005 y", history)).toBe("xsay two y");
    expect(takenByReadline("\u001b[A more", history)).toBe("say one more");
    expect(history.at(0)).toBe("say one");
  });

  it("is nothing else where no key is in it, or the history does not tell", () => {
    const history = createSessionHistory();
    expect(takenByReadline("say two", history)).toBeNull();
    expect(takenByReadline("\u001b[A", history)).toBeNull();
  });

  it("is told so, and judged as it stands too", () => {
    const bash = transcript();
    bash.prints("\x1b[?2004h$ ");
    bash.typesEchoed("sleep 1");
    bash.types("\r");
    bash.prints("\r\n\x1b[?2004l\r");
    bash.types("say\u0001x\u0005");
    bash.prints("say^Ax^E");
    const reading = bash.reads();
    expect(reading).toMatchObject({ text: "xsay" });
    expect(reading.confidence).toBeLessThan(0.9);
    expect(reading.candidates).toContain("say\u0001x\u0005");
  });
});
