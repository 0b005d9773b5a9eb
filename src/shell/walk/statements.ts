import { bareStart } from "./start.js";
import { walkCommand } from "./command.js";
import {
  forEachChild,
  type CommandNode,
  type CompoundList,
  type For,
  type ParsedScript,
  type Pipeline,
  type PipelineNode,
  type Select,
  type Statement,
  type SyntaxNode,
} from "../syntax/parse-script.js";
import { unreachable } from "../../kernel/index.js";
import { arithmeticNames } from "../words/arithmetic-names.js";
import { evaluateArithmetic } from "../words/arithmetic.js";
import { evaluateText, evaluateWord } from "../words/evaluate.js";
import { pathsMatching } from "./files.js";
import { guessed, UNKNOWN, unsure, type Text } from "../words/text.js";
import { OPTION_PLACE } from "./getopts.js";
import { createGathering, feedProcesses, type Gathering } from "./gathering.js";
import { createOutput, inputOf, textOf, type Input, type Output } from "./output.js";
import { passOn, readRedirects, settleSink } from "./redirects.js";
import { branchScope, copyScope, mergeBranch, readVariable, setVariable } from "./scope.js";
import { giveUp, type Frame, type Stage, type Walk } from "./walk.js";

/** Walks every command of a script, in the order of the text. */
export function walkScript(walk: Walk, script: ParsedScript, frame: Frame): void {
  for (const statement of script.commands) walkStatement(walk, statement, frame);
}

function walkStatement(walk: Walk, statement: Statement, given: Frame): void {
  const node = statement.command;
  const frame = statement.background === true ? { ...given, scope: copyScope(given.scope) } : given;
  if (node.type !== "AndOr") {
    walkNode(walk, node, frame);
    return;
  }
  // What stands behind `&&` or `||` may or may not run: it sees what it sets, the rest doubts it.
  const [first, ...later] = node.commands;
  if (first !== undefined) walkNode(walk, first, frame);
  branch(frame, (inner) => {
    for (const command of later) walkNode(walk, command, inner);
  });
}

/** What may run or not: what it writes and what it sets is a guess behind it. */
function branch(frame: Frame, run: (inner: Frame) => void): void {
  const scope = branchScope(frame.scope);
  const out = frame.out === undefined ? undefined : createOutput();
  run({ ...frame, scope, out });
  mergeBranch(frame.scope, scope);
  if (out === undefined || out.text === "") return;
  passOn({ ...out, known: false }, frame.out);
}

function walkList(walk: Walk, list: CompoundList, frame: Frame): void {
  for (const statement of list.commands) walkStatement(walk, statement, frame);
}

function walkNode(walk: Walk, node: PipelineNode | CompoundList, frame: Frame): void {
  switch (node.type) {
    case "Command":
      walkCommand(walk, node, frame);
      return;
    case "Pipeline":
      walkPipeline(walk, node, frame);
      return;
    case "CompoundList":
    case "BraceGroup":
      walkList(walk, node.type === "BraceGroup" ? node.body : node, frame);
      return;
    case "Subshell":
      walkList(walk, node.body, subshell(frame));
      return;
    case "Redirected":
      walkRedirected(walk, node, frame);
      return;
    case "If":
      walkIf(walk, node, frame);
      return;
    case "Case":
      walkCase(walk, node, frame);
      return;
    case "For":
    case "Select":
      walkFor(walk, node, frame);
      return;
    case "While":
      walkWhile(walk, node, frame);
      return;
    case "ArithmeticFor":
      walkArithmeticFor(walk, node, frame);
      return;
    case "TestCommand":
    case "ArithmeticCommand":
      visitArithmetic(walk, node, frame);
      return;
    case "Function":
      defineFunction(walk, node, frame);
      return;
    case "Coproc":
      // What it is fed is written to it later.
      walkNode(walk, node.body, {
        ...subshell(frame),
        stdin: frame.stdin ?? inputOf(UNKNOWN),
        out: undefined,
      });
      return;
    default:
      unreachable(node);
  }
}

function walkIf(walk: Walk, node: Extract<PipelineNode, { type: "If" }>, frame: Frame): void {
  const arm = (list: CompoundList): void => branch(frame, (inner) => walkList(walk, list, inner));
  walkList(walk, node.clause, frame);
  arm(node.then);
  for (const elif of node.elif) {
    walkList(walk, elif.clause, frame);
    arm(elif.then);
  }
  if (node.else !== undefined) arm(node.else);
}

