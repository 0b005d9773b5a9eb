import { conformal, type Reading } from "./conformal.js";

/**
 * Which of many names (addresses, targets, credentials) somebody uses. The stranger, the fewer times it
 * was used; among equals the one whose family (network, account) is less known, then the one that fewer
 * colleagues use. A name never seen is judged among those seen once: who meets something new every week
 * is not surprised by it (the estimate of Good and Turing).
 */
export class NameBaseline {
  readonly #names = new Map<string, Name>();
  readonly #families = new Map<string, number>();
  readonly #familyOf: (name: string) => string;
  #total = 0;

  constructor(familyOf: (name: string) => string) {
    this.#familyOf = familyOf;
  }

  get total(): number {
    return this.#total;
  }

  /** How often it was used. */
  uses(name: string): number {
    return this.#names.get(name)?.uses ?? 0;
  }

  familyUses(name: string): number {
    return this.#families.get(this.#familyOf(name)) ?? 0;
  }

  get size(): number {
    return this.#names.size;
  }

  add(name: string): void {
    this.#change(name, 1);
  }

  remove(name: string): void {
    this.#change(name, -1);
  }

  /** `colleagues`: the same of the whole group, this person included, where it is known. */
  judge(name: string, colleagues: NameBaseline | null): Reading {
    const family = this.#familyOf(name);
    const used = this.uses(name);
    const others = (one: string, own: number) => Math.max(0, (colleagues?.uses(one) ?? 0) - own);
    const wanted = usualness(used, this.familyUses(name), others(name, used));
    let asStrange = 0;
    for (const [other, known] of this.#names) {
      const uses = known.uses - 1 + (other === name ? 1 : 0);
      // Most names are used more often than the new one: nothing more can change that.
      if (uses > used) continue;
      const inFamily =
        (this.#families.get(known.family) ?? 0) - 1 + (known.family === family ? 1 : 0);
      const usual = usualness(uses, inFamily, others(other, known.uses));
      if (usual <= wanted) asStrange += known.uses;
    }
    return conformal(asStrange, this.#total);
  }

  #change(name: string, by: 1 | -1): void {
    const known = this.#names.get(name) ?? { uses: 0, family: this.#familyOf(name) };
    known.uses += by;
    if (known.uses > 0) this.#names.set(name, known);
    else this.#names.delete(name);
    const kin = (this.#families.get(known.family) ?? 0) + by;
    if (kin > 0) this.#families.set(known.family, kin);
    else this.#families.delete(known.family);
    this.#total += by;
  }
}

interface Name {
  uses: number;
  readonly family: string;
}

/** Higher is more usual. The later parts never outweigh one more use. */
function usualness(uses: number, familyUses: number, colleagueUses: number): number {
  return uses + FAMILY * share(familyUses) + COLLEAGUES * share(colleagueUses);
}

const FAMILY = 0.6;
const COLLEAGUES = 0.3;
/** 0 for none, towards 1 for many. */
const share = (count: number): number => count / (count + 1);
