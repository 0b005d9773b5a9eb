import type { FileGrant } from "../../model/index.js";
import type { Comparison, MatchSource, TransferSource } from "../read/source.js";
import type { RuleSubject } from "../ruleset.js";
import type { CompiledRule } from "./rule.js";

/**
 * What has to be seen of files so that the rules of a session can be asked about them: at which sizes, and
 * whether their content is looked at.
 */
export function createTransferNeeds(
  rules: readonly CompiledRule[],
): (session: RuleSubject) => FileGrant {
  const speaking = rules.flatMap((rule) => {
    const sources = transfersIn(rule.source.match);
    return sources.length === 0 ? [] : [{ rule, sources }];
  });
  // Asked for every file; what a session is does not change while it runs.
  const known = new WeakMap<RuleSubject, FileGrant>();
  return (session) => {
    const before = known.get(session);
    if (before !== undefined) return before;
    const needs = needsOf(
      speaking.filter(({ rule }) => rule.scope.session(session)).flatMap(({ sources }) => sources),
    );
    known.set(session, needs);
    return needs;
  };
}

function transfersIn(source: MatchSource | undefined): readonly TransferSource[] {
  if (source === undefined) return [];
  switch (source.kind) {
    case "all":
    case "any":
      return source.parts.flatMap(transfersIn);
    case "not":
      return transfersIn(source.part);
    case "transfer":
      return [source.transfer];
    case "command":
    case "forward":
    case "http":
    case "clipboard":
    case "anomaly":
      return [];
  }
}

function needsOf(sources: readonly TransferSource[]): FileGrant {
  const sizes = sources.flatMap(({ size }) => (size === undefined ? [] : [size]));
  const hashed = sources.some(({ sha256 }) => sha256 !== undefined);
  return {
    sizes: [...new Set(sizes.flatMap(firstSize))].sort((a, b) => a - b),
    content: sources.some(({ types, content }) => types !== undefined || content !== undefined),
    end: hashed || sizes.some(({ operator }) => operator !== ">" && operator !== ">="),
    sha256: hashed,
  };
}

/** The first size, in bytes, at which the comparison turns. */
function firstSize({ operator, value }: Comparison): readonly number[] {
  if (operator === ">=") return [value];
  return operator === ">" ? [value + 1] : [];
}
