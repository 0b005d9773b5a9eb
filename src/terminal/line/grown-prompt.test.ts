import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

/** As zle draws a prompt, what is put into the line in advance, and the mark. */
const prompt = (shown: string): string =>
  `\r\x1b[0m\x1b[27m\x1b[24m\x1b[J${shown}\x1b[K\x1b[?2004h`;
const ARROW = "\x1b[32m➜ \x1b[39m \x1b[36mone\x1b[39m ";
const BRANCH = "\x1b[34mgit:(\x1b[31mmain\x1b[34m)\x1b[39m ";
const over = "\x1b[?2004l\r\r\n";

function lineAt(shown: string, keys: string) {
  const target = transcript();
  target.prints(prompt(ARROW));
  target.typesEchoed("ls");
  target.types("\r");
  target.prints(over);
  target.prints(prompt(ARROW));
  target.typesEchoed("id");
  target.types("\r");
  target.prints(`${over}${prompt(shown)}`);
  target.wait(500);
  target.typesEchoed(keys);
  return target;
}

describe("a prompt of zsh that ends like none", () => {
  it("is told from the line when it shows for the first time", () => {
    const target = transcript();
    target.prints(prompt(ARROW));
    target.typesEchoed("rm -rf x");
    expect(target.reads()).toMatchObject({ text: "rm -rf x", confidence: 1 });
  });

  it("may have grown by a branch", () => {
    const { text, confidence } = lineAt(ARROW + BRANCH, "rm -rf x").reads();
    expect({ text, confidence }).toEqual({ text: "rm -rf x", confidence: 1 });
  });

  it("is no prompt where a line in plain letters was put behind it", () => {
    const reading = lineAt(`${ARROW}rm -rf`, " x").reads();
    expect(reading.candidates).toContain("rm -rf x");
    expect(reading.text).toBe("rm -rf x");
  });

  it("and has changed, is judged in both ways where it ends in plain letters", () => {
    const reading = lineAt("➜ rm ", "-rf x").reads();
    expect(reading.candidates).toContain("rm -rf x");
    expect(reading.confidence).toBeLessThan(0.9);
  });

  it("takes its line along when it is drawn once more", () => {
    const target = lineAt(ARROW, "rm -");
    target.prints(`\r\r\x1b[0m\x1b[27m\x1b[24m\x1b[J${ARROW}${BRANCH}rm -\x1b[K`);
    expect(target.settled()).toBe(true);
    target.typesEchoed("rf x");
    expect(target.reads()).toMatchObject({ text: "rm -rf x", confidence: 1 });
  });
});

describe("an exclamation mark in zsh", () => {
  it("is judged with its expansion and without: a profile can switch that off", () => {
    const target = lineAt(ARROW, "echo !!");
    expect(target.reads()).toMatchObject({ text: "echo id", confidence: 0.95 });
    expect(target.reads().candidates).toContain("echo !!");
  });
});
