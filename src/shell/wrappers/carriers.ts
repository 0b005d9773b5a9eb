import { copyScope } from "../walk/scope.js";
import { addInvocation, type Draft, type Frame, type StartFacts, type Walk } from "../walk/walk.js";
import type { Field } from "../words/text.js";
import { CARRIERS, INTERPRETERS, TEXT_VARIABLES, type Carrier } from "./carrier-table.js";
import { shellCalls } from "./interpreters.js";

/** Options, arguments and variables that carry shell text into programs that are no wrappers. */
export function runCarriers(
  walk: Walk,
  draft: Draft,
  fields: readonly Field[],
  facts: StartFacts,
): void {
  for (const { name, value } of facts.assignments) {
    if (TEXT_VARIABLES.has(name) && value !== null && value.trim() !== "")
      runText(walk, value, { draft, facts, context: "script" });
  }
  const name = draft.exec ?? "";
  const carriers = CARRIERS.get(name);
  if (carriers !== undefined) {
    for (const carrier of carriers) runCarrier(walk, carrier, { draft, fields, facts });
  }
  const interpreter = INTERPRETERS.get(name.replace(/[\d.]+$/, ""));
  if (interpreter !== undefined) {
    for (const code of interpreter.code(fields, facts.stdin)) {
      runInterpreted(walk, code, { draft, facts, quick: interpreter.backticks });
    }
  }
}

interface Carrying {
  readonly draft: Draft;
  readonly facts: StartFacts;
  readonly context: Frame["context"];
}

function runText(walk: Walk, text: string, { draft, facts, context }: Carrying): void {
  const { frame } = facts;
  const via = draft.exec === null ? frame.via : [...frame.via, draft.exec];
  const scope = copyScope(frame.scope);
  walk.runText(text, { ...frame, via, scope, context, stage: undefined, stdin: undefined });
}

function runCarrier(
  walk: Walk,
  carrier: Carrier,
  { draft, fields, facts }: { draft: Draft; fields: readonly Field[]; facts: StartFacts },
): void {
  for (let i = 1; i < fields.length; i++) {
    const value = carriedValue(carrier, fields, i);
    const text = value === null ? null : (carrier.pattern?.exec(value.text)?.[1] ?? null);
    const carried = carrier.pattern === undefined ? (value?.text ?? null) : text;
    if (carried !== null && value !== null) {
      if (value.known) runText(walk, carried, { draft, facts, context: "script" });
      else runUnknown(walk, { draft, facts, context: "script" });
    }
  }
}

function carriedValue(carrier: Carrier, fields: readonly Field[], i: number): Field | null {
  const word = fields[i];
  if (word === undefined) return null;
  if (carrier.options === undefined) return word;
  for (const option of carrier.options) {
    if (word.text === option) return fields[i + 1] ?? null;
    const attached = option.startsWith("--") ? `${option}=` : option;
    if (word.text.length > attached.length && word.text.startsWith(attached))
      return { ...word, text: word.text.slice(attached.length) };
  }
  return null;
}

function runInterpreted(
  walk: Walk,
  code: Field,
  { draft, facts, quick }: { draft: Draft; facts: StartFacts; quick: boolean },
): void {
  const carrying: Carrying = { draft, facts, context: "interpreter" };
  if (!code.known) {
    runUnknown(walk, carrying);
    return;
  }
  for (const call of shellCalls(code.text, quick)) {
    if (call === null) runUnknown(walk, carrying);
    else runText(walk, call, carrying);
  }
}

function runUnknown(walk: Walk, { draft, facts, context }: Carrying): void {
  const unknown: Draft = {
    argv: [null],
    exec: null,
    via: [...facts.frame.via, draft.exec ?? ""],
    redirects: [],
    context,
    assignments: [],
    dynamic: true,
  };
  addInvocation(walk, unknown, { ...facts.frame, stage: undefined });
}
