import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const MARK = "\x1b[?2004h";
const OVER = "\x1b[?2004l";
/** Longer than a row of 30 columns: it ends behind the first part of the second. */
const PROMPT = "alice@host-of-a-long-name:/srv/www/one$ ";

function atBash() {
  const bash = transcript({ columns: 30 });
  bash.prints(`${MARK}${PROMPT}`);
  bash.typesEchoed("say one");
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}${PROMPT}`);
  return bash;
}

describe("a prompt that is longer than a row", () => {
  it("leaves no doubt about what is typed behind it", () => {
    const bash = atBash();
    bash.typesEchoed("say two");
    expect(bash.reads()).toMatchObject({ text: "say two", confidence: 1, context: "shell" });
    expect(bash.readings).toMatchObject([{ text: "say one", confidence: 1 }]);
  });

  it("leaves none about what the shell puts there", () => {
    const bash = atBash();
    bash.wait(500);
    bash.types("\x10");
    bash.prints("say one");
    bash.wait(500);
    expect(bash.reads()).toMatchObject({ text: "say one", confidence: 0.99 });
    bash.types("\x0f");
    bash.prints(`\r\n${OVER}\r${MARK}${PROMPT}say next`);
    bash.wait(500);
    expect(bash.reads()).toMatchObject({ text: "say next", context: "shell" });
  });
});
