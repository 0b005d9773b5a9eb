import { constantOutput } from "../fold/output.js";
import type { ParsedScript, PipelineNode, Script, Statement } from "../syntax/parse-script.js";
import { VALUE_CHARS_MAX } from "../limits.js";
import {
  evaluateBody,
  evaluateText,
  evaluateWord,
  type WordEnvironment,
} from "../words/evaluate.js";
import { guessed, known, UNKNOWN, type Field, type Text } from "../words/text.js";
import { copyScope, setVariable, type Scope } from "./scope.js";
import { parseOneWord, type Walk } from "./walk.js";

export interface GatheredProcess {
  readonly script: Script;
  readonly output: Text;
  /** `<`: the command reads it. `>`: it is fed by the command. */
  readonly direction: "<" | ">";
}

/** A word environment that also gathers what has to be walked afterwards. */
export interface Gathering extends WordEnvironment {
  readonly substitutions: Script[];
  readonly processes: GatheredProcess[];
}

export function createGathering(walk: Walk, scope: Scope): Gathering {
  const substitutions: Script[] = [];
  const processes: GatheredProcess[] = [];
  return {
    scope,
    substitutions,
    processes,
    substitute(script) {
      substitutions.push(script);
      const output = outputOf(script, scope, walk);
      return { text: output.text.replace(/\n+$/, ""), known: output.known };
    },
    noteProcess(script, direction) {
      processes.push({ script, output: outputOf(script, scope, walk), direction });
    },
    parseWord: (text) => parseOneWord(walk, text),
  };
}

/** Constant output of a script, as far as every statement of it has one. */
export function outputOf(script: ParsedScript, scope: Scope, walk: Walk): Text {
  const inner = copyScope(scope);
  let text = "";
  let certain = true;
  for (const statement of script.commands) {
    const output = outputOfStatement(statement, inner, walk);
    if (!output.known) certain = false;
    text += output.text;
    if (text.length > VALUE_CHARS_MAX) return UNKNOWN;
  }
  return { text, known: certain };
}

function outputOfStatement(statement: Statement, scope: Scope, walk: Walk): Text {
  if (statement.command.type === "AndOr") {
    const first = statement.command.commands[0];
    if (first === undefined) return UNKNOWN;
    return guessed(outputOfNode(first, scope, { walk, stdin: undefined }).text);
  }
  return outputOfNode(statement.command, scope, { walk, stdin: undefined });
}

interface OutputCase {
  readonly walk: Walk;
  readonly stdin: Text | undefined;
}

/** Constant output of one element of a pipeline, fed with `stdin`. */
export function outputOfNode(node: PipelineNode, scope: Scope, given: OutputCase): Text {
  switch (node.type) {
    case "Command":
      return outputOfCommand(node, scope, given);
    case "Pipeline": {
      let text = given.stdin;
      for (const element of node.commands) {
        text = outputOfNode(element, scope, { walk: given.walk, stdin: text });
      }
      return text ?? UNKNOWN;
    }
    case "Subshell":
    case "BraceGroup": {
      let text = "";
      let certain = true;
      for (const statement of node.body.commands) {
        const output = outputOfStatement(statement, scope, given.walk);
        if (!output.known) certain = false;
        text += output.text;
      }
      return { text, known: certain };
    }
    case "If":
    case "For":
    case "ArithmeticFor":
    case "Select":
    case "While":
    case "Case":
    case "TestCommand":
    case "ArithmeticCommand":
    case "Redirected":
    case "Function":
    case "Coproc":
      return UNKNOWN;
  }
}

function outputOfCommand(
  node: Extract<PipelineNode, { type: "Command" }>,
  scope: Scope,
  { walk, stdin }: OutputCase,
): Text {
  const environment = createGathering(walk, scope);
  if (node.name === undefined) {
    for (const prefix of node.prefix) {
      if (prefix.type === "Assignment" && prefix.value.type === "Word")
        setVariable(scope, prefix.name, evaluateText(prefix.value, environment));
    }
    return known("");
  }
  const fields = evaluateWord(node.name, environment);
  for (const argument of node.args) {
    if (argument.type === "Word") fields.push(...evaluateWord(argument, environment));
    else fields.push({ text: argument.text, known: true, glob: false });
  }
  const input = redirectedStdin(node, environment) ?? stdin;
  if (node.redirects.some((redirect) => redirect.operator.startsWith(">"))) return UNKNOWN;
  return foldFields(fields, input);
}

function foldFields(fields: readonly Field[], stdin: Text | undefined): Text {
  const certain = fields.every((one) => one.known);
  const argv = fields.map((one) => one.text);
  const located = locatedCommand(argv);
  if (located !== null) return guessed(located);
  const output = constantOutput(argv, stdin?.text ?? null);
  if (output === null || output.length > VALUE_CHARS_MAX) return UNKNOWN;
  return { text: output, known: certain && (stdin?.known ?? true) };
}

/** `$(which rm)` is most likely rm, wherever it lives. */
function locatedCommand(argv: readonly string[]): string | null {
  const finds =
    argv[0] === "which" || (argv[0] === "command" && argv[1] === "-v") || argv[0] === "type";
  const name = argv.at(-1) ?? "";
  return finds && argv.length > 1 && /^[\w.+-]+$/.test(name) ? `${name}\n` : null;
}

/** Text that a here-document or here-string feeds, when there is one. */
export function redirectedStdin(
  node: { readonly redirects: Extract<PipelineNode, { type: "Command" }>["redirects"] },
  environment: WordEnvironment,
): Text | undefined {
  let stdin: Text | undefined;
  for (const redirect of node.redirects) {
    if (redirect.type === "HereString") {
      const text =
        redirect.target === undefined ? UNKNOWN : evaluateText(redirect.target, environment);
      stdin = { text: `${text.text}\n`, known: text.known };
    } else if (redirect.type === "HereDoc") {
      stdin = evaluateBody(redirect.body.text, redirect.body.parts, environment);
    } else if (redirect.operator === "<" || redirect.operator === "<>") {
      stdin = redirect.target === undefined ? UNKNOWN : fileText(redirect.target, environment);
    }
  }
  return stdin;
}

function fileText(target: Parameters<typeof evaluateText>[0], environment: WordEnvironment): Text {
  const path = evaluateText(target, environment);
  const { scope } = environment;
  const written = scope.files.get(path.text);
  if (written !== undefined) return written;
  const learnt = scope.knowledge.files?.get(path.text);
  return learnt === undefined ? UNKNOWN : known(learnt);
}
