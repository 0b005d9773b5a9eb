import type { Field } from "../words/text.js";
import type { StartFacts, Walk } from "./walk.js";

/**
 * A call of a function that this line or this session defined: its body, with the arguments known.
 * Answers whether there was one.
 */
export function callFunction(
  walk: Walk,
  name: string,
  fields: readonly Field[],
  facts: StartFacts,
): boolean {
  const { frame } = facts;
  const { scope } = frame;
  if (scope.functions.size === 0 && scope.knowledge.functions === undefined) return false;
  const own = scope.functions.get(name);
  const body = own === undefined ? scope.knowledge.functions?.get(name) : own;
  if (body === undefined || body === null) return false;
  if (frame.aliasing.includes(`${name}()`)) return false;
  const { positional, locals } = scope;
  scope.positional = fields.slice(1);
  scope.locals = new Map();
  walk.runText(body, {
    ...frame,
    context: "function",
    aliasing: [...frame.aliasing, `${name}()`],
  });
  for (const [local, before] of scope.locals) {
    if (before === undefined) scope.variables.delete(local);
    else scope.variables.set(local, before);
  }
  scope.positional = positional;
  scope.locals = locals;
  return true;
}
