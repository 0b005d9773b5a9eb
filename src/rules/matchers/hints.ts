import { foldText } from "./literals.js";

/**
 * What a line must hold for a rule to have a chance: cheap to look for, so that rules that can not match
 * cost nothing. Saying too little is slow; saying too much would be a rule that never hits.
 */
export interface Hints {
  /** Lower-case texts of which one must occur. */
  readonly texts: readonly string[];
  /** They are looked for in words: a word that can not be known may be any of them. */
  readonly ofWords: boolean;
  /**
   * Plain beginnings of the paths among them: a word with wildcards may mean such a path without holding
   * its text.
   */
  readonly leads: readonly string[];
}

/** What a pattern says of the texts that it matches. */
interface Hinted {
  readonly hints: readonly string[];
  readonly leads?: readonly string[];
}

/** Patterns of which one must match. */
export function hintsOf(patterns: readonly Hinted[], ofWords: boolean): Hints | null {
  if (patterns.length === 0 || patterns.some((one) => one.hints.length === 0)) return null;
  return {
    texts: patterns.flatMap((one) => one.hints),
    ofWords,
    leads: patterns.flatMap((one) => one.leads ?? []),
  };
}

/** One of several conditions must hold: their hints together; null when one has none. */
export function eitherHint(all: readonly (Hints | null)[]): Hints | null {
  const known = all.filter((one) => one !== null);
  if (known.length === 0 || known.length < all.length) return null;
  return {
    texts: known.flatMap((one) => one.texts),
    ofWords: known.some((one) => one.ofWords),
    leads: known.flatMap((one) => one.leads),
  };
}

/** All conditions must hold: the hints that say most. */
export function bestHint(all: readonly (Hints | null)[]): Hints | null {
  let best: Hints | null = null;
  for (const one of all) {
    if (one !== null && (best === null || weightOf(one) > weightOf(best))) best = one;
  }
  return best;
}

function weightOf({ texts, ofWords }: Hints): number {
  const shortest = texts.reduce((least, text) => Math.min(least, text.length), LENGTH_MAX);
  return shortest * 2 + (ofWords ? 0 : 1);
}

/** Longer texts say no more. */
const LENGTH_MAX = 32;

/** How a word shows that it has wildcards. */
export const WILD = /[*?[]|[@!+]\(/;

/** True when a word with wildcards may mean one of the paths that the hints speak of. */
export function mayBeMeant({ leads }: Hints, wild: readonly string[]): boolean {
  return wild.some((start) =>
    leads.some((lead) =>
      lead.length <= start.length ? start.startsWith(lead) : lead.startsWith(start),
    ),
  );
}

/** Of a pattern over paths: a text that every path which it matches must hold, and its plain beginning. */
export function pathHint(pattern: string): { readonly text: string; readonly lead: string } {
  if (/[@!+?*]\(/.test(pattern)) return { text: "", lead: "" };
  const open = pattern.startsWith("**/");
  // `~` may have been resolved, and `**/x` is `x` as well.
  const bare = pattern.replace(/^(?:\*\*\/)+|^~/, "").replace(/(?:\/\*\*|\/)$/, "");
  const text = bare
    .split(/\*+|\?|\[[^\]]*\]?/)
    .reduce((best, part) => (part.length > best.length ? part : best), "");
  const rooted = pattern.startsWith("/") && !open;
  const lead = rooted ? pattern.slice(0, (pattern.search(WILD) + 1 || pattern.length + 1) - 1) : "";
  return { text: foldText(text), lead: rooted ? lead.replace(/\/$/, "") : "" };
}
