import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../kernel/index.js";
import { createDialectWatch, type Dialect } from "./dialect.js";

const MARK = "\x1b[?2004h";

function seen(printed: string, behindText: boolean): Dialect {
  const watch = createDialectWatch();
  const bytes = encodeUtf8(printed + MARK);
  watch.printed(bytes, 0, bytes.length);
  watch.marked(behindText);
  return watch.current;
}

describe("whose editor it is", () => {
  it.each([
    ["zle, back from a right prompt", "lab> \x1b[K\x1b[60C[right]\x1b[68D", true, "zle"],
    ["zle without one", "lab> \x1b[K", true, "zle"],
    ["readline in an empty row", "\r\n", false, "readline"],
    ["readline behind what was typed ahead", "\r\nsay LOUD", true, "readline"],
    ["readline behind a number and a letter", "\r\nsay [42D", true, "readline"],
    ["fish behind its sign for a missing newline", "\u23ce \r\x1b[K", false, "fish"],
  ] as const)("%s", (_, printed, behindText, dialect) => {
    expect(seen(printed, behindText)).toBe(dialect);
  });
});
