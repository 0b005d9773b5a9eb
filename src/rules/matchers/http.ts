import type { HttpActivity, NamedValue } from "../../model/index.js";
import type { HttpSource, NamedPatterns, PatternSource } from "../read/source.js";
import { and, certainty, MAYBE, NO, or, YES, type Certainty } from "./certainty.js";
import type { CommandNeeds } from "./command.js";
import { pathLeads } from "./http-lead.js";
import { compare, compilePattern, type Pattern, type PatternUse } from "./pattern.js";

type HttpTest = (activity: HttpActivity) => Certainty;

/**
 * One condition over a request; what is known only with the answer is `MAYBE` before. It is told whether
 * `isSimplePath` holds for the path, because all rules would ask the same.
 */
export function compileHttp(
  source: HttpSource,
  needs: CommandNeeds,
): (activity: HttpActivity, simplePath: boolean) => Certainty {
  const tests: HttpTest[] = [];
  const { methods, status, responseSize } = source;
  const text = (
    patterns: readonly PatternSource[] | undefined,
    use: PatternUse,
    read: (one: HttpActivity) => string | undefined,
  ): void => {
    if (patterns === undefined) return;
    const compiled = compileAll(patterns, needs, use);
    tests.push((one) => {
      const value = read(one);
      return certainty(value !== undefined && matchesAny(compiled, value));
    });
  };
  text(source.host, "word", (one) => one.host);
  text(source.path, "path", (one) => one.path);
  text(source.operation, "word", (one) => one.operation);
  text(source.upgrade, "word", (one) => one.upgrade);
  if (source.query !== undefined) tests.push(named(source.query, needs, (one) => one.query));
  if (source.body !== undefined) {
    const body = named(source.body, needs, (one) => one.body ?? []);
    tests.push((one) => (one.bodyUnread === true ? MAYBE : body(one)));
  }
  if (status !== undefined)
    tests.push((one) => later(one, one.status, (value) => compare(value, status)));
  if (responseSize !== undefined)
    tests.push((one) => later(one, one.responseBytes, (value) => compare(value, responseSize)));
  if (source.contentType !== undefined) {
    const types = compileAll(source.contentType, needs, "word");
    tests.push((one) => later(one, one.contentType, (value) => matchesAny(types, value)));
  }
  const leads = pathLeads(source.path);
  // Most requests are not what a rule means: its first condition that does not hold ends it.
  return (activity, simplePath) => {
    if (methods !== undefined && !methods.includes(activity.method)) return NO;
    if (leads !== null && simplePath && !beginsWith(activity.path, leads)) return NO;
    let sum: Certainty = YES;
    for (const test of tests) {
      sum = and(sum, test(activity));
      if (sum === NO) return NO;
    }
    return sum;
  };
}

function beginsWith(path: string, leads: readonly string[]): boolean {
  for (const lead of leads) if (path.startsWith(lead)) return true;
  return false;
}

/** Not answered yet: open. Answered, and the target does not say: no. */
function later<T>(
  { status }: HttpActivity,
  value: T | undefined,
  holds: (value: T) => boolean,
): Certainty {
  if (value !== undefined) return certainty(holds(value));
  return status === undefined ? MAYBE : NO;
}

function named(
  sources: readonly NamedPatterns[],
  needs: CommandNeeds,
  read: (one: HttpActivity) => readonly NamedValue[],
): HttpTest {
  const compiled = sources.map(({ name, patterns }) => ({
    name,
    patterns: compileAll(patterns, needs, "word"),
  }));
  return (activity) => {
    const fields = read(activity);
    return compiled.reduce<Certainty>((sum, { name, patterns }) => {
      const hits = fields
        .filter((field) => field.name === name)
        .map(({ value }) =>
          patterns.length === 0
            ? YES
            : value === undefined
              ? MAYBE
              : certainty(matchesAny(patterns, value)),
        );
      return and(sum, hits.reduce<Certainty>(or, NO));
    }, YES);
  };
}

function compileAll(
  sources: readonly PatternSource[],
  needs: CommandNeeds,
  use: PatternUse,
): readonly Pattern[] {
  return sources.map((source) => compilePattern(source, { ...needs, use }));
}

function matchesAny(patterns: readonly Pattern[], value: string): boolean {
  return patterns.some((pattern) => pattern.matches(value, NOWHERE));
}

const NOWHERE = { cwd: undefined, home: undefined };
