import type { Analysis } from "../model/index.js";
import type { AnalyseLine, ShellKnowledge } from "./analyse.js";
import { LINE_CHARS_MAX } from "./limits.js";
import { isComplete } from "./syntax/completeness.js";
import { hasOpenQuote } from "./syntax/open-quote.js";
import { parseScript, type ParsedScript } from "./syntax/parse-script.js";
import { scanTokens } from "./syntax/tokens.js";
import { writeFile } from "./walk/files.js";
import { createOutput, textOf } from "./walk/output.js";
import { createScope, type Scope } from "./walk/scope.js";
import { walkStandingCode } from "./walk/standing-code.js";
import { known } from "./words/text.js";
import { walkScript } from "./walk/statements.js";
import { walkStartupFiles } from "./walk/startup-files.js";
import { createWalk, giveUp, type Frame, type Walk } from "./walk/walk.js";

/**
 * What a command line will execute, as far as that can be known without running it. Pure and total:
 * hostile text costs bounded time and comes back `unparsed`, with its words as tokens.
 */
export const analyseLine: AnalyseLine = (line, knowledge) => {
  if (line.length > LINE_CHARS_MAX)
    return {
      ...unparsed(line, `longer than ${LINE_CHARS_MAX} characters`),
      complete: !hasOpenQuote(line),
    };
  const parsed = parseScript(line);
  if (!parsed.ok) return unparsed(line, parsed.reason);
  try {
    return walkLine(line, knowledge, parsed);
  } catch {
    // Only the parser's lazily read parts can throw here (deep recursion): law 1, never "allowed".
    return unparsed(line, "the shell parser gave up");
  }
};

function walkLine(
  line: string,
  knowledge: ShellKnowledge,
  parsed: Extract<ReturnType<typeof parseScript>, { ok: true }>,
): Analysis {
  const complete = isComplete(line, parsed);
  const { walk, scope } = walkTop(line, knowledge, parsed.script);
  const first = parsed.errors[0];
  // What an unfinished line lacks will come with the next one: that is no failure to understand.
  if (first !== undefined && complete) giveUp(walk, first.message);
  const supposed = supposedBy(walk);
  const result = {
    line,
    invocations: walk.found,
    complete,
    ...(supposed.length === 0 ? {} : { supposed }),
  };
  const analysis: Analysis =
    walk.trouble === undefined
      ? { ...result, tokens: NO_TOKENS }
      : { ...result, unparsed: walk.trouble, tokens: scanTokens(line) };
  BEHIND.set(analysis, scope);
  return analysis;
}

/**
 * The shell as a line leaves it, kept beside the analysis: a line that was judged is not read again to
 * learn from it. The key is weak, so nothing of a line outlives its analysis here.
 */
const BEHIND = new WeakMap<Analysis, Scope>();

/** The shell behind an analysed line; null when the line can not be understood. */
export function scopeBehind(analysis: Analysis, knowledge: ShellKnowledge): Scope | null {
  const kept = BEHIND.get(analysis);
  if (kept?.knowledge === knowledge) return kept;
  const parsed = parseScript(analysis.line);
  if (!parsed.ok) return null;
  try {
    return walkTop(analysis.line, knowledge, parsed.script).scope;
  } catch {
    return null;
  }
}

/** What the suspicions of a walk would start; what can not be read of them says nothing. */
function supposedBy({ suspicions }: Walk): Walk["found"] {
  if (suspicions.length === 0) return [];
  const walk = createWalk(walkScript);
  for (const { text, frame } of suspicions) walk.runText(text, frame);
  return walk.found;
}

/** Walks a parsed line; answers what was found and the shell as it is behind the line. */
function walkTop(
  line: string,
  knowledge: ShellKnowledge,
  script: ParsedScript,
): { readonly walk: Walk; readonly scope: Scope } {
  const walk = createWalk(walkScript);
  const scope = createScope(knowledge);
  const frame: Frame = {
    scope,
    source: line,
    via: [],
    runas: undefined,
    context: "top",
    stage: undefined,
    stdin: undefined,
    out: undefined,
    depth: 0,
    aliasing: [],
    doubtful: false,
  };
  // `exec > f` of a line before: what this one writes goes there.
  const to = scope.descriptors.get(1)?.path;
  const out = to === undefined ? undefined : createOutput();
  walkScript(walk, script, { ...frame, out });
  if (to !== undefined && out !== undefined && scope.descriptors.get(1)?.path === to)
    writeFile(scope, known(to), textOf(out), true);
  walkStandingCode(walk, scope, frame);
  if (scope.files.size > 0) walkStartupFiles(walk, scope, frame);
  return { walk, scope };
}

function unparsed(line: string, reason: string): Analysis {
  return { line, invocations: [], complete: true, unparsed: reason, tokens: scanTokens(line) };
}

/** True when something that this line runs can not be known: the session's doubt policy decides. */
export function isOpaque(analysis: Analysis): boolean {
  return analysis.unparsed !== undefined || analysis.invocations.some((one) => one.dynamic);
}

const NO_TOKENS: readonly string[] = [];
