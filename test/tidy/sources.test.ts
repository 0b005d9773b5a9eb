// The house rules that no compiler knows: names, sizes, tests beside their sources, nothing left over.
import { basename, dirname, join, normalize } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

import { isSource, isTest, projectFiles, readProject } from "./project.testing.js";

/** Words that say nothing about what a file holds. */
const EMPTY_NAMES = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "misc",
  "manager",
  "base",
  "impl",
]);
const LINES_MAX = 400;
/** Less logic than this is seen by whoever reads it. */
const LOGIC_LINES_WITHOUT_TEST_MAX = 30;

/** Sources whose tests stand elsewhere, each with the place or the reason. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {};

const files = projectFiles();
const existing = new Set(files);
const sources = files.filter(isSource);

describe("names", () => {
  it("say what a file or folder holds", () => {
    const empty = files.filter((path) =>
      path
        .split("/")
        .flatMap((part) => part.split(/[.-]/))
        .some((word) => EMPTY_NAMES.has(word)),
    );
    // The name of this file is what the compiler's documentation calls it everywhere.
    expect(empty.filter((path) => path !== "tsconfig.base.json")).toEqual([]);
  });

  it("are kebab-case in src and test", () => {
    const odd = files.filter(
      (path) =>
        /^(src|test|bench|scripts)\//.test(path) &&
        !/^([a-z0-9]+(-[a-z0-9]+)*|tsconfig\.[a-z]+)(\.[a-z0-9]+)*$/.test(basename(path)),
    );
    expect(odd).toEqual([]);
  });
});

describe("sizes", () => {
  it("stay within what a reader takes in at once", () => {
    const long = sources
      .map((path) => ({ path, lines: linesOfCode(readProject(path)) }))
      .filter(({ lines }) => lines > LINES_MAX);
    expect(long).toEqual([]);
  });
});

describe("tests", () => {
  it("of its own room reach every source with logic in it", () => {
    const untested = sources.filter(
      (path) =>
        logicLines(readProject(path)) > LOGIC_LINES_WITHOUT_TEST_MAX &&
        !isReachedByTest(path) &&
        !(path in TESTED_ELSEWHERE),
    );
    expect(untested).toEqual([]);
  });

  it("listed as standing elsewhere do stand there", () => {
    const stale = Object.entries(TESTED_ELSEWHERE).filter(
      ([path, where]) =>
        !files.includes(path) || (where.endsWith(".test.ts") && !files.includes(where)),
    );
    expect(stale).toEqual([]);
  });

  it("are all run: none is left out or alone", () => {
    const marks = /\b(it|test|describe)\.(only|skip|todo)\b|\b(fit|xit|xdescribe|fdescribe)\(/;
    const marked = files
      .filter((path) => isTest(path))
      .filter((path) => marks.test(readProject(path)));
    // This file names the marks.
    expect(marked.filter((path) => path !== "test/tidy/sources.test.ts")).toEqual([]);
  });
});

describe("texts", () => {
  const texts = files.filter((path) =>
    /\.(ts|mjs|md|ya?ml|json|sh)$|^(scripts|\.ci|bin)\/|Dockerfile$/.test(path),
  );

  it("have nothing left over", () => {
    const words = new RegExp(
      `\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`,
    );
    expect(
      texts.filter((path) => words.test(readProject(path)) && path !== "package-lock.json"),
    ).toEqual([]);
  });

  it("know no path of a machine they were written on", () => {
    const machine = new RegExp(
      ["/wo" + "rk/", "/ho" + "me/[a-z]+/(?!\\.)", "/Us" + "ers/"].join("|"),
    );
    const found = texts.flatMap((path) =>
      readProject(path)
        .split("\n")
        .filter(
          (line) =>
            machine.test(line) &&
            !/\/home\/(alice|bob|person|app|user|deploy|dev|node)\b/.test(line),
        )
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it("give the reason wherever a check is switched off", () => {
    const off = /(eslint-disable|@ts-expect-error|@ts-ignore|prettier-ignore)/;
    const silent = files
      .filter((path) => /\.(ts|mjs)$/.test(path) && path !== "test/tidy/sources.test.ts")
      .flatMap((path) =>
        readProject(path)
          .split("\n")
          .filter(
            (line) =>
              off.test(line) &&
              !/(eslint-disable|@ts-expect-error|prettier-ignore).* (-- |: ).{8}/.test(line),
          )
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(silent).toEqual([]);
  });
});

/**
 * It has a test of its own, or a test of the same room, in the same folder or one above it, reaches it. Rooms
 * are tested by what they do, through their doors; a file that no test of its room reaches is not.
 */
function isReachedByTest(path: string): boolean {
  const room = path.split("/").slice(0, 2).join("/");
  if (existing.has(path.replace(/\.ts$/, ".test.ts"))) return true;
  return files
    .filter((file) => isTest(file) && file.startsWith(`${room}/`))
    .filter(
      (test) => path.startsWith(`${dirname(test)}/`) || dirname(test).startsWith(dirname(path)),
    )
    .some((test) => reachedFrom(test).has(path));
}

const reached = new Map<string, ReadonlySet<string>>();
function reachedFrom(test: string): ReadonlySet<string> {
  const known = reached.get(test);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const waiting = [test];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    waiting.push(...importedFrom(path));
  }
  reached.set(test, seen);
  return seen;
}

const imported = new Map<string, readonly string[]>();
/** What a file needs at run time, within the project: types alone reach nothing. */
function importedFrom(path: string): readonly string[] {
  const known = imported.get(path);
  if (known !== undefined) return known;
  const text = readProject(path);
  const found = [
    ...text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from "(\.[^"]+)\.js"/gm),
    // What is loaded when it is needed.
    ...text.matchAll(/\bimport\("(\.[^"]+)\.js"\)/g),
  ]
    .map((match) => normalize(join(dirname(path), `${match[1] ?? ""}.ts`)))
    .filter((target) => existing.has(target));
  imported.set(path, found);
  return found;
}

function linesOfCode(text: string): number {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}

/** Lines inside bodies of functions: what can be wrong at run time. Types and tables are not counted. */
function logicLines(text: string): number {
  const file = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ES2023, true);
  let lines = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const body = node.body as ts.Node; // every function-like node with a body has a Node there
      lines += linesOfCode(body.getText(file));
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}
