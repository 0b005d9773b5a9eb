import { fault, type Fault } from "../../kernel/index.js";
import { compileGlob, matchesSteps } from "../../shell/index.js";
import type { ReadText } from "../read/list.js";
import { readPack, type PackFile } from "../read/pack.js";
import { nearest } from "../read/reader.js";
import type { PackSource } from "../read/source.js";
import { compileRule, overrideRule, type CompiledRule } from "./rule.js";

export type RuleFile = PackFile;

export interface Checked {
  /** The same packs have compiled before: expressions are built when first needed. */
  readonly checked: boolean;
}

/** All files together: lists shared, ids unique, overrides applied. */
export interface Collection {
  readonly rules: readonly CompiledRule[];
  /** Allow-list mode: scopes of the policies that deny by default. */
  readonly denials: readonly PackSource[];
  readonly packs: readonly PackSource[];
  readonly faults: readonly Fault[];
}

export function collectRules(files: readonly RuleFile[], readText?: ReadText): Collection {
  const readings = files.map((file) => readPack(file, readText));
  const faults = readings.flatMap((reading) => reading.faults);
  const packs = readings.map((reading) => reading.pack);
  return collectPacks(packs, { checked: false, faults });
}

/** The rules as their files have them, whatever overrides say: what the tests inside them speak of. */
export function collectWritten(files: readonly RuleFile[], readText?: ReadText): Collection {
  const readings = files.map((file) => readPack(file, readText));
  const faults = readings.flatMap((reading) => reading.faults);
  const packs = readings.map(({ pack }) => ({ ...pack, overrides: [] }));
  return collectPacks(packs, { checked: false, faults });
}

export function collectPacks(
  packs: readonly PackSource[],
  { checked, faults = [] }: Checked & { readonly faults?: Fault[] },
): Collection {
  const lists = collectLists(packs, faults);
  const rules = new Map<string, CompiledRule>();
  for (const pack of packs) {
    for (const source of pack.rules) {
      const other = rules.get(source.id);
      if (other !== undefined) {
        const { file, line } = other.source.at;
        faults.push(
          fault(
            "CHP_RULES_REFERENCE",
            `rule id "${source.id}" is used already at ${file}:${line}`,
            source.at,
          ),
        );
        continue;
      }
      const seen = isBuiltin(pack) ? lists.builtin : lists.own;
      rules.set(source.id, compileRule(source, { lists: seen, faults, pack, checked }));
    }
  }
  checkNamed(rules, faults);
  applyOverrides(packs, { rules, lists: lists.own, faults, checked });
  return {
    rules: [...rules.values()],
    denials: packs.filter((pack) => pack.deny && pack.denyMode !== "off"),
    packs,
    faults,
  };
}

type Lists = ReadonlyMap<string, readonly string[]>;

/**
 * A name stands for one list among the files of the administrator, and for one among the builtin packs. A
 * list of the other side is seen where one's own has none of that name: nobody has to know how the lists
 * of the packs are called, and nobody changes what a builtin rule means by a list of the same name.
 */
function collectLists(
  packs: readonly PackSource[],
  faults: Fault[],
): { readonly own: Lists; readonly builtin: Lists } {
  const own = listsOf(
    packs.filter((pack) => !isBuiltin(pack)),
    faults,
  );
  const builtin = listsOf(packs.filter(isBuiltin), faults);
  return { own: new Map([...builtin, ...own]), builtin: new Map([...own, ...builtin]) };
}

/** Only of builtin packs it is chosen how mature their rules have to be. */
function isBuiltin({ maturities }: PackSource): boolean {
  return maturities !== undefined;
}

function listsOf(packs: readonly PackSource[], faults: Fault[]): Lists {
  const lists = new Map<string, readonly string[]>();
  for (const pack of packs) {
    for (const [name, { values, at }] of pack.lists) {
      if (lists.has(name))
        faults.push(fault("CHP_RULES_REFERENCE", `list "${name}" is defined twice`, at));
      lists.set(name, values);
    }
  }
  return lists;
}

function checkNamed(rules: ReadonlyMap<string, CompiledRule>, faults: Fault[]): void {
  for (const rule of rules.values()) {
    for (const { text, at } of [
      ...rule.source.suppresses,
      ...(rule.source.sequence?.rules ?? []),
    ]) {
      const other = rules.get(text);
      if (other === undefined) faults.push(unknownRule(text, rules, at));
      else if (other.source.sequence !== undefined)
        faults.push(
          fault("CHP_RULES_REFERENCE", `rule "${text}" is a sequence: name its rules instead`, at),
        );
    }
  }
}

function unknownRule(id: string, rules: ReadonlyMap<string, CompiledRule>, at: Fault["at"]): Fault {
  const near = nearest(id, [...rules.keys()]);
  const hint = near === null ? "" : `; did you mean "${near}"?`;
  return fault("CHP_RULES_REFERENCE", `there is no rule "${id}"${hint}`, at);
}

function applyOverrides(
  packs: readonly PackSource[],
  {
    rules,
    lists,
    faults,
    checked,
  }: Checked & {
    rules: Map<string, CompiledRule>;
    lists: ReadonlyMap<string, readonly string[]>;
    faults: Fault[];
  },
): void {
  for (const override of packs.flatMap((pack) => pack.overrides)) {
    const glob = /[*?]/.test(override.rule) ? compileGlob(override.rule) : null;
    const meant =
      glob === null
        ? [override.rule].filter((id) => rules.has(id))
        : [...rules.keys()].filter((id) => matchesSteps(glob, id));
    if (meant.length === 0) faults.push(unknownRule(override.rule, rules, override.at));
    for (const id of meant) {
      const rule = rules.get(id);
      if (rule !== undefined)
        rules.set(id, overrideRule(rule, override, { lists, faults, checked }));
    }
  }
}