function walkCase(walk: Walk, node: Extract<PipelineNode, { type: "Case" }>, frame: Frame): void {
  visitExpansions(walk, node.word, frame);
  for (const item of node.items) {
    for (const pattern of item.pattern) visitExpansions(walk, pattern, frame);
    branch(frame, (inner) => walkList(walk, item.body, inner));
  }
}

function subshell(frame: Frame): Frame {
  return {
    ...frame,
    scope: copyScope(frame.scope),
    context: frame.context === "top" ? "subshell" : frame.context,
  };
}

function walkPipeline(walk: Walk, node: Pipeline, frame: Frame): void {
  const only = node.commands.length === 1 ? node.commands[0] : undefined;
  if (only !== undefined) {
    walkNode(walk, only, frame);
    return;
  }
  let from: number | undefined;
  let before: Stage | undefined;
  let stdin = frame.stdin;
  node.commands.forEach((element: CommandNode, index) => {
    const at = walk.found.length;
    const isLast = index === node.commands.length - 1;
    const stage: Stage = { from: index === 0 ? frame.stage?.from : from, members: [] };
    const out: Output | undefined = isLast ? frame.out : createOutput();
    walkNode(walk, element, { ...frame, scope: copyScope(frame.scope), stage, stdin, out });
    const first = stage.members.length > 0 ? at : undefined;
    if (first !== undefined && before !== undefined) {
      for (const member of before.members) member.pipeTo ??= first;
    }
    // A group feeds the stage behind it too, and takes from the one before.
    frame.stage?.members.push(...(index === 0 || isLast ? stage.members : []));
    if (!isLast && out !== undefined) stdin = inputOf(textOf(out));
    from = first ?? from;
    before = stage;
  });
}

function walkRedirected(
  walk: Walk,
  node: Extract<PipelineNode, { type: "Redirected" }>,
  frame: Frame,
): void {
  const gathering = createGathering(walk, frame);
  const { redirects, stdin, sink } = readRedirects(node.redirects, gathering);
  if (redirects.length > 0) {
    bareStart(walk, { frame, assignments: [], redirects, processes: [] });
  }
  const out = sink === undefined ? frame.out : createOutput();
  walkNode(walk, node.command, { ...frame, stdin: stdin ?? frame.stdin, out });
  if (sink === undefined || out === undefined) return;
  settleSink(sink, out, frame.scope);
  feedProcesses(gathering, unsure(textOf(out)));
}

/** `shift` took words, and some are left. */
function isShorter(now: readonly Text[] | undefined, before: readonly Text[] | undefined): boolean {
  return now !== undefined && before !== undefined && now.length > 0 && now.length < before.length;
}

/** `while read -r line; do ...`: as many rounds as there are lines, when they are known. */
function walkWhile(walk: Walk, node: Extract<PipelineNode, { type: "While" }>, frame: Frame): void {
  const input: Input | undefined = frame.stdin && { ...frame.stdin };
  walkTwice(walk, { ...frame, stdin: input }, (inner) => {
    for (;;) {
      const before = input?.at ?? 0;
      const words = inner.scope.positional;
      const option = readVariable(inner.scope, OPTION_PLACE);
      walkList(walk, node.clause, inner);
      walkList(walk, node.body, inner);
      const reads = input !== undefined && input.at !== before && input.at < input.text.length;
      const shifts = isShorter(inner.scope.positional, words);
      const takes = readVariable(inner.scope, OPTION_PLACE) !== option;
      if (!reads && !shifts && !takes) return;
      walk.budget.rounds -= 1;
      if (walk.budget.rounds < 0) {
        giveUp(walk, "a loop of too many rounds");
        return;
      }
    }
  });
}

