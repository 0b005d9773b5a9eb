import { readdirSync, readFileSync } from "node:fs";

import ts from "typescript";

import { code, generatedPage, table } from "./markdown.js";
import { RULE_WORDS, type RuleSection } from "./rule-words.js";

const READERS = new URL("../../src/rules/read/", import.meta.url);
const REFUSED = "*not in this version: refused*";

/**
 * docs/reference/rules.md. The words are taken from the code that reads rule files (its lists of known
 * keys), the sentences from rule-words.ts; `undescribedRuleWords` compares the two.
 */
export function rulesPage(): string {
  const lists = keyLists();
  const sections = RULE_WORDS.map((section) => {
    const rows = (lists.get(section.list) ?? []).map((word) => [
      code(word),
      section.words[word] ?? REFUSED,
    ]);
    return `## ${section.title}\n\n${section.intro}\n\n${table(["key", ""], rows)}`;
  });
  return [
    generatedPage(
      "Rules",
      "Every word of a rule file. A word that is not here is an error. How to write rules: [the guide](../guide/writing-rules.md).",
    ),
    ...sections,
  ].join("\n");
}

/** Words that are described and not known to the code, and lists that are gone; empty when in step. */
export function undescribedRuleWords(): readonly string[] {
  const lists = keyLists();
  const later = new Set(
    [...lists].filter(([name]) => name.startsWith("LATER")).flatMap(([, words]) => words),
  );
  return RULE_WORDS.flatMap((section: RuleSection) => {
    const known = lists.get(section.list);
    if (known === undefined) return [`the code has no list ${section.list}`];
    const silent = known
      .filter((word) => !(word in section.words) && !later.has(word) && !isRefused(section, word))
      .map((word) => `${section.list}: ${word} is not described`);
    const invented = Object.keys(section.words)
      .filter((word) => !known.includes(word))
      .map((word) => `${section.list}: ${word} is described and does not exist`);
    return [...silent, ...invented];
  });
}

const isRefused = (section: RuleSection, word: string): boolean =>
  section.refused?.includes(word) === true;

/** Every constant list of words in the readers of rule files, by name. */
export function keyLists(): ReadonlyMap<string, readonly string[]> {
  known ??= readKeyLists();
  return known;
}

let known: ReadonlyMap<string, readonly string[]> | undefined;

function readKeyLists(): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  for (const name of readdirSync(READERS).filter((file) => /^[a-z-]+\.ts$/.test(file))) {
    const text = readFileSync(new URL(name, READERS), "utf8");
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
    for (const statement of file.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name: constant, initializer } of statement.declarationList.declarations) {
        const words = wordsOf(initializer);
        if (words.length > 0) lists.set(constant.getText(file), words);
      }
    }
  }
  return lists;
}

function wordsOf(node: ts.Expression | undefined): readonly string[] {
  if (node !== undefined && ts.isAsExpression(node)) return wordsOf(node.expression);
  if (node === undefined || !ts.isArrayLiteralExpression(node)) return [];
  return node.elements.filter(ts.isStringLiteral).map((element) => element.text);
}
