import { describe, expect, it } from "vitest";
import type { LineReading } from "../../model/index.js";
import { rerun } from "./history-command.js";
import { createSessionHistory } from "./session-history.js";

const LINES = ["say one", "echo two one", "for x in 1\ndo y; done"];

function read(text: string, lines: readonly (string | null)[] = LINES.slice(0, 2)): LineReading {
  const history = createSessionHistory();
  for (const line of lines) history.add(line);
  const reading: LineReading = {
    text,
    source: "both",
    confidence: 1,
    candidates: [text],
    hidden: false,
    context: "shell",
    prompt: "primary",
  };
  return rerun(reading, history);
}

describe("a command from before that fc runs again", () => {
  it.each([
    ["fc -s", "echo two one"],
    ["fc -s -2", "say one"],
    ["fc -s say", "say one"],
    ["fc -s one=1", "echo two 1"],
    ["fc -s one=1 two=2 ec", "echo 2 1"],
    [" fc  -s  one=  say ", "say "],
  ])("%j runs %j", (line, runs) => {
    expect(read(line)).toMatchObject({ text: runs, typed: line, confidence: 0.99 });
    expect(read(line).candidates).toEqual([runs, line]);
  });

  it.each([
    "fc -s 5",
    "fc -s nothing",
    "fc -s -9",
    "fc -l",
    "fc",
    "fc -s; ls",
    "fc -s 'a b'=c",
    "fc -e vi",
  ])("%j stays as it is", (line) => {
    expect(read(line)).toMatchObject({ text: line, candidates: [line] });
  });

  it("stays as it is where the command is not known, or has several lines", () => {
    expect(read("fc -s", ["ls", null]).text).toBe("fc -s");
    expect(read("fc -s l", ["ls", null]).text).toBe("fc -s l");
    expect(read("fc -s", LINES).text).toBe("fc -s");
  });
});
