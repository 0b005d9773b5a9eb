import { isSign, readArguments, readExpression, type Reader } from "./expression.js";
import type { Token } from "./tokens.js";
import type { Value } from "./values.js";

/** A loop over constants is looked at once for each of them, up to so many. */
const ROUNDS_MAX = 8;
/** Loops that are bound in one round: hostile text is nothing but loops. */
const LOOPS_MAX = 64;
/** A longer program is looked at in one round only. */
const LOOPED_TOKENS_MAX = 2048;

/** Which round of its loops a program is looked at in. */
export interface Loops {
  readonly round: number;
  longest: number;
  /** Loops that may still be bound. */
  left: number;
}

/** Looks at a program as often as its longest loop over constants goes round. */
export function forEachRound(look: (loops: Loops) => void): void {
  let longest = 1;
  for (let round = 0; round < Math.min(longest, ROUNDS_MAX); round++) {
    const loops: Loops = { round, longest, left: LOOPS_MAX };
    look(loops);
    longest = loops.longest;
  }
}

/** Binds every loop before the program is looked at: `[f(p) for p in list]` uses its name first. */
export function bindLoops(reader: Reader, variables: Map<string, Value>, loops: Loops): void {
  const { tokens } = reader;
  for (let at = 0; at < tokens.length; at++) {
    const name = nameAt(tokens, at);
    if (name !== undefined)
      bindLoop(name, at, { reader: { ...reader, at: at + 1 }, variables, loops });
  }
}

/**
 * `for p in [..]`, `for (const p of [..])`, `for my $p (..)`, `[..].each { |p| .. }`: the variable holds
 * the value of this round. The reader stands behind the name at `at`.
 */
export function bindLoop(
  name: string,
  at: number,
  { reader, variables, loops }: { reader: Reader; variables: Map<string, Value>; loops: Loops },
): boolean {
  if (loops.left <= 0) return false;
  const bound = /^(?:for|foreach)$/.test(name)
    ? loopBehind(reader)
    : /^(?:each|forEach|map)$/.test(name)
      ? blockBehind(reader, at)
      : null;
  if (bound !== null) loops.left -= 1;
  if (bound === null || !Array.isArray(bound.values) || bound.values.length === 0) return false;
  const values: readonly Value[] = bound.values;
  if (reader.tokens.length <= LOOPED_TOKENS_MAX)
    loops.longest = Math.max(loops.longest, values.length);
  variables.set(bound.name, values[Math.min(loops.round, values.length - 1)] ?? null);
  return true;
}

interface Bound {
  readonly name: string;
  readonly values: Value;
}

const DECLARATIONS = new Set(["my", "const", "let", "var", "our"]);

function loopBehind(reader: Reader): Bound | null {
  const own: Reader = { ...reader };
  const opened = isSign(own, "(");
  if (opened) own.at += 1;
  const first = nameAt(own.tokens, own.at);
  if (DECLARATIONS.has(first ?? "")) own.at += 1;
  const name = nameAt(own.tokens, own.at);
  const link = nameAt(own.tokens, own.at + 1);
  if (name !== undefined && (link === "in" || link === "of")) {
    own.at += 2;
    return { name, values: readExpression(own) };
  }
  // perl: `for my $p (..)`, `for (..)`.
  if (opened)
    return { name: "_", values: flat(readArguments({ ...reader, at: reader.at + 1 }, ")")) };
  if (name === undefined) return null;
  own.at += 1;
  if (!isSign(own, "(")) return null;
  own.at += 1;
  return { name, values: flat(readArguments(own, ")")) };
}

function flat(values: readonly Value[]): readonly Value[] {
  return values.flatMap((one) => (Array.isArray(one) ? (one as readonly Value[]) : [one])); // isArray does not narrow readonly lists
}

/** ruby and node: the list stands in front of the dot, the name of each between bars or brackets. */
function blockBehind(reader: Reader, at: number): Bound | null {
  const { tokens } = reader;
  const before = tokens[at - 1];
  if (before?.type !== "sign" || before.value !== ".") return null;
  const name = parameterBehind(reader);
  if (name === undefined) return null;
  const start = chainStart(tokens, at - 2);
  const own: Reader = { ...reader, tokens: tokens.slice(start, at - 1), at: 0 };
  return { name, values: readExpression(own) };
}

function parameterBehind({ tokens, at }: Reader): string | undefined {
  for (let i = at; i < at + 4; i++) {
    const token = tokens[i];
    if (token?.type === "name" && token.value !== "do" && token.value !== "function")
      return token.value;
  }
  return undefined;
}

/** Where `x`, `[..]`, `a.b(..)[1]` starts that ends here. */
export function chainStart(tokens: readonly Token[], end: number): number {
  let at = end;
  for (;;) {
    if (isBracket(tokens[at], ")]")) {
      at = openedAt(tokens, at);
      // A name in front of the bracket is called, or looked into.
      if (nameAt(tokens, at - 1) !== undefined || isBracket(tokens[at - 1], ")]")) {
        at -= 1;
        continue;
      }
    }
    if (at < 2 || !isBracket(tokens[at - 1], ".")) return Math.max(at, 0);
    at -= 2;
  }
}

function openedAt(tokens: readonly Token[], end: number): number {
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (isBracket(tokens[at], ")]")) depth += 1;
    else if (isBracket(tokens[at], "([")) depth -= 1;
    if (depth === 0) return at;
  }
  return 0;
}

function isBracket(token: Token | undefined, signs: string): boolean {
  return token?.type === "sign" && signs.includes(token.value);
}

function nameAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  return token?.type === "name" ? token.value : undefined;
}
