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
  type Script,
  type Select,
  type Statement,
  type SyntaxNode,
} from "../syntax/parse-script.js";
import { unreachable } from "../../kernel/index.js";
import { evaluateText, evaluateWord } from "../words/evaluate.js";
import { guessed, UNKNOWN, type Text } from "../words/text.js";
import { readRedirects } from "./redirects.js";
import { copyScope, mergeBranch, setVariable, type Scope } from "./scope.js";
import { giveUp, type Frame, type Stage, type Walk } from "./walk.js";
import { createGathering, outputOfNode, type Gathering } from "./words-of.js";

/** Walks every command of a script, in the order of the text. */
export function walkScript(walk: Walk, script: ParsedScript, frame: Frame): void {
  for (const statement of script.commands) walkStatement(walk, statement, frame);
}

/** Walks what substitutions of a word contain; they see a copy of the shell. */
export function walkGathered(walk: Walk, gathering: Gathering, frame: Frame, fed?: Text): void {
  for (const script of gathering.substitutions) walkInside(walk, script, frame, undefined);
  for (const { script, direction } of gathering.processes)
    walkInside(walk, script, frame, direction === ">" ? (fed ?? UNKNOWN) : undefined);
}

function walkInside(walk: Walk, script: Script, frame: Frame, stdin: Text | undefined): void {
  const error = (script as ParsedScript).errors?.[0]; // scripts of word parts are parsed scripts
  if (error !== undefined) giveUp(walk, `inside: ${error.message}`);
  walkScript(walk, script, {
    ...frame,
    scope: copyScope(frame.scope),
    source: script.source ?? frame.source,
    context: "substitution",
    stage: undefined,
    stdin,
  });
}

function walkStatement(walk: Walk, statement: Statement, frame: Frame): void {
  const node = statement.command;
  if (node.type !== "AndOr") {
    walkNode(walk, node, frame);
    return;
  }
  // What stands behind `&&` or `||` may or may not run: it sees what it sets, the rest doubts it.
  const [first, ...later] = node.commands;
  if (first !== undefined) walkNode(walk, first, frame);
  branch(frame, (scope) => {
    for (const command of later) walkNode(walk, command, { ...frame, scope });
  });
}

function branch(frame: Frame, run: (scope: Scope) => void): void {
  const scope = copyScope(frame.scope);
  run(scope);
  mergeBranch(frame.scope, scope);
}

function walkList(walk: Walk, list: CompoundList, frame: Frame): void {
  for (const statement of list.commands) walkStatement(walk, statement, frame);
}

function walkNode(walk: Walk, node: PipelineNode | CompoundList, frame: Frame): void {
  switch (node.type) {
    case "Command":
      walkCommand(walk, node, { frame, walkGathered });
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
      walkTwice(frame, (inner) => {
        walkList(walk, node.clause, inner);
        walkList(walk, node.body, inner);
      });
      return;
    case "ArithmeticFor":
      visitArithmetic(walk, node, frame);
      walkTwice(frame, (inner) => walkList(walk, node.body, inner));
      return;
    case "TestCommand":
    case "ArithmeticCommand":
      visitArithmetic(walk, node, frame);
      return;
    case "Function":
      defineFunction(walk, node, frame);
      return;
    case "Coproc":
      walkNode(walk, node.body, subshell(frame));
      return;
    default:
      unreachable(node);
  }
}

function walkIf(walk: Walk, node: Extract<PipelineNode, { type: "If" }>, frame: Frame): void {
  const arm = (list: CompoundList): void =>
    branch(frame, (scope) => walkList(walk, list, { ...frame, scope }));
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
    branch(frame, (scope) => walkList(walk, item.body, { ...frame, scope }));
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
    const stage: Stage = { from: index === 0 ? frame.stage?.from : from, members: [] };
    const scope = copyScope(frame.scope);
    walkNode(walk, element, { ...frame, scope, stage, stdin });
    const first = stage.members.length > 0 ? at : undefined;
    if (first !== undefined && before !== undefined) {
      for (const member of before.members) member.pipeTo ??= first;
    }
    // A group feeds the stage behind it too, and takes from the one before.
    frame.stage?.members.push(
      ...(index === 0 || index === node.commands.length - 1 ? stage.members : []),
    );
    stdin = outputOfNode(element, copyScope(frame.scope), { walk, stdin });
    from = first ?? from;
    before = stage;
  });
}

function walkRedirected(
  walk: Walk,
  node: Extract<PipelineNode, { type: "Redirected" }>,
  frame: Frame,
): void {
  const gathering = createGathering(walk, frame.scope);
  const { redirects, stdin } = readRedirects(node.redirects, gathering);
  if (redirects.length > 0) {
    bareStart(walk, { frame, assignments: [], redirects, stdin: undefined, processes: [] });
  }
  walkGathered(walk, gathering, frame);
  walkNode(walk, node.command, { ...frame, stdin: stdin ?? frame.stdin });
}

function walkFor(walk: Walk, node: For | Select, frame: Frame): void {
  const gathering = createGathering(walk, frame.scope);
  const values: Text[] = (node.wordlist ?? []).flatMap((word) =>
    evaluateWord(word, gathering).map((one) => (one.glob ? guessed(one.text) : one)),
  );
  walkGathered(walk, gathering, frame);
  const name = node.name.value;
  const body = frame.source.slice(node.body.pos, node.body.end);
  const rounds: Text[] = node.type === "Select" || node.wordlist === undefined ? [UNKNOWN] : values;
  const varies = body.includes(name);
  branch(frame, (scope) => {
    const inner: Frame = { ...frame, scope, context: loopContext(frame) };
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

function loopContext(frame: Frame): Frame["context"] {
  return frame.context === "top" ? "loop" : frame.context;
}

/** A body whose later rounds may see what earlier rounds set is walked again with those doubts. */
function walkTwice(frame: Frame, run: (inner: Frame) => void): void {
  const before = new Map(frame.scope.variables);
  branch(frame, (scope) => run({ ...frame, scope, context: loopContext(frame) }));
  const changed = [...frame.scope.variables].some(([name, value]) => before.get(name) !== value);
  if (changed && frame.depth < LOOP_DEPTH_MAX) {
    branch(frame, (scope) =>
      run({ ...frame, scope, context: loopContext(frame), depth: frame.depth + 4 }),
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
  walkNode(walk, node.body, { ...frame, scope, context: "function", stage: undefined });
}

/** Evaluates the words of tests and arithmetic for the substitutions that they hold. */
function visitExpansions(walk: Walk, node: SyntaxNode, frame: Frame): void {
  const gathering = createGathering(walk, frame.scope);
  visit(node, gathering);
  walkGathered(walk, gathering, frame);
}

function visitArithmetic(walk: Walk, node: SyntaxNode, frame: Frame): void {
  visitExpansions(walk, node, frame);
  const text = frame.source.slice(node.pos, node.end);
  for (const match of text.matchAll(/([A-Za-z_]\w*)\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)/g)) {
    setVariable(frame.scope, match[1] ?? "", UNKNOWN);
  }
}

function visit(node: SyntaxNode, gathering: Gathering): void {
  if (node.type === "Word") evaluateText(node, gathering);
  else if (node.type === "ArithmeticCommandExpansion" || node.type === "CommandExpansion") {
    if (node.script !== undefined) gathering.substitute(node.script);
  } else if (node.type !== "CompoundList" && node.type !== "Script") {
    forEachChild(node, (child) => visit(child, gathering));
  }
}
