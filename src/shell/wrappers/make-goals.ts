import type { Field } from "../words/text.js";

/**
 * The lines of a makefile without the recipes that these words do not start: those of other targets, or
 * all of them with `make -n`. All lines where it can not be told from this file alone what is made.
 */
export function withoutOtherRecipes(
  lines: readonly string[],
  words: readonly Field[],
): readonly string[] {
  const goals = goalsOf(words);
  if (goals === null || lines.some((line) => INVOLVED.test(line))) return lines;
  const rules = rulesOf(lines);
  const first = [...rules.values()].find(({ targets }) => !/^\./.test(targets[0] ?? "."));
  const wanted = reached([...rules.values()], goals.length > 0 ? goals : (first?.targets ?? []));
  const dry = words.some((one) => DRY.test(one.text));
  let made = true;
  return lines.filter((line, at) => {
    const rule = rules.get(at);
    if (rule !== undefined)
      made = rule.targets.some((one) => wanted.has(one) || one.startsWith("."));
    const isRecipe = rule !== undefined || line.startsWith("\t");
    // `+` in front of a recipe says that it runs all the same, and make's own functions always do.
    return !isRecipe || /\$[({]shell|`/.test(line) || (made && (!dry || /^\t[@-]*\+/.test(line)));
  });
}

/** More than one file, rules that are made by others, a make inside of it, another first goal. */
const INVOLVED =
  /^[-s]?include\b|^(?:define|vpath)\b|%|\$[({](?:eval|call|foreach|MAKE)\b|\bmake\b|^\.(?:DEFAULT|SECONDEXPANSION)|^[^#\t]*\$.*:(?!=)/;

const DRY = /^(?:-[a-zA-Z]*n[a-zA-Z]*|--(?:just-print|dry-run|recon))$/;

/** Targets that the words name; null where they can not all be read, or another file is read. */
function goalsOf(words: readonly Field[]): readonly string[] | null {
  const goals: string[] = [];
  for (let i = 1; i < words.length; i += 1) {
    const word = words[i];
    if (word?.known !== true || word.glob || /^--eval|^-E/.test(word.text)) return null;
    if (/^-[CfIoW]$|^--(?:directory|file|makefile)$/.test(word.text)) i += 1;
    else if (!/^-|=/.test(word.text)) goals.push(word.text);
  }
  return goals;
}

interface Rule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
}

/** By the number of their line. */
function rulesOf(lines: readonly string[]): ReadonlyMap<number, Rule> {
  const out = new Map<number, Rule>();
  lines.forEach((line, at) => {
    const [, targets, needs] = /^([^\s#:=][^#:=]*)::?(?![:=])([^;=]*)/.exec(line) ?? [];
    if (targets !== undefined && needs !== undefined)
      out.set(at, { targets: wordsOf(targets), needs: wordsOf(needs) });
  });
  return out;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s|]+/).filter((one) => one !== "");
}

/** The goals and everything that they need. */
function reached(rules: readonly Rule[], goals: readonly string[]): ReadonlySet<string> {
  const needs = new Map<string, string[]>();
  for (const rule of rules)
    for (const target of rule.targets) {
      const known = needs.get(target);
      if (known === undefined) needs.set(target, [...rule.needs]);
      else for (const need of rule.needs) known.push(need);
    }
  const out = new Set<string>();
  const open = [...goals];
  for (let goal = open.pop(); goal !== undefined; goal = open.pop()) {
    if (out.has(goal)) continue;
    out.add(goal);
    for (const need of needs.get(goal) ?? []) open.push(need);
  }
  return out;
}
