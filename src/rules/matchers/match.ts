import type { MatchSource } from "../read/source.js";
import { and, NO, not, or, YES, type Certainty } from "./certainty.js";
import { compileCommand, type CommandNeeds, type Trace } from "./command.js";
import { bestHint, eitherHint, type Hints } from "./hints.js";
import type { Pattern } from "./pattern.js";
import { projectMatch } from "./project.js";
import type { InvocationView } from "./view.js";

/** A compiled `match:` tree. It is asked for one invocation at a time. */
export interface MatchTree {
  test(view: InvocationView, trace: Trace): Certainty;
  readonly execs: readonly string[] | null;
  /** Programs that make a line suspicious which can not be read. */
  readonly suspects: readonly string[];
  /** What the line must hold; null: nothing is known. */
  readonly hints: Hints | null;
  /** It asks what is removed: of invocations that remove nothing it is not asked. */
  readonly deletes: boolean;
  /** Patterns over the text of the line, for lines that could not be parsed. */
  readonly raw: readonly Pattern[];
  /** Of `any`: each is found by its own programs and texts. */
  readonly alternatives?: readonly MatchTree[];
}

/** What the condition says about commands; transfers and forwards have a tree of their own. */
export function compileMatch(source: MatchSource | undefined, needs: CommandNeeds): MatchTree {
  const commands = source === undefined ? null : projectMatch(source, "command");
  return commands === null ? NEVER : compileTree(commands, needs);
}

/** Names no program that could be run: such a rule is never asked about a command. */
const NEVER: MatchTree = {
  execs: [],
  suspects: [],
  hints: null,
  deletes: false,
  raw: [],
  test: () => NO,
};

function compileTree(source: MatchSource, needs: CommandNeeds): MatchTree {
  switch (source.kind) {
    case "transfer":
    case "forward":
    case "http":
    case "clipboard":
    case "anomaly":
      return NEVER;
    case "command":
      return compileCommand(source.command, needs);
    case "not": {
      const part = compileTree(source.part, needs);
      return {
        execs: null,
        suspects: [],
        hints: null,
        deletes: false,
        raw: [],
        test: (view, trace) => not(part.test(view, trace)),
      };
    }
    case "any":
      return compileAny(source.parts.map((part) => compileTree(part, needs)));
    case "all":
      return compileAll(source.parts, needs);
  }
}

function compileAny(parts: readonly MatchTree[]): MatchTree {
  const execs = parts.every((part) => part.execs !== null)
    ? parts.flatMap((part) => part.execs ?? [])
    : null;
  return {
    execs,
    suspects: parts.flatMap((part) => part.suspects),
    hints: eitherHint(parts.map((part) => part.hints)),
    deletes: parts.every((part) => part.deletes),
    alternatives: parts.flatMap((part) => part.alternatives ?? [part]),
    raw: parts.flatMap((part) => part.raw),
    test(view, trace) {
      let result: Certainty = NO;
      for (const part of parts) {
        result = or(result, part.test(view, trace));
        if (result === YES) return YES;
      }
      return result;
    },
  };
}

/**
 * All parts hold for one invocation. Parts that name different programs can not: those may each hold
 * for an invocation of their own on the same line (`all: [curl, sh]`).
 */
function compileAll(sources: readonly MatchSource[], needs: CommandNeeds): MatchTree {
  const parts = sources.map((part) => ({
    tree: compileTree(part, needs),
    negated: part.kind === "not",
  }));
  const positive = parts.filter((part) => !part.negated).map((part) => part.tree);
  const negative = parts.filter((part) => part.negated).map((part) => part.tree);
  const spread = isSpread(positive);
  const testOne = (trees: readonly MatchTree[], view: InvocationView, trace: Trace): Certainty => {
    let result: Certainty = YES;
    for (const tree of trees) {
      result = and(result, tree.test(view, trace));
      if (result === NO) return NO;
    }
    return result;
  };
  const execs = spread ? (positive[0]?.execs ?? null) : narrowest(positive);
  return {
    execs,
    suspects: execs ?? positive.flatMap((part) => part.suspects),
    // What an unknown word may be is asked of the invocation at hand only.
    hints: bestHint(
      positive.map(({ hints }, i) => (spread && i > 0 && hints?.ofWords === true ? null : hints)),
    ),
    deletes: (spread ? positive.slice(0, 1) : positive).some((part) => part.deletes),
    raw: positive.flatMap((part) => part.raw),
    test(view, trace) {
      if (!spread) return and(testOne(positive, view, trace), testOne(negative, view, trace));
      const [first, ...others] = positive;
      let result = and(first?.test(view, trace) ?? NO, testOne(negative, view, trace));
      for (const other of others) {
        if (result === NO) return NO;
        let somewhere: Certainty = NO;
        for (const one of view.line.views) somewhere = or(somewhere, other.test(one, trace));
        result = and(result, somewhere);
      }
      return result;
    },
  };
}

function isSpread(parts: readonly MatchTree[]): boolean {
  const named = parts.flatMap((part) => (part.execs === null ? [] : [part.execs]));
  if (named.length < 2 || named.length < parts.length) return false;
  return named.every((execs, i) =>
    named.every((other, j) => i === j || !execs.some((exec) => other.includes(exec))),
  );
}

function narrowest(parts: readonly MatchTree[]): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const { execs } of parts) {
    if (execs !== null && (best === null || execs.length < best.length)) best = execs;
  }
  return best;
}
