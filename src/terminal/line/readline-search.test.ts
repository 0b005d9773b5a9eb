import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { createReadlineSearch, type Searched } from "./readline-search.js";
import { createSessionHistory } from "./session-history.js";

function historyOf(lines: readonly (string | null)[], unsure: readonly number[] = []) {
  const history = createSessionHistory();
  lines.forEach((line, index) => {
    history.add(line, { sure: !unsure.includes(index), endSure: true });
  });
  return history;
}

function searchIn(lines: readonly (string | null)[], text = "", unsure: readonly number[] = []) {
  const start = { text, point: Array.from(text).length, place: lines.length, sure: true };
  return createReadlineSearch(historyOf(lines, unsure), start);
}

function type(search: ReturnType<typeof searchIn>, pattern: string): Searched | null {
  for (const character of pattern) search.typed(character);
  return search.found;
}

describe("readline's search in what the session has run", () => {
  it("finds the newest line, and the last place in it", () => {
    const search = searchIn(["ls al", "say al al", "cd"]);
    expect(type(search, "al")).toEqual({ text: "say al al", point: 7, place: 1, sure: true });
  });

  it("looks at the line that is typed first", () => {
    expect(type(searchIn(["say al"], "echo al"), "al")).toMatchObject({ text: "echo al" });
  });

  it("goes on with Ctrl-R within the line, and then to older ones that are different", () => {
    const search = searchIn(["older al", "al al", "al al"]);
    type(search, "al");
    search.again("");
    expect(search.found).toMatchObject({ place: 2, point: 0 });
    search.again("");
    expect(search.found).toMatchObject({ text: "older al", place: 0 });
  });

  it("takes what was looked for before when nothing is typed", () => {
    const search = searchIn(["say pin"]);
    search.again("pin");
    expect(search.found).toMatchObject({ text: "say pin", point: 4 });
  });

  it("does not know what the history held before the session, or what was typed unseen", () => {
    expect(type(searchIn(["say al"]), "zz")).toBeNull();
    expect(type(searchIn(["say al", null, "cd"]), "al")).toBeNull();
  });

  it("is not sure where a line on the way was read with doubt", () => {
    expect(type(searchIn(["say al", "cd"], "", [1]), "al")).toMatchObject({ sure: false });
    expect(type(searchIn(["cd", "say al"], "", [0]), "al")).toMatchObject({ sure: true });
  });

  it("finds only what holds the pattern, as the newest line that does", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "日", " "), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), text, (lines, pattern) => {
        fc.pre(pattern !== "");
        const found = type(searchIn(lines), pattern);
        const place = lines.findLastIndex((line) => line.includes(pattern));
        if (place < 0) return found === null;
        return found?.text === lines[place] && found?.place === place;
      }),
      { seed },
    );
  });
});
