import { describe, expect, it } from "vitest";
import { field } from "../words/text.js";
import { withoutOtherRecipes } from "./make-goals.js";

const FILE = [
  "CC = gcc",
  "all: build",
  "\techo all",
  "build: src",
  "\techo build",
  "wipe: ; echo wiped",
  "\techo wipe",
];

function recipes(lines: readonly string[], ...words: readonly string[]): readonly string[] {
  return withoutOtherRecipes(lines, ["make", ...words].map(field)).flatMap(
    (line) => /echo (\w+)/.exec(line)?.[1] ?? [],
  );
}

describe("recipes that make runs", () => {
  it("are those of the first target and of what it needs", () =>
    expect(recipes(FILE)).toEqual(["all", "build"]));
  it("are those of the targets that are named", () =>
    expect(recipes(FILE, "-j4", "CC=clang", "-C", "src", "wipe")).toEqual(["wiped", "wipe"]));
  it("are none when it only shows them, but those that run all the same", () => {
    expect(recipes(FILE, "-n")).toEqual([]);
    expect(recipes(["all:", "\t+echo sub", "\t@echo no"], "--dry-run")).toEqual(["sub"]);
    expect(recipes(["all:", "\tx $(shell echo always)"], "-n")).toEqual(["always"]);
  });
  it.each([
    ["another file belongs to it", "include more.mk"],
    ["a make runs in it", "x: ; $(MAKE) wipe"],
    ["rules are made by a function", "$(eval $(call wipe))"],
    ["targets are patterns", "%.o: %.c"],
    ["another goal comes first", ".DEFAULT_GOAL := wipe"],
    ["names of targets are computed", "$(X): y"],
  ])("may be any where %s", (_why, line) =>
    expect(recipes([...FILE, line])).toEqual(expect.arrayContaining(["all", "wiped", "wipe"])),
  );
});
