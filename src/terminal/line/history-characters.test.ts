import { describe, expect, it } from "vitest";
import type { LineReading } from "../../model/index.js";
import { charactersAfter, exchanged, USUAL_CHARACTERS } from "./history-characters.js";
import { expandHistory } from "./history-expansion.js";
import { createSessionHistory } from "./session-history.js";

const reading = (text: string): LineReading => ({
  text,
  source: "both",
  confidence: 1,
  candidates: [text],
  hidden: false,
  context: "shell",
  prompt: "primary",
});

describe("other characters for history expansion", () => {
  it.each([
    ["histchars='@^#'", { expand: "@", substitute: "^" }],
    ['true; HISTCHARS="%="', { expand: "%", substitute: "=" }],
    ["histchars=@", { expand: "@", substitute: "^" }],
    ["histchars=", { expand: "", substitute: "" }],
    ["unset histchars", USUAL_CHARACTERS],
    ["echo hello", "unchanged"],
    ["histchars=$x", null],
    ["read histchars", null],
  ])("are learnt from %s", (line, characters) => {
    expect(charactersAfter(line)).toEqual(characters);
  });

  it("change places, and back", () => {
    const characters = { expand: "@", substitute: "%" };
    const line = "a @! b%^c";
    expect(exchanged(line, characters)).toBe("a !@ b^%c");
    expect(exchanged(exchanged(line, characters), characters)).toBe(line);
  });

  it("expand as the usual ones do", () => {
    const history = createSessionHistory();
    history.add("rm -rf x!");
    const characters = { expand: "@", substitute: "%" };
    const expanded = expandHistory(reading("sudo @@"), history, characters);
    expect(expanded).toMatchObject({ text: "sudo rm -rf x!", typed: "sudo @@" });
    expect(expandHistory(reading("%rm%ls"), history, characters).text).toBe("ls -rf x!");
    expect(expandHistory(reading("echo !!"), history, characters).text).toBe("echo !!");
    const none = { expand: "", substitute: "" };
    expect(expandHistory(reading("echo !! ^a"), history, none).text).toBe("echo !! ^a");
  });
});
