import { commandsMatching } from "../known-commands.js";
import { WRAPPERS_MAX } from "../limits.js";
import { valueOf, type Field } from "../words/text.js";
import { runCarriers } from "../wrappers/carriers.js";
import { unwrap } from "../wrappers/unwrap.js";
import { applyBuiltin } from "./builtins.js";
import { callFunction } from "./functions.js";
import {
  addInvocation,
  giveUp,
  type Draft,
  type Frame,
  type StartFacts,
  type Walk,
} from "./walk.js";

/**
 * A program start: notes the invocation, then everything that it starts in turn. A command word that
 * only the target can know yields an invocation without a name, and one for each likely candidate.
 */
export function start(walk: Walk, fields: readonly Field[], facts: StartFacts): void {
  const head = fields[0];
  if (head === undefined) {
    bareStart(walk, facts);
    return;
  }
  if (head.known && !head.glob) {
    startKnown(walk, fields, facts);
    return;
  }
  addInvocation(walk, draftOf(fields, facts, null), facts.frame);
  const candidates = head.glob ? commandsMatching(head.text) : guessedCommand(head.text);
  const frame: Frame = { ...facts.frame, doubtful: true };
  for (const candidate of candidates) {
    const first: Field = { text: candidate, known: true, glob: false };
    startKnown(walk, [first, ...fields.slice(1)], { ...facts, frame });
  }
}

/** Assignments or redirects without a command. */
export function bareStart(walk: Walk, facts: StartFacts): void {
  const draft: Draft = { ...draftOf([], facts, null), dynamic: false };
  addInvocation(walk, draft, facts.frame);
  runCarriers(walk, draft, [], facts);
}

function startKnown(walk: Walk, fields: readonly Field[], facts: StartFacts): void {
  const name = fields[0]?.text ?? "";
  const exec = name.slice(name.lastIndexOf("/") + 1);
  const draft = draftOf(fields, facts, exec);
  if (name.includes("/")) draft.path = name;
  draft.dynamic = facts.frame.doubtful;
  if (!addInvocation(walk, draft, facts.frame)) return;
  if (facts.frame.via.length >= WRAPPERS_MAX) {
    giveUp(walk, `more than ${WRAPPERS_MAX} wrappers around a command`);
    return;
  }
  applyBuiltin(walk, draft, fields, facts.frame);
  unwrap(walk, { draft, fields, facts, start });
  runCarriers(walk, draft, fields, facts);
  callFunction(walk, name, fields, facts);
}

function draftOf(fields: readonly Field[], facts: StartFacts, exec: string | null): Draft {
  const { frame } = facts;
  const draft: Draft = {
    argv: fields.map(valueOf),
    exec,
    via: frame.via,
    redirects: facts.redirects,
    context: frame.context,
    assignments: facts.assignments,
    dynamic: true,
  };
  if (frame.runas !== undefined) draft.runas = frame.runas;
  if (facts.stdin?.known === true) draft.stdin = facts.stdin.text;
  const { cwd, knowledge } = frame.scope;
  if (cwd !== (knowledge.cwd ?? null)) draft.cwd = cwd;
  return draft;
}

function guessedCommand(text: string): readonly string[] {
  return /^[\w./+-]*[\w]$/.test(text) ? [text] : [];
}
