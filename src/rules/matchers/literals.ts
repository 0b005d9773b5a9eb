/**
 * Literals of which at least one occurs (in lower case) in every text that the expression matches: a
 * cheap test that saves most runs of the engine. Empty when nothing can be said. Plain runs between
 * operators are looked at, and groups that must occur; sets are skipped, which is always safe.
 */
export function requiredLiterals(pattern: string, charsMin = LITERAL_CHARS_MIN): readonly string[] {
  return literalsOf(pattern, 0, charsMin);
}

/** Deeper groups than people write say nothing. */
const GROUP_DEPTH_MAX = 6;
/** Looking for more texts than this takes longer than the engine. */
const LITERALS_MAX = 64;

function literalsOf(pattern: string, depth: number, charsMin: number): readonly string[] {
  const alternatives = splitAlternatives(pattern);
  if (alternatives === null || depth > GROUP_DEPTH_MAX) return [];
  const out: string[] = [];
  for (const alternative of alternatives) {
    const literals = bestLiterals(alternative, depth, charsMin);
    if (shortest(literals) < charsMin) return [];
    out.push(...literals.map((literal) => literal.toLowerCase()));
  }
  return out.length > LITERALS_MAX ? [] : out;
}

function shortest(literals: readonly string[]): number {
  return literals.length === 0 ? 0 : Math.min(...literals.map((literal) => literal.length));
}

/** Shorter literals occur almost everywhere. */
const LITERAL_CHARS_MIN = 3;

function splitAlternatives(pattern: string): readonly string[] | null {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  let inSet = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    if (character === "\\") {
      if (pattern.charAt(i + 1) === "Q") return null;
      i += 1;
    } else if (inSet) inSet = character !== "]";
    else if (character === "[") {
      inSet = true;
      if (pattern.charAt(i + 1) === "^") i += 1;
      if (pattern.charAt(i + 1) === "]") i += 1;
    } else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "|" && depth === 0) {
      out.push(pattern.slice(start, i));
      start = i + 1;
    }
  }
  // Flags such as (?x) change how the rest is read.
  if (/\(\?[a-z]*x/.test(pattern)) return null;
  return [...out, pattern.slice(start)];
}

/** The texts (one of which must occur) that say most: a plain run, or what a group can not do without. */
function bestLiterals(alternative: string, depth: number, charsMin: number): readonly string[] {
  let best: readonly string[] = [];
  let run = "";
  const take = (literals: readonly string[]): void => {
    if (shortest(literals) > shortest(best)) best = literals;
  };
  const close = (): void => {
    take([run]);
    run = "";
  };
  for (let i = 0; i < alternative.length; i++) {
    const character = alternative.charAt(i);
    if (character === "(" || character === "[") {
      close();
      const end = skipGroup(alternative, i);
      if (character === "(" && !/[*?{]/.test(alternative.charAt(end + 1)))
        take(groupLiterals(alternative.slice(i + 1, end), depth, charsMin));
      i = end;
      continue;
    }
    if (/[*?{]/.test(character)) {
      // The character before is optional: it ends the run and is no part of it.
      run = run.slice(0, -1);
      close();
      if (character === "{") i = Math.max(i, alternative.indexOf("}", i));
      continue;
    }
    const literal = readLiteral(alternative, i);
    if (literal === null) close();
    else run += literal;
    if (character === "\\") i += escapeLength(alternative, i) - 1;
  }
  close();
  return best;
}

/** `(?:...)` and plain groups; what begins with other marks (flags, names) is not looked into. */
function groupLiterals(inner: string, depth: number, charsMin: number): readonly string[] {
  if (inner.startsWith("?:")) return literalsOf(inner.slice(2), depth + 1, charsMin);
  return inner.startsWith("?") ? [] : literalsOf(inner, depth + 1, charsMin);
}

/** The character that stands for itself at `i`; null for everything with a meaning. */
function readLiteral(text: string, i: number): string | null {
  const character = text.charAt(i);
  if (character === "\\") {
    const next = text.charAt(i + 1);
    return /[A-Za-z0-9]/.test(next) || next === "" ? null : next;
  }
  if (/[.^$+)\]}|]/.test(character)) return null;
  // Case folding beyond ASCII has surprises (K, long s): such characters and `k`, `s` stay safe
  // because the text is folded by `foldText` before it is searched.
  return character.charCodeAt(0) < 0x80 ? character : null;
}

function escapeLength(text: string, i: number): number {
  const next = text.charAt(i + 1);
  if (next === "x") return text.charAt(i + 2) === "{" ? text.indexOf("}", i) - i + 1 : 4;
  if (next === "p" || next === "P")
    return text.charAt(i + 2) === "{" ? text.indexOf("}", i) - i + 1 : 3;
  return 2;
}

function skipGroup(text: string, open: number): number {
  let depth = 0;
  let inSet = false;
  for (let i = open; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") i += 1;
    else if (inSet) {
      if (character === "]") {
        inSet = false;
        if (depth === 0) return i;
      }
    } else if (character === "[") {
      inSet = true;
      if (text.charAt(i + 1) === "^") i += 1;
      if (text.charAt(i + 1) === "]") i += 1;
    } else if (character === "(") depth += 1;
    else if (character === ")" && --depth === 0) return i;
  }
  return text.length;
}

/** Lower case, with the two letters that fold into ASCII from outside it. */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("\u017f") ? lower.replaceAll("\u017f", "s") : lower;
}
