/** One element of a shell pattern: a character, any run, any one, or a set. */
type Step =
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "any-run" }
  | { readonly kind: "any-one" }
  | { readonly kind: "set"; readonly members: string; readonly negated: boolean };

/** Matches shell patterns (`*`, `?`, `[a-z]`, backslash) against the whole text in O(text * pattern). */
export function matchesGlob(pattern: string, text: string): boolean {
  return matchesSteps(compileGlob(pattern), text);
}

export function compileGlob(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    if (character === "*") {
      if (steps.at(-1)?.kind !== "any-run") steps.push({ kind: "any-run" });
    } else if (character === "?") steps.push({ kind: "any-one" });
    else if (character === "\\" && i + 1 < pattern.length) {
      i += 1;
      steps.push({ kind: "literal", character: pattern.charAt(i) });
    } else if (character === "[") {
      const end = setEnd(pattern, i);
      if (end < 0) steps.push({ kind: "literal", character });
      else {
        steps.push(readSet(pattern.slice(i + 1, end)));
        i = end;
      }
    } else steps.push({ kind: "literal", character });
  }
  return steps;
}

/** Greedy with one fallback point per run: the classical linear-space wildcard match. */
export function matchesSteps(steps: readonly Step[], text: string): boolean {
  let s = 0;
  let t = 0;
  let retryStep = -1;
  let retryText = 0;
  while (t < text.length) {
    const step = steps[s];
    if (step?.kind === "any-run") {
      retryStep = s;
      retryText = t;
      s += 1;
    } else if (step !== undefined && matchesOne(step, text.charAt(t))) {
      s += 1;
      t += 1;
    } else if (retryStep >= 0) {
      retryText += 1;
      s = retryStep + 1;
      t = retryText;
    } else return false;
  }
  while (steps[s]?.kind === "any-run") s += 1;
  return s === steps.length;
}

function matchesOne(step: Step, character: string): boolean {
  switch (step.kind) {
    case "literal":
      return step.character === character;
    case "any-one":
      return true;
    case "any-run":
      return false;
    case "set":
      return inSet(step.members, character) !== step.negated;
  }
}

function setEnd(pattern: string, open: number): number {
  let i = open + 1;
  if (pattern.charAt(i) === "!" || pattern.charAt(i) === "^") i += 1;
  if (pattern.charAt(i) === "]") i += 1;
  for (; i < pattern.length; i++) {
    if (pattern.startsWith("[:", i)) {
      const close = pattern.indexOf(":]", i + 2);
      if (close > 0) i = close + 1;
    } else if (pattern.charAt(i) === "]") return i;
  }
  return -1;
}

function readSet(body: string): Step {
  const negated = body.startsWith("!") || body.startsWith("^");
  return { kind: "set", members: negated ? body.slice(1) : body, negated };
}

function inSet(members: string, character: string): boolean {
  for (let i = 0; i < members.length; i++) {
    if (members.startsWith("[:", i)) {
      const close = members.indexOf(":]", i + 2);
      if (close > 0) {
        if (CLASSES[members.slice(i + 2, close)]?.test(character) === true) return true;
        i = close + 1;
        continue;
      }
    }
    if (members.charAt(i + 1) === "-" && i + 2 < members.length) {
      if (character >= members.charAt(i) && character <= members.charAt(i + 2)) return true;
      i += 2;
    } else if (members.charAt(i) === character) return true;
  }
  return false;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  space: /\s/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
  word: /\w/,
  print: /[ -~]/,
  graph: /[!-~]/,
};
