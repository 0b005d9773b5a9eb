import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { createReferenceTerminal } from "./reference-terminal.testing.js";
import { columnsOf } from "./width.js";

const DIFFERENCES = new URL("../../../fixtures/screen/width-differences.txt", import.meta.url);
const LAST = 0x10ffff;
const FIRST = 0xa0;

describe("the columns of a character", () => {
  it("are what shells on Debian believe", () => {
    const columns = (text: string): number[] =>
      Array.from(text, (c) => columnsOf(c.codePointAt(0) ?? 0));
    expect(columns("aé─€ж")).toEqual([1, 1, 1, 1, 1]);
    expect(columns("漢字かな한글ＡＢ，")).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(columns("🙂🚀⌚⚡✅")).toEqual([2, 2, 2, 2, 2]);
    expect(columns("☎❤✔")).toEqual([1, 1, 1]);
    expect(columns("\u0301\u0483\u200b\u200d\ufe0f\u{e0100}\u1160")).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(columns("\u00ad\u{20000}\u{3fffd}\u{10ffff}")).toEqual([1, 2, 1, 1]);
  });

  it("differ from those of xterm.js (Unicode 6) only where the list says", () => {
    const listed = readFileSync(DIFFERENCES, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(differences()).toEqual(listed);
  });
});

/** `first-last ours theirs` of each range in which the two differ, in hexadecimal. */
function differences(): string[] {
  const reference = createReferenceTerminal(80, 24);
  const found: string[] = [];
  let first = FIRST;
  let kind = "";
  for (let code = FIRST; code <= LAST + 1; code += 1) {
    const here = code <= LAST ? `${columnsOf(code)} ${reference.columnsOf(code)}` : "end";
    if (here === kind) continue;
    if (kind !== "" && kind[0] !== kind[2]) {
      found.push(`${first.toString(16)}-${(code - 1).toString(16)} ${kind}`);
    }
    first = code;
    kind = here;
  }
  return found;
}
