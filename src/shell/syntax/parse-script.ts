// The one door to the shell parser (unbash). Nobody else imports it.
import { parse, forEachChild } from "unbash";
import type { ParseError, ParsedScript, SyntaxNode } from "unbash";
import { NESTING_MAX } from "../limits.js";
import { bracketDepth } from "./nesting.js";

export type {
  ArithmeticExpression,
  Assignment,
  Case,
  Command,
  CommandArgument,
  CommandNode,
  CompoundList,
  DoubleQuotedChild,
  For,
  Function as FunctionNode,
  HereDoc,
  ParameterExpansionPart,
  ParameterOperation,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Redirection,
  Script,
  Select,
  Statement,
  SyntaxNode,
  TestExpression,
  Word,
  WordPart,
} from "unbash";
export { forEachChild };

export type ParseOutcome =
  | { readonly ok: true; readonly script: ParsedScript; readonly errors: readonly ParseError[] }
  | { readonly ok: false; readonly reason: string };

/** Parses text as bash. Total: hostile text is refused by a pre-count, and whatever is thrown is a reason. */
export function parseScript(text: string): ParseOutcome {
  if (bracketDepth(text) > NESTING_MAX) {
    return { ok: false, reason: `brackets nested deeper than ${NESTING_MAX}` };
  }
  try {
    const script = parse(text);
    return { ok: true, script, errors: script.errors ?? NO_ERRORS };
  } catch {
    return { ok: false, reason: "the shell parser gave up" };
  }
}

const NO_ERRORS: readonly ParseError[] = [];

/** Here-documents of a script, wherever they stand, substitutions excepted. */
export function hasOpenHereDocument(node: SyntaxNode): boolean {
  if (node.type === "HereDoc") return node.closing === undefined;
  if (node.type === "Word" || node.type === "Assignment") return false;
  let open = false;
  forEachChild(node, (child) => {
    if (!open && hasOpenHereDocument(child)) open = true;
  });
  return open;
}
