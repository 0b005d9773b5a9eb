/**
 * Patterns over paths: `*` and `?` stay within a directory, `**` crosses directories; `/etc/**` is
 * /etc itself and everything below it. A word of a command line may hold wildcards too (`rm /et*`):
 * then the question is whether both can mean the same file.
 */
export interface PathPattern {
  /** `path` is resolved; its wildcards, if any, count as wildcards. */
  matches(path: string, shapes?: Shapes): boolean;
}

type Step =
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "one" }
  | { readonly kind: "run" }
  | { readonly kind: "deep" };

export function compilePathPattern(pattern: string): PathPattern {
  const bodies = variants(pattern);
  const literals = new Set(bodies.filter((body) => !WILD.test(body)));
  // `/etc/**` is by far the commonest form: a prefix says it all.
  const below = bodies.filter(isPrefix).map((body) => body.slice(0, -2));
  const compiled = bodies.filter((body) => WILD.test(body) && !isPrefix(body)).map(shapeOf);
  const all = bodies.map(shapeOf);
  return {
    matches(path, shapes) {
      if (literals.has(path)) return true;
      if (!WILD.test(path)) {
        if (below.some((prefix) => path.startsWith(prefix))) return true;
        return compiled.some((own) => matchesPlain(own, path, shapes));
      }
      return matchesAny(all, wordShape(path, shapes));
    },
  };
}

/** Steps, and the plain text before the first and behind the last wildcard: most questions end there. */
interface Shape {
  readonly steps: readonly Step[];
  readonly prefix: string;
  readonly suffix: string;
}

function shapeOf(pattern: string): Shape {
  return shape(compileSteps(pattern));
}

function shape(steps: readonly Step[]): Shape {
  const first = steps.findIndex((step) => step.kind !== "literal");
  if (first < 0) {
    const text = textOf(steps);
    return { steps, prefix: text, suffix: text };
  }
  const last = steps.findLastIndex((step) => step.kind !== "literal");
  return { steps, prefix: textOf(steps.slice(0, first)), suffix: textOf(steps.slice(last + 1)) };
}

function textOf(steps: readonly Step[]): string {
  return steps.map((step) => (step.kind === "literal" ? step.character : "")).join("");
}

/** Words of one command by what they look like as paths: many rules ask about the same few. */
export type Shapes = Map<string, Shape>;

function wordShape(word: string, known: Shapes | undefined): Shape {
  const before = known?.get(word);
  if (before !== undefined) return before;
  const made = WILD.test(word) ? shapeOf(word) : shape(literalSteps(word));
  known?.set(word, made);
  return made;
}

const WILD = /[*?[]|[@!+]\(/;
/** How the extended patterns of bash begin. */
const EXTENDED = /^[@!+?*]\($/;

/** `[[:lower:]]` ends at its own bracket. */
function setEnd(pattern: string, open: number): number {
  let at = open + 2;
  while (pattern.startsWith("[:", at) || pattern.startsWith("[:", at - 1)) {
    const end = pattern.indexOf(":]", at);
    if (end < 0) break;
    at = end + 2;
  }
  return pattern.indexOf("]", at);
}

const isPrefix = (body: string): boolean => body.endsWith("/**") && !WILD.test(body.slice(0, -3));

function matchesAny(compiled: readonly Shape[], path: Shape): boolean {
  return compiled.some(
    (own) =>
      agree(own.prefix, path.prefix) &&
      agreeBehind(own.suffix, path.suffix) &&
      overlaps(own.steps, path.steps),
  );
}

/** A word without wildcards: nearly always its beginning or its end says no, and nothing is made of it. */
function matchesPlain(own: Shape, path: string, shapes: Shapes | undefined): boolean {
  if (!path.startsWith(own.prefix) || !path.endsWith(own.suffix)) return false;
  return overlaps(own.steps, wordShape(path, shapes).steps);
}

/** A text that begins like both there is only when one of the beginnings is the beginning of the other. */
function agree(a: string, b: string): boolean {
  return a.length <= b.length ? b.startsWith(a) : a.startsWith(b);
}

function agreeBehind(a: string, b: string): boolean {
  return a.length <= b.length ? b.endsWith(a) : a.endsWith(b);
}

/** `/etc/**` also means `/etc`; `**\/x` also means `x`. */
function variants(pattern: string): readonly string[] {
  const out = [pattern];
  if (pattern.endsWith("/**")) out.push(pattern.slice(0, -3) === "" ? "/" : pattern.slice(0, -3));
  if (pattern.startsWith("**/")) out.push(...variants(pattern.slice(3)));
  if (pattern.length > 1 && pattern.endsWith("/")) out.push(pattern.slice(0, -1));
  return out;
}

function compileSteps(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    if (character === "*" && pattern.charAt(i + 1) !== "(") {
      const deep = pattern.charAt(i + 1) === "*";
      steps.push({ kind: deep ? "deep" : "run" });
      if (deep) i += 1;
    } else if (EXTENDED.test(pattern.slice(i, i + 2)) && pattern.includes(")", i)) {
      // `@(a|b)`, `!(a)`: taken as any text without a slash.
      steps.push({ kind: "run" });
      i = pattern.indexOf(")", i);
    } else if (character === "?") steps.push({ kind: "one" });
    else if (character === "[") {
      // A set is taken as any one character: it may match more, never less.
      const end = setEnd(pattern, i);
      if (end < 0) steps.push({ kind: "literal", character });
      else {
        steps.push({ kind: "one" });
        i = end;
      }
    } else steps.push({ kind: "literal", character });
  }
  return steps;
}

function literalSteps(path: string): readonly Step[] {
  return Array.from(path, (character): Step => ({ kind: "literal", character }));
}

/** True when some text matches both: reachability over pairs of positions, O(n * m). */
function overlaps(a: readonly Step[], b: readonly Step[]): boolean {
  const width = b.length + 1;
  let row = new Uint8Array(width);
  let next = new Uint8Array(width);
  row[0] = 1;
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j < width; j++) {
      if (row[j] === 0) continue;
      const left = a[i];
      const right = b[j];
      if (left !== undefined && isRun(left)) next[j] = 1;
      if (right !== undefined && isRun(right)) row[j + 1] = 1;
      if (left === undefined || right === undefined) continue;
      if (isRun(left) && accepts(left, right)) row[j + 1] = 1;
      if (isRun(right) && accepts(right, left)) next[j] = 1;
      if (!isRun(left) && !isRun(right) && sameOne(left, right)) next[j + 1] = 1;
    }
    if (i === a.length) return row[b.length] === 1;
    if (!next.includes(1)) return false;
    [row, next] = [next, row];
    next.fill(0);
  }
  return false;
}

function isRun(step: Step): boolean {
  return step.kind === "run" || step.kind === "deep";
}

function accepts(run: Step, step: Step): boolean {
  if (run.kind === "deep" || step.kind !== "literal") return true;
  return step.character !== "/";
}

function sameOne(a: Step, b: Step): boolean {
  if (a.kind === "literal" && b.kind === "literal") return a.character === b.character;
  const literal = a.kind === "literal" ? a : b.kind === "literal" ? b : undefined;
  return literal?.character !== "/";
}
