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
/** A file with less logic than this is seen through by the tests of its neighbours. */
const LOGIC_LINES_WITHOUT_TEST_MAX = 30;

/** Sources whose tests stand elsewhere, each with the place or the reason. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {};

const files = projectFiles();
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
  it("stand beside every source with logic in it", () => {
    const untested = sources.filter(
      (path) =>
        logicLines(readProject(path)) > LOGIC_LINES_WITHOUT_TEST_MAX &&
        !hasTestBeside(path) &&
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

/** Its own test, or one in the same folder (or below) that imports it by name. */
function hasTestBeside(path: string): boolean {
  const folder = `${dirname(path)}/`;
  return files
    .filter((file) => isTest(file) && file.startsWith(folder))
    .some((test) => importedFrom(test).includes(path));
}

function importedFrom(test: string): readonly string[] {
  return [...readProject(test).matchAll(/from "(\.[^"]+)\.js"/g)].map((match) =>
    normalize(join(dirname(test), `${match[1] ?? ""}.ts`)),
  );
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
