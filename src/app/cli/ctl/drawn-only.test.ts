import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDrawnOnly } from "./drawn-only.js";

const ESC = "\u001b";
const drawn = (text: string): string => createDrawnOnly().pass(text);

describe("what a watched terminal may do to the watcher's", () => {
  it.each([
    ["colours and text", `a${ESC}[1;38:5:196mred${ESC}[0m häßlich 漢字 🙂\r\n`],
    ["the cursor and erasing", `${ESC}[2J${ESC}[H${ESC}[10;5H${ESC}[K${ESC}7${ESC}8${ESC}M\b\t`],
    ["an editor's screen", `${ESC}[?1049h${ESC}[?25l${ESC}[1;24r${ESC}[3L${ESC}[?1049l`],
    ["line drawing", `${ESC}(0lqqk${ESC}(B\u000e\u000f`],
  ])("draws: %s", (_what, text) => {
    expect(drawn(text)).toBe(text);
  });

  it.each([
    ["asks where the cursor is", `${ESC}[6n`],
    ["asks what it is", `${ESC}[c${ESC}[>0c${ESC}[=c${ESC}Z\u0005`],
    ["asks for its title", `${ESC}[21t${ESC}[20t`],
    ["asks for a setting", `${ESC}P$qm${ESC}\\${ESC}[?1$p${ESC}[x`],
    ["sets its title", `${ESC}]0;rm -rf x\u0007`],
    ["sets its clipboard", `${ESC}]52;c;ZWNobw==${ESC}\\`],
    ["hides a link behind a text", `${ESC}]8;;http://127.0.0.1/\u0007${ESC}]8;;\u0007`],
    ["switches the mouse on", `${ESC}[?1000;1006h${ESC}[?1004h${ESC}[?2004h`],
    ["changes what its keys send", `${ESC}[>4;2m${ESC}[=1u${ESC}[>1u`],
    ["locks its keyboard", `${ESC}[2h`],
    ["starts a program's own data", `${ESC}_Gi=1;AAAA${ESC}\\${ESC}^x${ESC}\\${ESC}Xx${ESC}\\`],
    ["does the same in eight bits", "\u009b6n\u009d52;c;eA==\u009c\u0090$qm\u009c"],
    ["goes on without end", `${ESC}[${"1;".repeat(400)}m`],
  ])("leaves out what %s", (_what, text) => {
    expect(drawn(`<${text}>`)).toBe("<>");
  });

  it("keeps of several modes those that draw", () => {
    expect(drawn(`${ESC}[?1000;25;2004l`)).toBe(`${ESC}[?25l`);
  });

  it("looks through numbers without end once: who is watched can not hold up the watcher", () => {
    // A look that goes back over 200 digits in every way they could be grouped would never end.
    const digits = "1".repeat(200);
    expect(drawn(`${ESC}[${digits}q after`)).toBe(" after");
    expect(drawn(`${ESC}[${"1;".repeat(120)}q after`)).toBe(" after");
    expect(drawn(`${ESC}[38:2::10:20:30;1m`)).toBe(`${ESC}[38:2::10:20:30;1m`);
  });

  it("knows a sequence however it is cut", () => {
    const pieces = fc.constantFrom(
      ...[ESC, "[", "]", "P", "\\", "?", ";", "1", "6", "n", "m", "h", "52;c;", "\u0007", "\u009b"],
      ...["text", "(", "0", " q", "\r\n", "\u009c", "\u0018", "漢"],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const whole = drawn(parts.join(""));
        const filter = createDrawnOnly();
        expect(parts.map((part) => filter.pass(part)).join("")).toBe(whole);
        // What was let through holds nothing that would be left out.
        expect(drawn(whole)).toBe(whole);
        // eslint-disable-next-line no-control-regex -- control characters are what this is about
        expect(whole).not.toMatch(/\u001b[\]PX^_Z]|\u001b\[[^a-zA-Z@`]*[cntxy]|[\u0080-\u009f]/);
      }),
    );
  });
});