function walkFor(walk: Walk, node: For | Select, frame: Frame): void {
  const gathering = createGathering(walk, frame);
  const values: Text[] = (node.wordlist ?? []).flatMap((word) =>
    evaluateWord(word, gathering).flatMap((one) => (one.glob ? globbed(one, frame) : [one])),
  );
  const name = node.name.value;
  const body = frame.source.slice(node.body.pos, node.body.end);
  const all = node.wordlist === undefined ? (frame.scope.positional ?? [UNKNOWN]) : values;
  // Which one of a menu is chosen is not known: each of them may be.
  const rounds = node.type === "Select" ? all.map(unsure) : all;
  const varies = body.includes(name);
  branch(frame, (entered) => {
    const inner: Frame = { ...entered, context: loopContext(frame) };
    const { scope } = inner;
    const seen = new Set<string>();
    for (const value of rounds) {
      if (seen.has(value.text)) continue;
      seen.add(value.text);
      walk.budget.rounds -= 1;
      const spent = walk.budget.rounds < 0;
      setVariable(scope, name, spent ? UNKNOWN : value);
      walkList(walk, node.body, inner);
      if (spent || !varies) return;
    }
    if (rounds.length === 0) {
      setVariable(scope, name, UNKNOWN);
      walkList(walk, node.body, inner);
    }
  });
}

/** A pattern stands for itself, and for the files of this session that it matches. */
function globbed(word: Text, { scope }: Frame): readonly Text[] {
  return [unsure(word), ...pathsMatching(scope, word.text).map(guessed)];
}

function loopContext(frame: Frame): Frame["context"] {
  return frame.context === "top" ? "loop" : frame.context;
}

/** A body whose later rounds may see what earlier rounds set is walked again with those doubts. */
function walkTwice(walk: Walk, frame: Frame, run: (inner: Frame) => void): void {
  const before = new Map(frame.scope.variables);
  branch(frame, (inner) => run({ ...inner, context: loopContext(frame) }));
  const changed = [...frame.scope.variables].some(([name, value]) => before.get(name) !== value);
  if (changed && frame.depth < LOOP_DEPTH_MAX && walk.budget.rounds > 0) {
    walk.budget.rounds -= 1;
    branch({ ...frame, out: undefined }, (inner) =>
      run({ ...inner, context: loopContext(frame), depth: frame.depth + 4 }),
    );
  }
}

/** Second rounds are walked for outer loops only: each level would double the work. */
const LOOP_DEPTH_MAX = 8;

function defineFunction(
  walk: Walk,
  node: Extract<PipelineNode, { type: "Function" }>,
  frame: Frame,
): void {
  frame.scope.functions.set(node.name.value, frame.source.slice(node.body.pos, node.body.end));
  const scope = copyScope(frame.scope);
  scope.positional = undefined;
  walkNode(walk, node.body, {
    ...frame,
    scope,
    context: "function",
    stage: undefined,
    stdin: undefined,
    out: undefined,
  });
}

/** Evaluates the words of tests and arithmetic for the substitutions that they hold. */
function visitExpansions(walk: Walk, node: SyntaxNode, frame: Frame): void {
  visit(node, createGathering(walk, frame));
}

function visitArithmetic(walk: Walk, node: SyntaxNode, frame: Frame): void {
  visitExpansions(walk, node, frame);
  if (node.type === "ArithmeticCommand" && node.expression !== undefined)
    evaluateArithmetic(node.expression, arithmeticNames(frame.scope));
}

/** `for ((i=0; i<n; i++))`: as many rounds as its test holds, when that can be known. */
function walkArithmeticFor(
  walk: Walk,
  node: Extract<PipelineNode, { type: "ArithmeticFor" }>,
  frame: Frame,
): void {
  visitExpansions(walk, node, frame);
  branch(frame, (entered) => {
    const inner: Frame = { ...entered, context: loopContext(frame) };
    const names = arithmeticNames(inner.scope);
    const value = (one: typeof node.test): number | null =>
      one === undefined ? null : evaluateArithmetic(one, names);
    value(node.initialize);
    for (;;) {
      const holds = value(node.test);
      if (holds === 0) return;
      walkList(walk, node.body, inner);
      walk.budget.rounds -= 1;
      const after = value(node.update);
      // Without a test that is known, twice is enough to see what one round leaves to the next.
      if (holds === null || after === null || walk.budget.rounds < 0) break;
    }
    walkList(walk, node.body, inner);
  });
}

function visit(node: SyntaxNode, gathering: Gathering): void {
  if (node.type === "TestUnary" && (node.operator === "-v" || node.operator === "-R"))
    gathering.expandAgain(evaluateText(node.operand, gathering));
  if (node.type === "Word") evaluateText(node, gathering);
  else if (node.type === "ArithmeticCommandExpansion" || node.type === "CommandExpansion") {
    if (node.script !== undefined) gathering.substitute(node.script);
  } else if (node.type !== "CompoundList" && node.type !== "Script") {
    forEachChild(node, (child) => visit(child, gathering));
  }
}
