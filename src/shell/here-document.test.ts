import { describe, expect, it } from "vitest";
import { openHereDocument, withoutBody } from "./index.js";
import { LINE_CHARS_MAX } from "./limits.js";

const LONG = "a line of text\n".repeat(LINE_CHARS_MAX / 8);

describe("an open here-document", () => {
  it.each([
    ["cat <<EOF\n", { delimiter: "EOF", stripsTabs: false, joining: false }],
    ["cat > f <<-'END'\ntext\n", { delimiter: "END", stripsTabs: true, joining: false }],
    ["cat <<EOF\ntext \\\n", { delimiter: "EOF", stripsTabs: false, joining: true }],
  ])("is known by its delimiter: %j", (text, open) => {
    expect(openHereDocument(text)).toEqual(open);
  });

  it.each([
    "cat <<EOF\nEOF\n",
    "cat <<A <<B\n",
    "echo $((1<<EOF))\n",
    'cat <<E"O"F\n',
    "echo '<<EOF\n",
  ])("is not guessed: %j", (text) => {
    expect(openHereDocument(text)).toBeNull();
  });
});

describe("a here-document that is too long to read", () => {
  it("is left out where it is data, with all that follows it", () => {
    expect(withoutBody(`cat > f <<EOF\n${LONG}EOF\necho x`)).toBe("cat > f <<EOF\nEOF\necho x");
  });

  it.each([
    `bash <<EOF\n${LONG}EOF`,
    `cat <<EOF | sh\n${LONG}EOF`,
    `{ cat <<EOF\n${LONG}EOF\n} | sh`,
    `cat <<EOF\n${LONG}$(id)\nEOF`,
  ])("counts where it may be code", (text) => {
    expect(withoutBody(text)).toBeNull();
  });
});
