import { unreachable } from "../../kernel/index.js";
import {
  FILE_OPERATIONS,
  type FileOperation,
  type ForwardActivity,
  type TransferActivity,
} from "../../model/index.js";
import type {
  AnomalySource,
  ForwardSource,
  MatchSource,
  PatternSource,
  TransferSource,
} from "../read/source.js";
import type { ActivityView } from "./activity-view.js";
import { compileClipboard } from "./clipboard.js";
import { compileHttp } from "./http.js";
import { and, certainty, MAYBE, NO, not, or, YES, type Certainty } from "./certainty.js";
import type { CommandNeeds } from "./command.js";
import { compare, compilePattern, type Pattern, type PatternUse } from "./pattern.js";
import { projectMatch } from "./project.js";

/** The condition of a rule as it speaks of transfers, forwards, requests and clipboards. */
export interface ActivityTree {
  test(view: ActivityView): Certainty;
}

export function compileActivityMatch(
  source: MatchSource | undefined,
  needs: CommandNeeds,
): ActivityTree {
  if (source === undefined) return NEVER;
  const transfer = projectMatch(source, "transfer");
  const forward = projectMatch(source, "forward");
  const http = projectMatch(source, "http");
  const clipboard = projectMatch(source, "clipboard");
  const anomaly = projectMatch(source, "anomaly");
  if ([transfer, forward, http, clipboard, anomaly].every((one) => one === null)) return NEVER;
  const trees = {
    transfer: transfer === null ? NEVER : compileTree(transfer, needs),
    forward: forward === null ? NEVER : compileTree(forward, needs),
    http: http === null ? NEVER : compileTree(http, needs),
    clipboard: clipboard === null ? NEVER : compileTree(clipboard, needs),
    anomaly: anomaly === null ? NEVER : compileTree(anomaly, needs),
  };
  return { test: (view) => trees[view.activity.kind].test(view) };
}

const NEVER: ActivityTree = { test: () => NO };

function compileTree(source: MatchSource, needs: CommandNeeds): ActivityTree {
  switch (source.kind) {
    case "command":
      return NEVER;
    case "transfer":
      return compileTransfer(source.transfer, needs);
    case "forward":
      return compileForward(source.forward, needs);
    case "http": {
      const test = compileHttp(source.http, needs);
      return {
        test: ({ activity, simplePath }) =>
          activity.kind === "http" ? test(activity, simplePath) : NO,
      };
    }
    case "clipboard": {
      const test = compileClipboard(source.clipboard, needs);
      return { test: ({ activity }) => (activity.kind === "clipboard" ? test(activity) : NO) };
    }
    case "anomaly":
      return compileAnomaly(source.anomaly);
    case "not": {
      const part = compileTree(source.part, needs);
      return { test: (view) => not(part.test(view)) };
    }
    case "any": {
      const parts = source.parts.map((part) => compileTree(part, needs));
      return {
        test: (view) => parts.reduce<Certainty>((sum, one) => or(sum, one.test(view)), NO),
      };
    }
    case "all": {
      const parts = source.parts.map((part) => compileTree(part, needs));
      return {
        test: (view) => parts.reduce<Certainty>((sum, one) => and(sum, one.test(view)), YES),
      };
    }
    default:
      return unreachable(source);
  }
}

type TransferTest = (activity: TransferActivity) => Certainty;

function compileTransfer(source: TransferSource, needs: CommandNeeds): ActivityTree {
  const tests: TransferTest[] = [];
  const { direction, via, size } = source;
  if (direction !== undefined) tests.push((one) => certainty(one.direction === direction));
  // A listing moves nothing: only a rule that names it means it.
  const operations = source.operations ?? MOVING;
  tests.push((one) =>
    certainty(
      one.operation === undefined ? operations.some(isMoving) : operations.includes(one.operation),
    ),
  );
  if (via !== undefined) tests.push((one) => certainty(via.includes(one.via)));
  if (source.path !== undefined) {
    const path = compileAll(source.path, needs, "path");
    tests.push((one) => certainty(matchesAny(path, one.path)));
  }
  if (size !== undefined)
    tests.push((one) => (one.bytes === undefined ? MAYBE : certainty(compare(one.bytes, size))));
  if (source.sha256 !== undefined) {
    const sha256 = compileAll(source.sha256, needs, "word");
    tests.push((one) =>
      one.sha256 === undefined ? MAYBE : certainty(matchesAny(sha256, one.sha256)),
    );
  }
  const { types } = source;
  if (types !== undefined)
    tests.push((one) => (one.type === undefined ? MAYBE : certainty(types.includes(one.type))));
  if (source.content !== undefined) {
    const content = compileAll(source.content, needs, "text");
    tests.push((one) => {
      if (one.text === undefined) return MAYBE;
      return certainty(matchesAny(content, one.text));
    });
  }
  return {
    test: ({ activity }) => (activity.kind === "transfer" ? everyOne(tests, activity) : NO),
  };
}

const MOVING: readonly FileOperation[] = FILE_OPERATIONS.filter((one) => one !== "list");

function isMoving(operation: FileOperation): boolean {
  return operation === "read" || operation === "write";
}

function compileAnomaly({ detectors, score, warm }: AnomalySource): ActivityTree {
  return {
    test: ({ activity }) =>
      certainty(
        activity.kind === "anomaly" &&
          detectors.includes(activity.detector) &&
          (score === undefined || compare(activity.score, score)) &&
          (warm === undefined || activity.warm === warm),
      ),
  };
}

type ForwardTest = (activity: ForwardActivity) => Certainty;

function compileForward(source: ForwardSource, needs: CommandNeeds): ActivityTree {
  const tests: ForwardTest[] = [];
  const { kinds, ports } = source;
  if (kinds !== undefined) tests.push((one) => certainty(kinds.includes(one.forward)));
  if (source.host !== undefined) {
    const host = compileAll(source.host, needs, "word");
    tests.push((one) => {
      const name = one.host?.toLowerCase();
      return certainty(name !== undefined && matchesAny(host, name));
    });
  }
  if (ports !== undefined)
    tests.push(({ port }) =>
      certainty(port !== undefined && ports.some(({ from, to }) => port >= from && port <= to)),
    );
  if (source.path !== undefined) {
    const path = compileAll(source.path, needs, "path");
    tests.push((one) => certainty(one.path !== undefined && matchesAny(path, one.path)));
  }
  return {
    test: ({ activity }) => (activity.kind === "forward" ? everyOne(tests, activity) : NO),
  };
}

function everyOne<T>(tests: readonly ((one: T) => Certainty)[], activity: T): Certainty {
  return tests.reduce<Certainty>((sum, test) => and(sum, test(activity)), YES);
}

function compileAll(
  sources: readonly PatternSource[],
  needs: CommandNeeds,
  use: PatternUse,
): readonly Pattern[] {
  return sources.map((source) => compilePattern(source, { ...needs, use }));
}

/** Paths of transfers are what the client asked for: relative ones start in the account's home. */
function matchesAny(patterns: readonly Pattern[], value: string): boolean {
  return patterns.some((pattern) => pattern.matches(value, NOWHERE));
}

const NOWHERE = { cwd: undefined, home: undefined };
