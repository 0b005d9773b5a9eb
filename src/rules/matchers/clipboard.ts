import type { ClipboardActivity } from "../../model/index.js";
import type { ClipboardSource, PatternSource } from "../read/source.js";
import { and, certainty, MAYBE, YES, type Certainty } from "./certainty.js";
import type { CommandNeeds } from "./command.js";
import { compare, compilePattern, type Pattern, type PatternUse } from "./pattern.js";

export type ClipboardTest = (activity: ClipboardActivity) => Certainty;

/**
 * One condition over a clipboard. Size, digest and content are `MAYBE` until all of it has been seen;
 * what is no text has no content that could match.
 */
export function compileClipboard(source: ClipboardSource, needs: CommandNeeds): ClipboardTest {
  const tests: ClipboardTest[] = [];
  const { direction, size } = source;
  if (direction !== undefined) tests.push((one) => certainty(one.direction === direction));
  if (source.mimetype !== undefined) {
    const types = compileAll(source.mimetype, needs, "word");
    tests.push((one) => certainty(matchesAny(types, one.mimetype)));
  }
  if (size !== undefined)
    tests.push((one) => (one.bytes === undefined ? MAYBE : certainty(compare(one.bytes, size))));
  if (source.sha256 !== undefined) {
    const sha256 = compileAll(source.sha256, needs, "word");
    tests.push(({ sha256: digest }) =>
      digest === undefined ? MAYBE : certainty(matchesAny(sha256, digest)),
    );
  }
  if (source.content !== undefined) {
    const content = compileAll(source.content, needs, "text");
    tests.push(({ text, bytes }) => {
      if (text !== undefined) return certainty(matchesAny(content, text));
      return bytes === undefined ? MAYBE : certainty(false);
    });
  }
  return (activity) => tests.reduce<Certainty>((sum, test) => and(sum, test(activity)), YES);
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
