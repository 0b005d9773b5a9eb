/** A condition of a Sigma rule as a tree over the names of its selections. */
export type Condition =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "not"; readonly part: Condition }
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] };

export type ConditionReading =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly why: string };

/** Longer conditions are not written by people. */
const TOKENS_MAX = 400;
/** `3 of many*` is spelled out as all groups of three. */
const GROUPS_MAX = 200;

/**
 * `selection and not 1 of filter_*`: `not` binds strongest, then `and`, then `or`; `1 of`, `all of`
 * and `N of` over names, patterns of names and `them` (which leaves out names that begin with `_`).
 */
export function readCondition(text: string, names: readonly string[]): ConditionReading {
  if (text.includes("|"))
    return { ok: false, why: "an aggregation in the condition (use a correlation)" };
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  if (words.length === 0 || words.length > TOKENS_MAX) return { ok: false, why: "the condition" };
  const parser = createParser(words, names);
  const condition = parser.or();
  const why =
    parser.trouble() ?? (parser.rest() === "" ? null : `"${parser.rest()}" in the condition`);
  return why === null ? { ok: true, condition } : { ok: false, why };
}

const NEVER: Condition = { kind: "or", parts: [] };

function createParser(
  words: readonly string[],
  names: readonly string[],
): {
  readonly or: () => Condition;
  readonly trouble: () => string | null;
  readonly rest: () => string;
} {
  let at = 0;
  let trouble: string | null = null;
  const peek = (): string => words[at] ?? "";
  const take = (): string => words[at++] ?? "";
  const isWord = (word: string): boolean => peek().toLowerCase() === word;

  function fail(why: string): Condition {
    trouble ??= why;
    return NEVER;
  }
  function chain(word: "and" | "or", next: () => Condition): Condition {
    const parts = [next()];
    while (isWord(word)) {
      take();
      parts.push(next());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: word, parts };
  }
  function or(): Condition {
    return chain("or", () => chain("and", unary));
  }
  function unary(): Condition {
    if (isWord("not")) {
      take();
      return { kind: "not", part: unary() };
    }
    if (peek() === "(") {
      take();
      const inner = or();
      return take() === ")" ? inner : fail("an unclosed parenthesis");
    }
    if (/^(?:\d+|all|any)$/i.test(peek()) && (words[at + 1] ?? "").toLowerCase() === "of")
      return quantified(take().toLowerCase());
    const name = take();
    if (name === "" || /^(?:and|or|\))$/i.test(name)) return fail("the condition ends too soon");
    return names.includes(name) ? { kind: "name", name } : fail(`no selection "${name}"`);
  }
  function quantified(count: string): Condition {
    take();
    const pattern = take();
    const meant = namesLike(pattern, names);
    if (meant.length === 0) return fail(`no selection "${pattern}"`);
    const parts = meant.map((name): Condition => ({ kind: "name", name }));
    if (count === "all") return { kind: "and", parts };
    const needed = count === "any" ? 1 : Number(count);
    if (needed === 1) return { kind: "or", parts };
    const groups = groupsOf(parts, needed);
    if (groups === null) return fail(`"${count} of ${pattern}" has too many groups`);
    return { kind: "or", parts: groups.map((group) => ({ kind: "and", parts: group })) };
  }
  return { or, trouble: () => trouble, rest: () => words.slice(at).join(" ") };
}

function namesLike(pattern: string, names: readonly string[]): readonly string[] {
  if (pattern.toLowerCase() === "them") return names.filter((name) => !name.startsWith("_"));
  const body = pattern.replace(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`).replaceAll("*", ".*");
  const form = new RegExp(`^${body}$`);
  return names.filter((name) => form.test(name));
}

function groupsOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] | null {
  if (size < 1 || size > all.length) return [];
  let groups: (readonly T[])[] = [[]];
  for (const [i, one] of all.entries()) {
    const further = groups
      .filter((group) => group.length < size)
      .map((group): readonly T[] => [...group, one]);
    groups = [...groups, ...further].filter((group) => group.length + all.length - i - 1 >= size);
    if (groups.length > GROUPS_MAX) return null;
  }
  return groups.filter((group) => group.length === size);
}
