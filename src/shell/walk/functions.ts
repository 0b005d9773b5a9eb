import type { Field } from "../words/text.js";
import { copyScope, mergeBranch } from "./scope.js";
import type { StartFacts, Walk } from "./walk.js";

/** A call of a function that this line or this session defined: its body, with the arguments known. */
export function callFunction(
  walk: Walk,
  name: string,
  fields: readonly Field[],
  facts: StartFacts,
): void {
  const { frame } = facts;
  const own = frame.scope.functions.get(name);
  const body = own === undefined ? frame.scope.knowledge.functions?.get(name) : own;
  if (body === undefined || body === null) return;
  if (frame.aliasing.includes(`${name}()`)) return;
  const scope = copyScope(frame.scope);
  scope.positional = fields.slice(1);
  walk.runText(body, {
    ...frame,
    scope,
    context: "function",
    stdin: facts.stdin,
    aliasing: [...frame.aliasing, `${name}()`],
  });
  scope.positional = frame.scope.positional;
  mergeBranch(frame.scope, scope);
}
