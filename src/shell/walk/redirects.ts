import type { Redirect } from "../../model/index.js";
import type { Redirection } from "../syntax/parse-script.js";
import { evaluateText, type WordEnvironment } from "../words/evaluate.js";
import { valueOf, type Text } from "../words/text.js";
import { redirectedStdin } from "./words-of.js";

/** Redirects of a command: files by operator, and the text that feeds its standard input. */
export function readRedirects(
  nodes: readonly Redirection[],
  environment: WordEnvironment,
): { readonly redirects: readonly Redirect[]; readonly stdin: Text | undefined } {
  if (nodes.length === 0) return NONE;
  const redirects: Redirect[] = [];
  for (const node of nodes) {
    if (node.type !== "Redirect") continue;
    const target =
      node.target === undefined ? null : valueOf(evaluateText(node.target, environment));
    redirects.push({ op: node.operator, target });
  }
  return { redirects, stdin: redirectedStdin({ redirects: nodes }, environment) };
}

const NONE = { redirects: [], stdin: undefined } as const;
