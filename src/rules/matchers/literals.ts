/**
 * Literals of which at least one occurs (in lower case) in every text that the expression matches: a
 * cheap test that saves most runs of the engine. Empty when nothing can be said. Only the plain runs
 * between operators at the top level are looked at: groups and sets are skipped, which is always safe.
 */
export function requiredLiterals(pattern: string): readonly string[] {
  const alternatives = splitAlternatives(pattern);
  if (alternatives === null) return [];
  const out: string[] = [];
  for (const alternative of alternatives) {
    const literal = longestRun(alternative);
    if (literal.length < LITERAL_CHARS_MIN) return [];
    out.push(literal.toLowerCase());
  }
  return out;
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

function longestRun(alternative: string): string {
  let best = "";
  let run = "";
  const close = (): void => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let i = 0; i < alternative.length; i++) {
    const character = alternative.charAt(i);
    if (character === "(" || character === "[") {
      close();
      i = skipGroup(alternative, i);
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
